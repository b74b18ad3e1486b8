//! Plain answers, and another name in them.

use std::{borrow::Cow, mem};

use http::Response;
use http_body::Body as _;
use llm_layers_core::{Body, Failure, FailureKind, head};
use llm_layers_wire::json::{self, Limits};

use super::Name;

/// A longer plain answer passes as it comes.
const MAX_PLAIN: usize = 32 << 20;

/// Providers may say a thing twice. Where an answer has been split the last counts; where it is only looked through, the first.
pub(super) const LIMITS: Limits = Limits::LENIENT.with_max_bytes(MAX_PLAIN);

/// Waits for all of a plain answer, where the name in it is to be changed: it may stand at the end.
pub(crate) async fn read_plain(response: &mut Response<Body>) {
    if response.body().size_hint().lower() > MAX_PLAIN as u64 {
        return;
    }
    if response.body_mut().read_ahead(MAX_PLAIN).await.is_err() {
        let failure = Failure::bad_gateway("The provider's answer broke off.").with_kind(FailureKind::Unreachable);
        *response = failure.into_response();
    }
}

impl Name {
    /// Puts this name into a plain answer that nobody has split, and gives the one that it had. What follows the name is
    /// not looked at.
    pub(super) fn put_into_text(&self, response: &mut Response<Body>) -> Option<String> {
        let text = response.body().as_bytes()?;
        let place = json::find(text, "model", &LIMITS).ok()??;
        let told = text.get(place.clone())?;
        let model = json::text(told).map(Cow::into_owned);
        if self.differs_from(told) && response.body_mut().splice(place, self.text()) {
            let renamed = mem::take(response.body_mut());
            replace(response, renamed);
        }
        model
    }

    /// Puts this name into a plain answer that has been split.
    pub(super) fn put_into(&self, response: &mut Response<Body>) {
        if let Some(renamed) = response.body().as_object().and_then(|object| self.renamed(object)) {
            replace(response, Body::from(renamed));
        }
    }
}

/// Puts a body in the place of another, and makes the head right for it.
fn replace(response: &mut Response<Body>, body: Body) {
    head::body_replaced(response.headers_mut(), &body);
    *response.body_mut() = body;
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_LENGTH, ETAG};

    use super::*;

    fn answer(text: &str) -> Response<Body> {
        let response = Response::builder().header(CONTENT_LENGTH, text.len()).header(ETAG, "\"old\"");
        response.body(Body::from(text.to_owned())).unwrap()
    }

    /// The model that an answer has told, and what it has become.
    fn renamed(text: &str, name: &str) -> (Option<String>, String) {
        let mut response = answer(text);
        let model = Name::new(name).put_into_text(&mut response);
        let body = response.body().as_bytes().expect("short ones stay in one piece");
        assert_eq!(response.headers()[CONTENT_LENGTH], body.len().to_string(), "{text}");
        assert_eq!(response.headers().contains_key(ETAG), body == text.as_bytes(), "{text}");
        (model, String::from_utf8_lossy(body).into_owned())
    }

    #[test]
    fn the_name_is_put_where_the_other_stands() {
        for (text, name, expected) in [
            (r#"{"id":"a", "model" : "real" ,"n":1.0}"#, "b", r#"{"id":"a", "model" : "b" ,"n":1.0}"#),
            (
                r#"{"choices":[{"model":"x"}],"model":"real"}"#,
                "longer",
                r#"{"choices":[{"model":"x"}],"model":"longer"}"#,
            ),
            (r#"{"a":"\"model\":\"x\"","model":"re\u0061l"}"#, "b", r#"{"a":"\"model\":\"x\"","model":"b"}"#),
            (r#"{"\u006dodel":"real"}"#, "b", r#"{"\u006dodel":"b"}"#),
            (r#"{"model":"real"}"#, "a \"b\"\\\n\u{e9}", "{\"model\":\"a \\\"b\\\"\\\\\\n\u{e9}\"}"),
            ("\n { \"model\":\"real\" } \n", "b", "\n { \"model\":\"b\" } \n"),
            // What follows is as it came.
            (r#"{"model":"real","n":01"#, "b", r#"{"model":"b","n":01"#),
        ] {
            assert_eq!(renamed(text, name), (Some("real".into()), expected.into()));
        }
    }

    #[test]
    fn what_has_no_name_or_this_one_stays_as_it_is() {
        for (text, model) in [
            (r#"{"id":"a","model":"b","n":1}"#, Some("b")),
            (r#"{"id":"a","choices":[{"model":"x"}]}"#, None),
            (r#"{"model":null}"#, None),
            (r#"{"model":["real"]}"#, None),
            (r#"{"Model":"real"}"#, None),
            (r#"[{"model":"real"}]"#, None),
            (r#"{"n":01,"model":"real"}"#, None),
            (r#"{"model":"real"#, None),
            ("", None),
        ] {
            assert_eq!(renamed(text, "b"), (model.map(str::to_owned), text.into()));
        }
    }

    #[tokio::test]
    async fn long_answers_are_renamed_without_a_copy() {
        for length in [8100, 8190, 8191, 8192, 8193, 100_000] {
            for (before, after) in [(0, length), (length, 0), (length / 2, length / 2)] {
                let text =
                    |name| format!(r#"{{"a":"{}","model":"{name}","b":"{}"}}"#, "x".repeat(before), "y".repeat(after));
                let (given, expected) = (text("real"), text("another"));
                let mut response = answer(&given);
                assert_eq!(Name::new("another").put_into_text(&mut response).as_deref(), Some("real"));
                assert_eq!(response.headers()[CONTENT_LENGTH], expected.len().to_string());
                assert_eq!(response.body().content_length(), Some(expected.len() as u64));
                assert_eq!(response.body().as_bytes().is_some(), expected.len() <= 8192);
                assert_eq!(response.body_mut().bytes(expected.len()).await.unwrap(), expected);
            }
        }
    }

    #[tokio::test]
    async fn what_is_split_is_renamed_as_an_object() {
        let mut response = answer(r#"{"model":"x","model":"real"}"#);
        response.body_mut().object(&LIMITS).await.unwrap();
        assert_eq!(Name::new("b").put_into_text(&mut response), None);
        Name::new("b").put_into(&mut response);
        assert_eq!(response.headers()[CONTENT_LENGTH], "13");
        assert_eq!(response.body_mut().bytes(13).await.unwrap(), r#"{"model":"b"}"#);
    }
}
