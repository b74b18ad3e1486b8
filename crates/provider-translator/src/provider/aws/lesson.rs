//! What a refusal of AWS's teaches for the next call: the time there, or that the credentials are over.
//!
//! Nothing is sent again here. What the next call does better is told as a 503 that is worth another try, for whatever
//! tries again above; what it cannot do better stays what it is.
//!
//! Source: the words of `InvalidSignatureException` (aws/aws-sdk-js#527, #1652: "Signature expired: … is now earlier
//! than …", "Signature not yet current: …"), and the codes that AWS's SDKs take for a clock that is off
//! (`RequestTimeTooSkewed`, `RequestExpired`, `RequestInTheFuture`); read in November 2026.

use std::{
    sync::{PoisonError, atomic::Ordering},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode, header::DATE};
use llm_layers_core::Failure;
use serde_json::Value;

use super::Signer;
use crate::errors::{Class, Report};

/// A signature is good for five minutes to either side: a clock that is nearly so far off is to blame.
const FAR: i64 = 4 * 60;

/// For so long after credentials were renewed, those that are over are the ones before.
const UNDER_WAY: Duration = Duration::from_secs(60);

impl Signer {
    /// The time at AWS, as far as it is known.
    pub(super) fn time(&self, now: SystemTime) -> SystemTime {
        let offset = self.offset.load(Ordering::Relaxed);
        let seconds = Duration::from_secs(offset.unsigned_abs());
        let there = if offset < 0 { now.checked_sub(seconds) } else { now.checked_add(seconds) };
        there.unwrap_or(now)
    }

    /// Learns of a refusal what there is to learn, and tells the client what it is to make of it.
    pub(crate) fn learn(
        &self,
        failure: Failure,
        status: StatusCode,
        headers: &HeaderMap,
        now: SystemTime,
        provider: &str,
    ) -> Failure {
        let (code, message) = match name(&failure) {
            "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
                if self.learn_time(&failure, headers, now) =>
            {
                ("upstream_clock_skew", "The clock here was not that of the provider, whose time is known now.")
            }
            "ExpiredTokenException" | "ExpiredToken" if self.forget(self.time(now)) => {
                ("upstream_credentials_expired", "The credentials were over, and new ones will be asked for.")
            }
            _ => return failure,
        };
        tracing::warn!(provider, code, "a signed call was refused");
        let (kind, id) = (name(&failure).to_owned(), native(&failure, "request_id").map(str::to_owned));
        let report =
            Report { message: Some(message.to_owned()), kind: Some(kind), request_id: id, ..Report::default() };
        report.into_failure(Class::Overloaded, status.as_u16(), provider).with_code(code)
    }

    /// Whether the clock was to blame, and the time there is known.
    fn learn_time(&self, failure: &Failure, headers: &HeaderMap, now: SystemTime) -> bool {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(there) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return false };
        let (name, message) = (name(failure), &failure.error().message);
        let says_so = name.starts_with("Request")
            || message.starts_with("Signature expired")
            || message.starts_with("Signature not yet current");
        if !says_so && seconds(self.time(now), there).abs() < FAR {
            return false;
        }
        self.offset.store(seconds(now, there), Ordering::Relaxed);
        true
    }

    /// Forgets credentials that are over. Whether there may be others: not where the source has given these twice.
    fn forget(&self, now: SystemTime) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let Some(over) = known.as_ref() else { return true };
        let id = over.credentials.access_key_id().to_owned();
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = now.duration_since(over.since).is_ok_and(|age| age < UNDER_WAY);
        if is_new && refused.as_ref().is_some_and(|refused| *refused != id) {
            // A call that was under way while others learnt the same: these came after it was signed.
            return true;
        }
        *known = None;
        refused.replace(id.clone()) != Some(id)
    }
}

fn seconds(from: SystemTime, to: SystemTime) -> i64 {
    let whole = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    match to.duration_since(from) {
        Ok(ahead) => whole(ahead.as_secs()),
        Err(behind) => -whole(behind.duration().as_secs()),
    }
}

/// What AWS calls the error.
fn name(failure: &Failure) -> &str {
    native(failure, "type").unwrap_or_default()
}

