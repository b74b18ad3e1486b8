//! Where a JSON object ends that comes in fragments.

/// Counts the braces of an object, and skips what is in strings.
#[derive(Debug, Default)]
pub(super) struct Braces {
    depth: u32,
    opened: bool,
    in_string: bool,
    escaped: bool,
}

impl Braces {
    pub(super) fn read(&mut self, fragment: &str) {
        for byte in fragment.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                b'{' if !self.in_string => {
                    self.opened = true;
                    self.depth = self.depth.saturating_add(1);
                }
                b'}' if !self.in_string => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// Whether an object has begun and ended.
    pub(super) const fn are_closed(&self) -> bool {
        self.opened && self.depth == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_closed_when_its_last_brace_is() {
        let closed = |fragments: &[&str]| {
            let mut braces = Braces::default();
            fragments.iter().for_each(|fragment| braces.read(fragment));
            braces.are_closed()
        };
        assert!(closed(&["{", "}"]) && closed(&[r#"{"a":{"b":"}"#, r#"\"}"}}"#]) && closed(&["{}"]));
        assert!(!closed(&[""]) && !closed(&["{"]) && !closed(&[r#"{"a":"}"#]) && !closed(&[r#"{"a":"\"#, r#"""#, "}"]));
    }
}
