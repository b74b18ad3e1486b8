//! What was left out or bent on the way to a provider, told in `x-llm-warning`.

use std::fmt::Write as _;

use http::HeaderValue;
use llm_layers_core::Failure;

/// More of them say nothing more, and a header has its limits.
const MAX: usize = 32;

/// The notices of one request.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    strict: bool,
    notices: Vec<String>,
}

impl Warnings {
    /// In strict mode what would be left out or bent is refused instead.
    pub(crate) const fn new(strict: bool) -> Self {
        Self { strict, notices: Vec::new() }
    }

    /// A member was left out.
    pub(crate) fn dropped(&mut self, param: &str, reason: &'static str) -> Result<(), Failure> {
        if self.strict {
            return Err(refused(param, &format!("`{param}` is not supported by this provider ({reason}).")));
        }
        self.add(format!("dropped;param={};reason={reason}", token(param)));
        Ok(())
    }

    /// A member was left out that a provider which refuses what it does not know need not refuse.
    pub(crate) fn left_out(&mut self, param: &str, reason: &'static str) {
        self.add(format!("dropped;param={};reason={reason}", token(param)));
    }

    /// A number was moved into the range that the provider has.
    pub(crate) fn clamped(&mut self, param: &'static str, from: f64, to: f64) -> Result<(), Failure> {
        if self.strict {
            return Err(refused(param, &format!("`{param}` must be at most {to} for this provider.")));
        }
        self.add(format!("clamped;param={param};from={from};to={to}"));
        Ok(())
    }

    /// Something was expressed by other means, which is not quite the same. Also done in strict mode.
    pub(crate) fn emulated(&mut self, param: &'static str, reason: &'static str) {
        self.add(format!("emulated;param={param};reason={reason}"));
    }

    fn add(&mut self, notice: String) {
        if self.notices.len() < MAX && !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// `x-llm-warning`, if there is something to tell.
    pub(crate) fn into_header(self) -> Option<HeaderValue> {
        let mut list = String::new();
        for notice in &self.notices {
            let comma = if list.is_empty() { "" } else { ", " };
            let _ = write!(list, "{comma}{notice}");
        }
        if list.is_empty() { None } else { HeaderValue::try_from(list).ok() }
    }
}

fn refused(param: &str, message: &str) -> Failure {
    Failure::bad_request(message).with_param(param).with_code("unsupported_parameter")
}

/// A name that a client made up goes into a header only if it looks like a member's name.
fn token(param: &str) -> &str {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=40).contains(&param.len()) && param.bytes().all(legal) { param } else { "unknown" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_a_list_of_tokens_and_never_a_clients_words() {
        let mut warnings = Warnings::new(false);
        warnings.dropped("seed", "unsupported").expect("lenient");
        warnings.dropped("seed", "unsupported").expect("lenient");
        warnings.clamped("temperature", 1.7, 1.0).expect("lenient");
        warnings.dropped("a,b;c\r\nx: y", "unknown").expect("lenient");
        let header = warnings.into_header().expect("notices");
        let all = "dropped;param=seed;reason=unsupported, clamped;param=temperature;from=1.7;to=1, \
                   dropped;param=unknown;reason=unknown";
        assert_eq!(header, all);
        assert!(Warnings::new(true).into_header().is_none());
    }

    #[test]
    fn strict_refuses_by_name() {
        let failure = Warnings::new(true).dropped("seed", "unsupported").expect_err("strict");
        assert_eq!(failure.error().param.as_deref(), Some("seed"));
        assert_eq!(failure.error().code.as_deref(), Some("unsupported_parameter"));
    }

    #[test]
    fn a_flood_of_members_makes_no_flood_of_notices() {
        let mut warnings = Warnings::new(false);
        for n in 0..1000 {
            warnings.dropped(&format!("m{n}"), "unknown").expect("lenient");
        }
        assert!(warnings.into_header().expect("notices").len() < 2000);
    }
}
