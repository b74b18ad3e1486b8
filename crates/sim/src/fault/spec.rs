//! The grammar of faults.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Fault, Instead, Until};

/// A fault that was asked for in words that mean nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError {
    word: String,
    reason: &'static str,
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {:?}: {}", self.word, self.reason)
    }
}

impl std::error::Error for FaultError {}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(spec: &str) -> Result<Self, FaultError> {
        let mut fault = Self::default();
        for word in spec.split([';', '+']).map(str::trim) {
            fault.read(word).map_err(|reason| FaultError { word: word.chars().take(64).collect(), reason })?;
        }
        Ok(fault)
    }
}

impl Fault {
    fn read(&mut self, word: &str) -> Result<(), &'static str> {
        // Words without a value come first: `tool-index-from-1` is a word, not a value of 1.
        if self.read_bare(word) {
            return Ok(());
        }
        let (name, value) = word
            .split_once('=')
            .or_else(|| word.rsplit_once('-').filter(|(_, value)| value.parse::<u64>().is_ok()))
            .unwrap_or(("", word));
        match name {
            // A number alone is a status: the model `fault-429`.
            "status" | "" => {
                let status = value.parse().ok().filter(|status| (400..600).contains(status));
                self.instead = Instead::Status(status.ok_or("neither a known word nor a status of 400 to 599")?);
            }
            "retry-after" => {
                http::HeaderValue::from_str(value).map_err(|_| "not a header value")?;
                self.retry_after = Some(value.to_owned());
            }
            "retry-after-ms" => self.retry_after_ms = Some(number(value)?),
            "should-retry" => self.should_retry = Some(value.parse().map_err(|_| "not true or false")?),
            "slow" => self.slow = Some(Duration::from_millis(number(value)?)),
            "pace" => self.pace = Some(Duration::from_millis(number(value)?)),
            "reset-after" => self.until = Until::Reset(number(value)?),
            "stall" => self.until = Until::Stall(number(value)?),
            "cut" => self.until = Until::Cut(number(value)?),
            "error-in-stream" => self.until = Until::Error(number(value)?),
            _ => return Err("unknown word"),
        }
        Ok(())
    }

    fn read_bare(&mut self, word: &str) -> bool {
        match word {
            "insufficient-quota" => self.instead = Instead::Quota,
            "html" => self.instead = Instead::Html,
            "empty" => self.instead = Instead::Empty,
            "reset" => self.instead = Instead::Reset,
            "hang" => self.instead = Instead::Hang,
            "no-done" => self.edits.no_done = true,
            "garbage" => self.edits.garbage = true,
            "invalid-json" => self.edits.invalid_json = true,
            "no-role" => self.edits.no_role = true,
            "no-finish-key" => self.edits.no_finish_key = true,
            "no-usage" => self.edits.no_usage = true,
            "usage-in-last" => self.edits.usage_in_last = true,
            "repeat-tool-id" => self.edits.repeat_tool_id = true,
            "tool-index-from-1" => self.edits.tool_index_from_1 = true,
            "no-tool-index" => self.edits.no_tool_index = true,
            "tear" => self.framing.tear = true,
            "crlf" => self.framing.crlf = true,
            "bom" => self.framing.bom = true,
            "comments" => self.framing.comments = true,
            "bad-crc" => self.framing.bad_crc = true,
            _ => return false,
        }
        true
    }
}

fn number<T: FromStr>(value: &str) -> Result<T, &'static str> {
    value.parse().map_err(|_| "not a number")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(spec: &str) -> Fault {
        spec.parse().unwrap()
    }

    #[test]
    fn one_grammar_for_headers_and_model_names() {
        assert_eq!(parsed("429"), Fault::status(429));
        assert_eq!(parsed("status-429+retry-after-2"), parsed("status=429; retry-after=2"));
        assert_eq!(parsed("reset-after-3"), Fault::reset_after(3));
        assert_eq!(parsed("stall=0"), Fault::stall_after(0));
        assert!(parsed("tool-index-from-1").edits.tool_index_from_1);
        assert_eq!(parsed("retry-after-ms=20").retry_after_ms, Some(20));
        assert!(parsed("tear;crlf").framing.tear);
    }

    #[test]
    fn nonsense_is_named() {
        for spec in ["", "status=200", "999", "stall", "stall=x", "wibble", "wibble=3", ";;", "should-retry=maybe"] {
            assert!(spec.parse::<Fault>().is_err(), "{spec}");
        }
        let error = "429;wibble=3".parse::<Fault>().unwrap_err();
        assert_eq!(error.to_string(), "fault \"wibble=3\": unknown word");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(spec in ".{0,40}") {
            let _ = spec.parse::<Fault>();
        }
    }
}
