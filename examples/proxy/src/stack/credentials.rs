//! Credentials of the machine's own, found at the first call that needs them.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::{self, ProvideCredentials, error::CredentialsError};
use aws_smithy_http_client::{Builder, tls};
use tokio::sync::OnceCell;

/// Amazon's usual chain: environment, profile, web identity, container, instance. Found once; what it gives is
/// asked for anew when it runs out.
#[derive(Debug, Default)]
pub(super) struct Aws {
    config: OnceCell<SdkConfig>,
}

impl Aws {
    async fn load(&self) -> provider::Result {
        let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let client = || Builder::new().tls_provider(tls).build_https();
        let load = || aws_config::defaults(BehaviorVersion::latest()).http_client(client()).load();
        let config = self.config.get_or_init(load).await;
        let chain = config.credentials_provider();
        chain
            .ok_or_else(|| CredentialsError::not_loaded("there is no provider of credentials"))?
            .provide_credentials()
            .await
    }
}

impl ProvideCredentials for Aws {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(self.load())
    }
}
