//! Requests signed with AWS credentials: Signature Version 4, as Bedrock's runtime demands it.
//!
//! The service is named `bedrock` in a signature, whatever its host is called, and the path is encoded once more than
//! it is sent: an id's `%3A` is signed as `%253A`. Checked against `botocore.auth.SigV4Auth` of botocore 1.44.5, on
//! 2026-11-21. Signed are the host, the content's type, and headers of AWS's own: a proxy on the way may change others.

mod lesson;

use std::{
    fmt,
    sync::{Arc, Mutex as SyncMutex, PoisonError, RwLock, atomic::AtomicI64},
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use http::{HeaderName, HeaderValue, Uri, request};
use llm_layers_core::BoxError;
use tokio::sync::Mutex;

const SERVICE: &str = "bedrock";
const SET_BY_SIGNING: [&str; 4] = ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
/// Credentials are renewed so long before they end, that none ends on its way.
const MARGIN: Duration = Duration::from_secs(60);
/// Credentials without an end may change all the same: somebody edits a file, or rotates a key.
const UNTIL_ASKED_AGAIN: Duration = Duration::from_secs(15 * 60);

/// Signs the requests of one provider.
pub(crate) struct Signer {
    region: Arc<str>,
    source: SharedCredentialsProvider,
    known: RwLock<Option<Known>>,
    /// One at a time asks the source, and the others wait for what it hears.
    asking: Mutex<()>,
    /// How many seconds AWS's clock is ahead of this one's.
    offset: AtomicI64,
    /// Whose credentials were over when they were used last.
    refused: SyncMutex<Option<String>>,
}

#[derive(Clone)]
struct Known {
    credentials: Credentials,
    since: SystemTime,
    /// When to ask again.
    until: SystemTime,
}

impl Signer {
    pub(crate) fn new(region: Arc<str>, source: impl ProvideCredentials + 'static) -> Self {
        let source = SharedCredentialsProvider::new(source);
        let (known, asking, refused) = (RwLock::new(None), Mutex::new(()), SyncMutex::new(None));
        Self { region, source, known, asking, offset: AtomicI64::new(0), refused }
    }

    /// Signs a request as it is: whatever changes in it later breaks the signature.
    pub(crate) async fn sign(&self, head: &mut request::Parts, body: &[u8], now: SystemTime) -> Result<(), BoxError> {
        let now = self.time(now);
        let credentials = self.credentials(now).await?;
        for name in SET_BY_SIGNING {
            head.headers.remove(name);
        }
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let (uri, host) = (head.uri.to_string(), host(&head.uri));
        // AWS demands that all of its own headers are signed.
        let is_signed = |name: &str| name == "content-type" || name.starts_with("x-amz-");
        let own = head.headers.iter().filter(|(name, _)| is_signed(name.as_str()));
        let own = own.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signed = std::iter::once(("host", host.as_str())).chain(own);
        let request = SignableRequest::new(head.method.as_str(), uri, signed, SignableBody::Bytes(body))?;
        let (added, _) = sign(request, &params)?.into_parts().0.into_parts();
        for header in added {
            let mut value = HeaderValue::from_str(header.value())?;
            value.set_sensitive(header.sensitive());
            head.headers.insert(HeaderName::from_static(header.name()), value);
        }
        Ok(())
    }

    async fn credentials(&self, now: SystemTime) -> Result<Credentials, BoxError> {
        if let Some(known) = self.known(now) {
            return Ok(known);
        }
        let _turn = self.asking.lock().await;
        if let Some(known) = self.known(now) {
            return Ok(known);
        }
        let credentials = match self.source.provide_credentials().await {
            Ok(credentials) => credentials,
            // The source fails, but what it gave is good for a little longer.
            Err(error) => return self.unexpired(now).ok_or_else(|| error.into()),
        };
        let end = credentials.expiry().and_then(|end| end.checked_sub(MARGIN));
        let until = end.unwrap_or(now + UNTIL_ASKED_AGAIN);
        let known = Known { credentials: credentials.clone(), since: now, until };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(credentials)
    }

    fn known(&self, now: SystemTime) -> Option<Credentials> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|known| now < known.until).map(|known| known.credentials.clone())
    }

    fn unexpired(&self, now: SystemTime) -> Option<Credentials> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let credentials = known.as_ref().map(|known| known.credentials.clone())?;
        Some(credentials).filter(|credentials| credentials.expiry().is_none_or(|end| now < end))
    }
}

