//! Amazon Bedrock as a provider.

use std::sync::Arc;

use aws_credential_types::provider::ProvideCredentials;

use super::{Auth, Dialect, Provider, ProviderError, Wire, aws::Signer};
use crate::bedrock::Bedrock;

impl Provider {
    /// Amazon Bedrock's runtime in a region, `us-east-1` say. Its models are named by their ids, by inference profiles
    /// (`us.anthropic.claude-…`), or by ARNs.
    ///
    /// Calls are authenticated by [`with_credentials`](Self::with_credentials), or by a Bedrock API key
    /// (`AWS_BEARER_TOKEN_BEDROCK`) in [`with_key`](Self::with_key).
    ///
    /// Claude, from 4.5 on and called by its id, gets Anthropic's own messages, by InvokeModel: Converse knows no
    /// `tool_choice` of `none`, has no member for calls one at a time, and brings thinking and sources in another shape.
    /// A call that holds a member of Converse's own (`guardrailConfig`, `additionalModelRequestFields`,
    /// `performanceConfig`, `promptVariables`, `requestMetadata`) goes by Converse, as all other models do; see also
    /// [`by_converse`](Self::by_converse). Both need the same permission of IAM's, `bedrock:InvokeModel`.
    ///
    /// ```
    /// use llm_layers_core::Secret;
    /// use llm_layers_provider_translator::Provider;
    ///
    /// let bedrock = Provider::bedrock("eu-central-1")?.with_key(&Secret::new("ABSK…"));
    /// # let bedrock = bedrock.or_else(|_| Provider::bedrock("eu-central-1"));
    /// # Ok::<(), llm_layers_provider_translator::ProviderError>(())
    /// ```
    ///
    /// # Errors
    /// It is no name of a region.
    pub fn bedrock(region: &str) -> Result<Self, ProviderError> {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        Self::bedrock_at(region, &format!("https://bedrock-runtime.{}.{domain}", checked(region)?))
    }

    /// The same, at another base URL: an interface endpoint in a VPC, or a FIPS endpoint.
    ///
    /// # Errors
    /// It is no name of a region, or the URL is not one that can be called.
    pub fn bedrock_at(region: &str, base_url: &str) -> Result<Self, ProviderError> {
        let region = checked(region)?.into();
        let mut made = Self::other(Dialect::Bedrock, "bedrock", base_url, Bedrock::new())?;
        made.region = Some(region);
        Ok(made)
    }

    /// Signs each call with AWS credentials, of a static pair or of the default chain of `aws-config`. They are kept
    /// until a minute before they end, or for 15 minutes if they have no end.
    ///
    /// # Errors
    /// It is not Bedrock: no other provider takes them.
    pub fn with_credentials(mut self, source: impl ProvideCredentials + 'static) -> Result<Self, ProviderError> {
        let region = self.region.as_ref().ok_or(ProviderError::Region)?;
        self.auth = Auth::Aws(Arc::new(Signer::new(Arc::clone(region), source)));
        Ok(self)
    }

    /// Calls every model by Converse, Claude too. Other dialects have no Converse.
    #[must_use]
    pub fn by_converse(mut self) -> Self {
        if self.dialect == Dialect::Bedrock {
            self.wire = Wire::Other(Arc::new(Bedrock::new().by_converse()));
        }
        self
    }
}

/// It becomes part of a host's name, so that nobody may slip another one in.
fn checked(region: &str) -> Result<&str, ProviderError> {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let ends = region.starts_with('-') || region.ends_with('-');
    let is_region = (1..=32).contains(&region.len()) && region.bytes().all(legal) && !ends;
    if is_region { Ok(region) } else { Err(ProviderError::Region) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_part_of_the_host() {
        let url = |region| format!("{:?}", Provider::bedrock(region).expect("a region"));
        assert!(url("us-east-1").contains("https://bedrock-runtime.us-east-1.amazonaws.com"));
        assert!(url("cn-north-1").contains("https://bedrock-runtime.cn-north-1.amazonaws.com.cn"));
        for region in ["", "-", "us-east-1.evil.example", "US-EAST-1", "us east", "a/b", "us-east-1#", &"a".repeat(33)]
        {
            assert!(matches!(Provider::bedrock(region), Err(ProviderError::Region)), "{region}");
        }
    }
}
