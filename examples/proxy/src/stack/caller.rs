//! Who is calling.

use std::sync::Arc;

use http::{HeaderMap, Method, header::AUTHORIZATION};
use llm_layers_core::{Caller, Failure, Secret};

use super::local;
use crate::config::Key;

/// Where Anthropic's, Azure's and Google's SDKs put a key.
const KEYS: [&str; 3] = ["x-api-key", "api-key", "x-goog-api-key"];

/// The callers that are known, by their keys. Without any, everybody may call.
#[derive(Clone)]
pub(super) struct Callers {
    keys: Arc<[(Secret, Caller)]>,
}

impl Callers {
    pub(super) fn new(keys: &[Key]) -> Self {
        let keys = keys.iter().map(|key| (key.secret.clone(), Caller::new(key.name.clone()))).collect();
        Self { keys }
    }

    /// Tells who calls: by `authorization`, as OpenAI's SDKs send it, or by the header of another provider's.
    pub(super) fn admit(&self, method: &Method, headers: &HeaderMap) -> Result<Option<Caller>, Failure> {
        if self.keys.is_empty() {
            return local::check(method, headers).map(|()| None);
        }
        let bearer = headers.get(AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?));
        let given = bearer.or_else(|| KEYS.iter().find_map(|name| headers.get(*name)?.to_str().ok()));
        let Some(given) = given else {
            return Err(Failure::unauthenticated("No API key was given: send one as `Authorization: Bearer KEY`."));
        };
        // All are compared, in a time that does not depend on which is right.
        let known =
            self.keys.iter().fold(None, |found, (key, caller)| if key.is(given) { Some(caller) } else { found });
        let unknown = || Failure::unauthenticated("The API key is not known here.");
        known.cloned().map(Some).ok_or_else(unknown)
    }
}

/// The token of `Bearer TOKEN`; the scheme's case does not matter.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
