//! How a provider knows who calls.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header::AUTHORIZATION, request};
use llm_layers_core::{Body, BoxError, Clock, Failure, Secret};
use llm_layers_wire::openai;
use memchr::memmem;

use super::keys::{Keys, Taken};

/// Where a bearer token comes from that does not last: OAuth of Google's or Microsoft's, say.
///
/// Asked for each call, and so it keeps a token for as long as it is good.
pub trait TokenSource: Send + Sync {
    /// A token that is good now.
    fn token(&self) -> TokenFuture<'_>;
}

/// What [`TokenSource::token`] gives.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<Secret, BoxError>> + Send + 'a>>;

/// How calls are authenticated.
#[derive(Clone, Default)]
pub(crate) enum Auth {
    #[default]
    None,
    Keys(Arc<Keys>),
    Token(Arc<dyn TokenSource>),
    #[cfg(feature = "bedrock")]
    Aws(Arc<super::aws::Signer>),
}

impl Auth {
    /// Whether the body must be there to be signed.
    pub(crate) const fn reads_body(&self) -> bool {
        match self {
            Self::None | Self::Keys(_) | Self::Token(_) => false,
            #[cfg(feature = "bedrock")]
            Self::Aws(_) => true,
        }
    }

    /// The keys, if there are several to choose from.
    pub(crate) fn several(&self) -> Option<&Keys> {
        match self {
            Self::Keys(keys) => Some(&**keys).filter(|keys| keys.are_several()),
            _ => None,
        }
    }

    /// Puts in the key by which an answer was given, for a call that asks for more of it.
    pub(crate) fn put_same<B>(&self, answer: &Response<B>, headers: &mut HeaderMap) {
        if let (Some(keys), Some(taken)) = (self.several(), answer.extensions().get::<Taken>()) {
            keys.put(headers, *taken);
        }
    }

    /// A provider's words without its own keys, which some quote in their errors.
    pub(crate) fn conceal(&self, said: Bytes) -> Bytes {
        let Self::Keys(keys) = self else { return said };
        keys.values().fold(said, |said, value| conceal(said, value.as_bytes()))
    }

    /// Learns of a refusal what the next call may do better; the failure as the client is to be told it.
    #[cfg_attr(not(feature = "bedrock"), allow(unused_variables, reason = "only AWS signs the time"))]
    pub(crate) fn learn(
        &self,
        failure: Failure,
        status: StatusCode,
        headers: &HeaderMap,
        clock: &Clock,
        provider: &str,
    ) -> Failure {
        match self {
            Self::None | Self::Keys(_) | Self::Token(_) => failure,
            #[cfg(feature = "bedrock")]
            Self::Aws(signer) => signer.learn(failure, status, headers, clock.now(), provider),
        }
    }

    /// Puts what authenticates a call into its head. Neither head nor body may change after it: some sign both.
    #[cfg_attr(not(feature = "bedrock"), allow(unused_variables, reason = "only AWS signs bodies and the time"))]
    pub(crate) async fn authorize(
        &self,
        head: &mut request::Parts,
        body: &mut Body,
        clock: &Clock,
        provider: &str,
    ) -> Result<(), Failure> {
        match self {
            Self::None => Ok(()),
            // Of several, each call takes one when it is sent.
            Self::Keys(keys) => {
                keys.put_only(&mut head.headers);
                Ok(())
            }
            Self::Token(source) => {
                let token = source.token().await.map_err(|error| no_credentials(&*error, provider))?;
                let value = token.to_header("Bearer ").map_err(|error| no_credentials(&error, provider))?;
                head.headers.insert(AUTHORIZATION, value);
                Ok(())
            }
            // Boxed, to keep the future of all other calls small.
            #[cfg(feature = "bedrock")]
            Self::Aws(signer) => {
                Box::pin(async move {
                    // It was written here and is whole: nothing is read, and no limit needed.
                    let body = body.bytes(usize::MAX).await?;
                    let signed = signer.sign(head, &body, clock.now()).await;
                    signed.map_err(|error| no_credentials(&*error, provider))
                })
                .await
            }
        }
    }
}

fn conceal(said: Bytes, key: &[u8]) -> Bytes {
    let key = key.strip_prefix(b"Bearer ").unwrap_or(key);
    if key.len() < 8 || memmem::find(&said, key).is_none() {
        return said;
    }
    let mut concealed = Vec::with_capacity(said.len());
    let mut rest = 0;
    for at in memmem::find_iter(&said, key) {
        concealed.extend_from_slice(said.get(rest..at).unwrap_or_default());
        concealed.extend_from_slice(b"***");
        rest = at + key.len();
    }
    concealed.extend_from_slice(said.get(rest..).unwrap_or_default());
    Bytes::from(concealed)
}

/// Credentials could not be had. Why is for the log: it may name accounts and files.
pub(crate) fn no_credentials(error: &(dyn std::error::Error + 'static), provider: &str) -> Failure {
    tracing::warn!(provider, error, "no credentials for a provider");
    let message = format!("The credentials for the provider `{provider}` could not be had.");
    let error = openai::Error::new("api_error", message).with_code("upstream_credentials").with("provider", provider);
    Failure::new(StatusCode::BAD_GATEWAY, error)
}

/// Without what is secret.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Keys(_) => "Keys",
            Self::Token(_) => "Token",
            #[cfg(feature = "bedrock")]
            Self::Aws(_) => "Aws",
        })
    }
}
