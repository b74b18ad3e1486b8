use std::collections::HashSet;

/// Values that are never found.
#[derive(Default)]
pub(super) struct Allowed {
    whole: HashSet<String>,
    ends: Vec<String>,
}

impl Allowed {
    pub(super) fn new(values: &[String]) -> Self {
        let mut allowed = Self::default();
        for value in values {
            match value.strip_prefix('*') {
                Some("") => {}
                Some(end) => allowed.ends.push(end.to_lowercase()),
                None => {
                    allowed.whole.insert(value.to_lowercase());
                }
            }
        }
        allowed
    }

    pub(super) fn has(&self, value: &str) -> bool {
        if self.whole.is_empty() && self.ends.is_empty() {
            return false;
        }
        let value = value.to_lowercase();
        self.whole.contains(&value) || self.ends.iter().any(|end| value.ends_with(end))
    }
}