fn native<'a>(failure: &'a Failure, member: &str) -> Option<&'a str> {
    failure.error().more.get("native")?.get(member).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use aws_credential_types::{
        Credentials,
        provider::{ProvideCredentials, future},
    };

    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_243_800)
    }

    fn signer() -> Signer {
        Signer::new("us-east-1".into(), Credentials::new("AKID", "secret", Some("token".into()), None, "test"))
    }

    fn refused(signer: &Signer, name: &str, message: &str, date: Option<i64>) -> (u16, Option<String>, bool) {
        let report = Report { message: Some(message.into()), kind: Some(name.into()), ..Report::default() };
        let failure = report.into_failure(Class::Unauthenticated, 403, "aws");
        let mut headers = HeaderMap::new();
        if let Some(date) = date {
            let there = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_243_800_u64.saturating_add_signed(date));
            headers.insert(DATE, httpdate::fmt_http_date(there).parse().expect("a value"));
        }
        let failure = signer.learn(failure, StatusCode::FORBIDDEN, &headers, now(), "aws");
        let error = failure.error();
        (failure.status().as_u16(), error.code.clone(), error.more["retryable"] == true)
    }

    #[test]
    fn the_time_there_is_learnt_where_the_clock_is_to_blame() {
        let skewed = (503, Some("upstream_clock_skew".to_owned()), true);
        let unknown = (401, Some("invalid_api_key".to_owned()), false);
        let expired = "Signature expired: 20261121T064000Z is now earlier than 20261121T070500Z (… - 5 min.)";
        for (name, message, date, expected, offset) in [
            ("InvalidSignatureException", expired, Some(1500), &skewed, 1500),
            ("InvalidSignatureException", "Signature not yet current: …", Some(-900), &skewed, -900),
            ("InvalidSignatureException", "The request signature does not match", Some(600), &skewed, 600),
            ("InvalidSignatureException", "The request signature does not match", Some(100), &unknown, 0),
            ("SignatureDoesNotMatch", "m", Some(-241), &skewed, -241),
            ("RequestTimeTooSkewed", "m", Some(100), &skewed, 100),
            ("RequestTimeTooSkewed", "m", None, &unknown, 0),
            ("UnrecognizedClientException", "m", Some(9999), &unknown, 0),
        ] {
            let signer = signer();
            assert_eq!(refused(&signer, name, message, date), *expected, "{name} {message}");
            assert_eq!(seconds(now(), signer.time(now())), offset, "{name} {message}");
        }
        // A second one that was signed before the first was answered learns the same.
        let signer = signer();
        for _ in 0..2 {
            assert_eq!(refused(&signer, "InvalidSignatureException", expired, Some(1500)), skewed);
        }
        // The time is right by now: it is the key that is not.
        let right = refused(&signer, "InvalidSignatureException", "does not match", Some(1500));
        assert_eq!(right, unknown);
    }

    #[tokio::test]
    async fn expired_credentials_are_asked_for_again_and_given_up_if_they_are_the_same() {
        let signer = signer();
        let again = (503, Some("upstream_credentials_expired".to_owned()), true);
        for expected in [again, (401, Some("invalid_api_key".to_owned()), false)] {
            signer.credentials(now()).await.expect("credentials");
            assert_eq!(refused(&signer, "ExpiredTokenException", "expired", None), expected);
            assert!(signer.known(now()).is_none());
        }
    }

    /// Gives others each time.
    #[derive(Debug, Default)]
    struct Renewed(AtomicU32);

    impl ProvideCredentials for Renewed {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let id = format!("AKID{}", self.0.fetch_add(1, Ordering::SeqCst));
            future::ProvideCredentials::ready(Ok(Credentials::new(id, "secret", None, None, "test")))
        }
    }

    #[tokio::test]
    async fn calls_that_were_under_way_do_not_cost_the_new_credentials() {
        let signer = Signer::new("us-east-1".into(), Renewed::default());
        let id = async |signer: &Signer, at: u64| {
            let credentials = signer.credentials(now() + Duration::from_secs(at)).await;
            credentials.expect("credentials").access_key_id().to_owned()
        };
        assert_eq!(id(&signer, 0).await, "AKID0");
        assert!(signer.forget(now()));
        assert_eq!(id(&signer, 0).await, "AKID1");
        for _ in 0..3 {
            assert!(signer.forget(now()), "worth another try");
            assert_eq!(id(&signer, 0).await, "AKID1");
        }
        let later = now() + Duration::from_secs(61);
        assert!(signer.forget(later));
        assert_eq!(id(&signer, 61).await, "AKID2");
    }

    #[test]
    fn no_date_makes_it_panic() {
        let signer = signer();
        for offset in [i64::MIN, i64::MAX] {
            signer.offset.store(offset, Ordering::Relaxed);
            signer.time(now());
        }
    }
}
