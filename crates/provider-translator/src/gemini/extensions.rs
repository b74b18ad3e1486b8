//! Members of Google's own that clients add to a request of OpenAI's.
//!
//! They stand beside OpenAI's members, in `google`, or in `extra_body.google`, as Google's own OpenAI-compatible API
//! has them; in snake or in camel case. They go to Google as they are.

use std::collections::BTreeMap;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde_json::value::RawValue;

use crate::{place::Place, warnings::Warnings};

#[derive(Debug, Default)]
pub(super) struct Extensions<'a> {
    pub(super) safety_settings: Option<&'a RawValue>,
    pub(super) cached_content: Option<&'a RawValue>,
    pub(super) thinking_config: Option<&'a RawValue>,
    pub(super) labels: Option<&'a RawValue>,
}

const NAMES: [&str; 9] = [
    "google",
    "extra_body",
    "safety_settings",
    "safetySettings",
    "cached_content",
    "cachedContent",
    "thinking_config",
    "thinkingConfig",
    "labels",
];

/// Whether a member of the request is one of them.
pub(super) fn is_one(name: &str) -> bool {
    NAMES.contains(&name)
}

impl<'a> Extensions<'a> {
    pub(super) fn read(request: &'a Object, warnings: &mut Warnings) -> Result<Self, Failure> {
        let raw = |name: &str| request.read::<&'a RawValue>(name).ok().flatten();
        let mut read = Self::default();
        for name in NAMES {
            if let Some(raw) = raw(name) {
                let _ = read.take(name, raw);
            }
        }
        for (place, raw) in [(Place::new("google"), raw("google")), (Place::new("extra_body"), raw("extra_body"))] {
            let Some(raw) = raw else { continue };
            for (name, raw) in place.members::<BTreeMap<String, &'a RawValue>>(raw)? {
                if name == "google" && raw.get().starts_with('{') {
                    let place = place.member("google");
                    for (name, raw) in place.members::<BTreeMap<String, &'a RawValue>>(raw)? {
                        read.add(&name, raw, warnings)?;
                    }
                } else {
                    read.add(&name, raw, warnings)?;
                }
            }
        }
        Ok(read)
    }

    fn add(&mut self, name: &str, raw: &'a RawValue, warnings: &mut Warnings) -> Result<(), Failure> {
        if self.take(name, raw) { Ok(()) } else { warnings.dropped(name, "unknown") }
    }

    fn take(&mut self, name: &str, raw: &'a RawValue) -> bool {
        let slot = match name {
            "safety_settings" | "safetySettings" => &mut self.safety_settings,
            "cached_content" | "cachedContent" => &mut self.cached_content,
            "thinking_config" | "thinkingConfig" => &mut self.thinking_config,
            "labels" => &mut self.labels,
            _ => return false,
        };
        *slot = Some(raw).filter(|raw| raw.get() != "null");
        true
    }
}
