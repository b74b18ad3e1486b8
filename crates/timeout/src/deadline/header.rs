use std::time::Duration;

use http::{HeaderMap, HeaderName};
use llm_layers_core::{Failure, duration};

/// How long a client is ready to wait.
pub(super) const TIMEOUT: HeaderName = HeaderName::from_static("x-llm-timeout");

/// Takes the client's time out of the headers, if it names one.
pub(super) fn take(headers: &mut HeaderMap) -> Result<Option<Duration>, Failure> {
    let Some(value) = headers.get(&TIMEOUT) else { return Ok(None) };
    let time = value.to_str().ok().and_then(|text| duration::parse_or_seconds(text.trim()));
    let lines = headers.get_all(&TIMEOUT).iter().count();
    headers.remove(&TIMEOUT);
    // Of two that differ neither is what the client wants.
    time.filter(|time| lines == 1 && !time.is_zero()).map(Some).ok_or_else(|| {
        let message = "The header `x-llm-timeout` must be one time above zero: seconds such as `30` or `1.5`, or a \
                       number and a unit, such as `500ms`, `2m` or `1h`.";
        Failure::bad_request(message).with_param(TIMEOUT.as_str()).with_code("invalid_value")
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[&[u8]]) -> Result<Option<Duration>, Failure> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(TIMEOUT, HeaderValue::from_bytes(line).expect("a value"));
        }
        let time = take(&mut headers);
        assert!(headers.is_empty(), "it is taken out, good or bad");
        time
    }

    #[test]
    fn it_is_one_time() {
        assert_eq!(read(&[]).expect("absent"), None);
        assert_eq!(read(&[b"1.5"]).expect("good"), Some(Duration::from_millis(1500)));
        assert_eq!(read(&[b" 2m "]).expect("good"), Some(Duration::from_secs(120)));
        for bad in [&[&b"soon"[..]][..], &[b"0"], &[b""], &[b"\xff"], &[b"1", b"2"], &[b"-1"]] {
            let failure = read(bad).expect_err("bad");
            assert_eq!(failure.status(), 400);
            assert_eq!(failure.error().param.as_deref(), Some("x-llm-timeout"));
        }
    }
}
