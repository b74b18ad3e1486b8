//! What becomes of an answer that is all there.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use http::Response;
use llm_layers_core::{Cost, Eventually, metering::Reading};
use llm_layers_wire::json::Object;

use super::Context;
use crate::{Entry, Key, layer::Shared, observe, shape::Shape};

/// So many entries are on their way to a store at once.
const AT_ONCE: usize = 64;

/// An answer that is to be kept, if it is fit for it and everybody agrees.
pub(super) struct Keeping {
    pub(super) context: Context,
    pub(super) shape: Shape,
    /// What was asked.
    pub(super) request: Object,
    #[cfg(feature = "semantic")]
    pub(super) meaning: crate::semantic::Meaning,
}

impl Keeping {
    pub(super) fn land(self, answer: Response<Object>) {
        #[cfg(feature = "semantic")]
        if answer.extensions().get::<crate::semantic::Found>().is_some() {
            // The answer to another question: whoever asks this one again is to be told so again.
            return;
        }
        let Self { context, shape, request, .. } = &self;
        if let Err(why) = shape.check(answer.body(), request) {
            return observe::unfit(context.operation, why);
        }
        let entry = context.entry(&answer);
        if entry.body().len() > context.shared.settings.max_entry {
            return;
        }
        let Self { mut context, .. } = self;
        #[cfg(feature = "semantic")]
        let meaning = self.meaning;
        // Taken out: what waits for leave must not hold what gives it.
        let approval = context.approval.take();
        let keep = move || {
            #[cfg(feature = "semantic")]
            meaning.keep(&context, &entry);
            put(context.shared, vec![(context.key, entry)]);
        };
        match approval {
            Some(approval) => approval.then(keep),
            None => keep(),
        }
    }
}

impl Context {
    /// How long an answer to this request is fresh.
    pub(crate) fn fresh_for(&self) -> Duration {
        let settings = &self.shared.settings;
        self.control.ttl.map_or(settings.ttl, |ttl| ttl.min(settings.max_ttl))
    }

    /// How long it is kept.
    pub(crate) fn life(&self) -> Duration {
        let settings = &self.shared.settings;
        self.fresh_for().saturating_add(settings.stale_while_revalidate.max(settings.stale_if_error))
    }

    /// What is kept of an answer.
    fn entry(&self, answer: &Response<Object>) -> Entry {
        let reading = Reading::of(answer.body());
        let tokens = reading.tokens();
        let cost = answer.extensions().get().map(|Cost(cost)| *cost).or_else(|| reading.cost());
        let mut object = answer.body().clone();
        for_nothing(&mut object);
        Entry::new(object.to_bytes(), self.shared.settings.now(), self.fresh_for()).kept_for(self.life()).paid(
            tokens.input.unwrap_or_default(),
            tokens.output.unwrap_or_default(),
            cost,
        )
    }

    /// Keeps entries as soon as everybody agrees.
    pub(crate) fn put_once_approved(&self, entries: Vec<(Key, Entry)>) {
        let shared = self.shared.clone();
        match &self.approval {
            Some(approval) => approval.then(move || put(shared, entries)),
            None => put(shared, entries),
        }
    }
}

/// Keeps entries, later where the store is far.
fn put(shared: Shared, mut entries: Vec<(Key, Entry)>) {
    let store = &shared.settings.store;
    let all = entries.len();
    entries.retain(|(key, entry)| matches!(store.put(key, entry), Eventually::Later(_)));
    let size = if all > entries.len() { store.size() } else { None };
    (entries.len()..all).for_each(|_| shared.state.counters.stored(size));
    if entries.is_empty() {
        return;
    }
    let later = shared.clone();
    let weight = entries.iter().map(|(_, entry)| entry.weight()).sum();
    let is_taken = shared.state.background.run_weighing(weight, async move {
        let later = &later;
        let put = |(key, entry): (Key, Entry)| async move {
            later.settings.store.put(&key, &entry).get().await;
            later.state.counters.stored(later.settings.store.size());
        };
        stream::iter(entries).for_each_concurrent(AT_ONCE, put).await;
    });
    if !is_taken {
        observe::dropped("entry");
    }
}

/// The next who is given this answer pays nothing for it.
pub(crate) fn for_nothing(answer: &mut Object) {
    let Some(usage) = answer.get_bytes("usage").filter(|usage| usage.starts_with(b"{")) else { return };
    let Ok(mut usage) = Object::parse(usage) else { return };
    if usage.contains("cost") && usage.set_raw("cost", "0").is_ok() {
        // It was JSON, and still is.
        let _ = answer.set_raw("usage", usage.to_bytes());
    }
}
