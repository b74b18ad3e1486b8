//! Providers of the configuration, as the translator has them.

use http::Uri;
use llm_layers_provider_translator::{GoogleTokens, Provider, ProviderError};

use super::{Error, credentials, upstream::Destination};
use crate::config::{self, Dialect};

/// Makes a provider of what the file says.
pub(super) fn provider(from: &config::Provider) -> Result<Provider, Error> {
    let name = || Box::from(&*from.name);
    let made = dialect(from).map_err(|error| Error::Provider(name(), error))?.with_name(from.name.clone());
    let made = match &from.api_version {
        Some(version) => made.with_api_version(version).map_err(|error| Error::Provider(name(), error))?,
        None => made,
    };
    let keys = from.api_keys.iter().map(|credential| (credential.key.clone(), credential.weight));
    let keyed = if from.api_keys.is_empty() {
        // Those two have credentials of their machine's.
        match from.dialect {
            Dialect::Vertex => made.with_tokens(GoogleTokens::from_environment()),
            Dialect::Bedrock => {
                made.with_credentials(credentials::Aws::default()).map_err(|error| Error::Provider(name(), error))?
            }
            _ => made,
        }
    } else {
        made.with_keys(keys).map_err(|error| Error::Provider(name(), error))?
    };
    let headers = from.headers.iter().cloned();
    let made = headers.fold(keyed, |made, (name, value)| made.with_header(name, value));
    Ok(if from.strict { made.strict() } else { made })
}

fn dialect(from: &config::Provider) -> Result<Provider, ProviderError> {
    let url = from.base_url.as_ref().map(ToString::to_string);
    // The file's reader leaves none of them out where it is needed.
    let url = url.as_deref();
    let needed = url.unwrap_or_default();
    let text = |member: &Option<String>| member.clone().unwrap_or_default();
    match from.dialect {
        Dialect::OpenAi => match from.like {
            Some(known) => Provider::known_at(known, needed),
            None => Provider::openai(needed),
        },
        Dialect::Azure => Provider::azure(needed),
        Dialect::Anthropic => Provider::anthropic(needed),
        Dialect::Gemini => Provider::gemini(needed),
        Dialect::Vertex => match url {
            Some(url) => Provider::vertex_at(url, &text(&from.project), &text(&from.location)),
            None => Provider::vertex(&text(&from.project), &text(&from.location)),
        },
        Dialect::Bedrock => match url {
            Some(url) => Provider::bedrock_at(&text(&from.aws_region), url),
            None => Provider::bedrock(&text(&from.aws_region)),
        },
        Dialect::Cohere => Provider::cohere(needed),
        Dialect::Ollama => Provider::ollama(needed),
    }
}

/// Where its connections go.
pub(super) fn destination<'a>(from: &'a config::Provider, made: &Provider) -> Result<Destination<'a>, Error> {
    let base_url: Uri =
        made.base_url().parse().map_err(|error| Error::Egress((*from.name).into(), format!("{error}")))?;
    Ok(Destination { name: from.name.clone(), base_url, connect_timeout: from.timeouts.connect, reach: &from.reach })
}