/// The host as clients send it: without the port, if it is the scheme's own.
fn host(uri: &Uri) -> String {
    let own = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    let name = uri.host().unwrap_or_default();
    match uri.port_u16().filter(|port| *port != own) {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

/// Without what it knows.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("region", &self.region).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use aws_credential_types::provider::{error::CredentialsError, future};
    use http::{Request, header::AUTHORIZATION};

    use super::*;

    /// 2026-11-21 06:50:00 UTC.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_243_800)
    }

    const BODY: &[u8] = br#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;

    /// AWS's example key of its documentation, which opens nothing.
    fn credentials(token: Option<&str>, expiry: Option<SystemTime>) -> Credentials {
        let mut builder = Credentials::builder()
            .access_key_id("AKIDEXAMPLE")
            .secret_access_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
            .provider_name("test");
        builder.set_session_token(token.map(str::to_owned));
        builder.set_expiry(expiry);
        builder.build()
    }

    async fn signed(signer: &Signer, uri: &str) -> request::Parts {
        let request = Request::post(uri)
            .header("content-type", "application/json")
            .header("user-agent", "may change on the way")
            .header("x-amz-security-token", "of an earlier time")
            .header("x-amz-date", "an earlier time");
        let mut head = request.body(()).expect("a request").into_parts().0;
        signer.sign(&mut head, BODY, now()).await.expect("signed");
        head
    }

    /// Signatures by `botocore.auth.SigV4Auth(credentials, "bedrock", "us-east-1").add_auth(AWSRequest("POST", url,
    /// headers={"content-type": "application/json"}, data=body))` of botocore 1.44.5, with its clock at `now`.
    #[tokio::test]
    async fn it_signs_as_botocore_does() {
        let aws = "https://bedrock-runtime.us-east-1.amazonaws.com";
        let arn = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fa1b2c3d4e5f6";
        let token = "token/with+signs==";
        for (uri, token, signature) in [
            (
                format!("{aws}/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"),
                None,
                "64c7c0ace57c561f168d6befe477f8874975e44900dcac5c05ff255f915f9b76",
            ),
            (
                format!("{aws}/model/{arn}/converse-stream"),
                Some(token),
                "2761a94250f463539ff930a4e670df7120e4bf9ba72dc2f6f44b486f610fd40a",
            ),
            (
                "http://127.0.0.1:8080/model/amazon.nova-lite-v1%3A0/converse".into(),
                None,
                "735b8a5dab0c23eac6cbdd47735768d7c11e8cbcf3bddba126e4e88e69b4f4db",
            ),
        ] {
            let signer = Signer::new("us-east-1".into(), credentials(token, None));
            let head = signed(&signer, &uri).await;
            let more = if token.is_some() { ";x-amz-security-token" } else { "" };
            let expected = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/bedrock/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date{more}, Signature={signature}"
            );
            assert_eq!(head.headers[AUTHORIZATION], expected, "{uri}");
            assert_eq!(head.headers["x-amz-date"], "20261121T065000Z");
            assert_eq!(head.headers.get("x-amz-security-token").map(HeaderValue::as_bytes), token.map(str::as_bytes));
            assert!(!format!("{head:?}{signer:?}").contains("wJalr"));
        }
    }

    /// Gives credentials that end after so long, and fails from a certain time on.
    #[derive(Debug)]
    struct Counted {
        asked: Arc<AtomicU32>,
        lasts: Option<Duration>,
        fails_from: u32,
    }

    impl ProvideCredentials for Counted {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let asked = self.asked.fetch_add(1, Ordering::SeqCst);
            future::ProvideCredentials::ready(if asked < self.fails_from {
                Ok(credentials(None, self.lasts.map(|lasts| now() + lasts)))
            } else {
                Err(CredentialsError::not_loaded("s3cret path"))
            })
        }
    }

    async fn asked(lasts: Option<u64>, fails_from: u32, calls: &[u64]) -> (u32, bool) {
        let asked = Arc::new(AtomicU32::new(0));
        let lasts = lasts.map(Duration::from_secs);
        let source = Counted { asked: Arc::clone(&asked), lasts, fails_from };
        let signer = Signer::new("us-east-1".into(), source);
        let mut last = false;
        for at in calls {
            last = signer.credentials(now() + Duration::from_secs(*at)).await.is_ok();
        }
        (asked.load(Ordering::SeqCst), last)
    }

    #[tokio::test]
    async fn the_source_is_asked_when_credentials_end_and_not_before() {
        const EVER: u32 = u32::MAX;
        assert_eq!(asked(Some(3600), EVER, &[0, 1, 3539]).await, (1, true));
        assert_eq!(asked(Some(3600), EVER, &[0, 3540]).await, (2, true), "a minute before the end");
        assert_eq!(asked(None, EVER, &[0, 899]).await, (1, true));
        assert_eq!(asked(None, EVER, &[0, 900]).await, (2, true), "it may have changed");
        assert_eq!(asked(Some(3600), 1, &[0, 3550]).await, (2, true), "what was given is still good");
        assert_eq!(asked(Some(3600), 1, &[0, 3600]).await, (2, false));
        assert_eq!(asked(None, 0, &[0]).await, (1, false));
    }

    #[tokio::test]
    async fn many_calls_at_once_ask_once() {
        let asked = Arc::new(AtomicU32::new(0));
        let source = Counted { asked: Arc::clone(&asked), lasts: None, fails_from: u32::MAX };
        let signer = Signer::new("us-east-1".into(), source);
        let calls = (0..8).map(|_| signer.credentials(now()));
        assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}
