//! Google's tokens.

use std::{fmt, sync::Arc, time::Duration};

use gcp_auth::{CustomServiceAccount, TokenProvider};
use llm_layers_core::Secret;
use tokio::{sync::OnceCell, time::timeout};

use crate::{ProviderError, TokenFuture, TokenSource};

/// What Vertex AI asks for.
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];

/// Outside of Google Cloud there is nobody at the metadata server's address, and no answer ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// Google's tokens, by whatever credentials there are. A token is kept for as long as it is good.
///
/// ```no_run
/// use llm_layers_provider_translator::{GoogleTokens, Provider};
///
/// let vertex = Provider::vertex("my-project", "europe-west4")?.with_tokens(GoogleTokens::from_environment());
/// # Ok::<(), llm_layers_provider_translator::ProviderError>(())
/// ```
#[derive(Default)]
pub struct GoogleTokens {
    provider: OnceCell<Arc<dyn TokenProvider>>,
}

impl GoogleTokens {
    /// Looks, when the first token is asked for, where Google's own clients do: the service account in the file that
    /// `GOOGLE_APPLICATION_CREDENTIALS` names, the user who logged in by `gcloud auth application-default login`, the
    /// metadata server, `gcloud`. What is not found within 20 seconds is looked for again with the next call.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::default()
    }

    /// The service account of a key file, by its JSON.
    ///
    /// # Errors
    /// It is no such file.
    pub fn from_service_account(json: &Secret) -> Result<Self, ProviderError> {
        // What is wrong with it is not told: the parser's words may hold some of it.
        let account =
            CustomServiceAccount::from_json(json.expose()).map_err(|_| ProviderError::Name("service account"))?;
        let account: Arc<dyn TokenProvider> = Arc::new(account);
        Ok(Self { provider: OnceCell::new_with(Some(account)) })
    }
}

impl TokenSource for GoogleTokens {
    fn token(&self) -> TokenFuture<'_> {
        let token = async {
            let provider = self.provider.get_or_try_init(gcp_auth::provider).await?;
            Ok(Secret::new(provider.token(&SCOPES).await?.as_str()))
        };
        Box::pin(async { timeout(PATIENCE, token).await? })
    }
}

/// Without what is secret.
impl fmt::Debug for GoogleTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleTokens").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_service_account_is_refused_without_a_word_of_it() {
        let refused = GoogleTokens::from_service_account(&Secret::new(r#"{"private_key":"s3cret"}"#));
        assert!(!refused.expect_err("no service account").to_string().contains("s3cret"));
        assert_eq!(format!("{:?}", GoogleTokens::from_environment()), "GoogleTokens { .. }");
    }
}
