//! `options`: how a model is loaded, and how it is sampled.

use std::borrow::Cow;

use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{params, place::Place};

/// Ollama's own options, which a client may send as members of the request. OpenAI's have their own place.
const OWN: [&str; 26] = [
    "numa",
    "num_ctx",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "low_vram",
    "f16_kv",
    "logits_all",
    "vocab_only",
    "use_mmap",
    "use_mlock",
    "embedding_only",
    "num_thread",
    "num_keep",
    "num_predict",
    "top_k",
    "min_p",
    "tfs_z",
    "typical_p",
    "repeat_last_n",
    "repeat_penalty",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
    "penalize_newline",
    "draft_num_predict",
];

/// Options by name, as the client spells them.
#[derive(Debug, Default)]
pub(super) struct Options<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'a> Options<'a> {
    /// Reads them from `options`, as Ollama's own clients send them, and from the members of the request, which
    /// count more.
    pub(super) fn read(request: &'a Object) -> Result<Self, Failure> {
        let mut options = Self::default();
        if let Some(raw) = params::raw(request, "options") {
            let place = Place::new("options");
            // Duplicate names are refused here as they are on the request's first level.
            let given = Object::parse(raw.get().to_owned()).map_err(|_| place.expected("an object"))?;
            for (name, value) in given.iter().filter(|(_, value)| *value != b"null") {
                if let Ok(value) = serde_json::from_slice::<Box<RawValue>>(value) {
                    options.0.push((Cow::Owned(name.into_owned()), Cow::Owned(value)));
                }
            }
        }
        for name in OWN {
            if let Some(raw) = params::raw(request, name) {
                options.set(Cow::Borrowed(name), Cow::Borrowed(raw));
            }
        }
        if let Some(tokens) = params::max_tokens(request)? {
            options.set_made("num_predict", &tokens);
        }
        for (name, range) in [
            ("temperature", 0.0..=2.0),
            ("top_p", 0.0..=1.0),
            ("frequency_penalty", -2.0..=2.0),
            ("presence_penalty", -2.0..=2.0),
        ] {
            if let Some((_, raw)) = params::number(request, name, range)? {
                options.set(Cow::Borrowed(name), Cow::Borrowed(raw));
            }
        }
        if let Some(seed) = request.read::<i64>("seed").map_err(|_| Place::new("seed").expected("an integer"))? {
            options.set_made("seed", &seed);
        }
        let stops = params::stops(request)?;
        if !stops.is_empty() {
            options.set_made("stop", &stops);
        }
        Ok(options)
    }

    /// Whether a member of a request is one of them.
    pub(super) fn is_own(name: &str) -> bool {
        OWN.contains(&name)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn set(&mut self, name: Cow<'a, str>, value: Cow<'a, RawValue>) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn set_made(&mut self, name: &'static str, value: &impl Serialize) {
        // Strings and numbers: writing them cannot fail.
        let value = serde_json::value::to_raw_value(value).unwrap_or_default();
        self.set(Cow::Borrowed(name), Cow::Owned(value));
    }
}

impl Serialize for Options<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
