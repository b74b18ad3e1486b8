use std::borrow::Cow;

use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

/// Members of requests that do not change what the answer says, unless settings name others.
///
/// As OpenAI's specification (openai-openapi f85dbe2 of 2026-11, and the types of its Python SDK 3.52.0) describes them:
///
/// | member | what it is for |
/// | --- | --- |
/// | `stream`, `stream_options` | how the answer is sent |
/// | `user`, `safety_identifier` | who is held to blame for abuse |
/// | `metadata` | the caller's own marks on a kept completion; of Anthropic's Messages (SDK 0.125.0) only `user_id` is in it |
/// | `store` | whether the provider keeps the completion |
/// | `prompt_cache_key`, `prompt_cache_retention`, `prompt_cache_options` | what the provider keeps of the prompt, for speed |
/// | `service_tier` | how soon, and for how much; the same name and sense at Anthropic |
///
/// Of a Response only the first two are left out: it repeats the others, and so would tell one caller what another has
/// sent. A chat's answer may name the `service_tier` that its first caller was given, and with some gateways repeat the
/// `metadata`, which then are those of who asked first: whoever minds that heeds these members.
pub(crate) const DEFAULT_IGNORED: [&str; 10] = [
    "stream",
    "stream_options",
    "user",
    "metadata",
    "store",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "service_tier",
];

/// What the object of a Response repeats of its request. A `store` of `false` also keeps it from being gone on from by its
/// `id`: who has asked for that needs one that is kept.
const REPEATED_BY_RESPONSES: [&str; 8] = [
    "user",
    "metadata",
    "store",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "service_tier",
];

/// Names of members that are left out of keys.
#[derive(Clone)]
pub(super) struct Ignored(Vec<Box<str>>);

impl Ignored {
    pub(super) fn new(names: impl IntoIterator<Item = Box<str>>) -> Self {
        Self(names.into_iter().collect())
    }

    pub(super) fn add(&mut self, name: Box<str>) {
        if !self.0.contains(&name) {
            self.0.push(name);
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|ignored| **ignored != *name);
    }

    /// The members of a request that count, as they stand in it.
    pub(super) fn kept<'a>(
        &self,
        operation: Operation,
        body: &'a Object,
    ) -> impl Iterator<Item = (Cow<'a, str>, &'a [u8])> {
        body.iter().filter(move |(name, value)| *value != b"null" && !self.is_ignored(operation, name))
    }

    fn is_ignored(&self, operation: Operation, name: &str) -> bool {
        let counts = operation == Operation::Response && REPEATED_BY_RESPONSES.contains(&name);
        !counts && self.0.iter().any(|ignored| **ignored == *name)
    }
}

/// Whether a member says, by its canonical value, what its absence says.
pub(super) fn is_default(operation: Operation, name: &str, value: &[u8]) -> bool {
    match operation {
        Operation::ChatCompletion | Operation::Completion => name == "n" && value == b"+1;",
        Operation::Response => name == "store" && value == b"t",
        _ => false,
    }
}
