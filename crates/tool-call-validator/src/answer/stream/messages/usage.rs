use bytes::Bytes;
use llm_layers_wire::{json::Object, sse::Event};

use super::super::items::{edit, summed};
use crate::answer::nested::{object, parse};

/// The usage that a message tells: at its start, and once more as it goes on, each number with all before it.
pub(super) struct Usage {
    /// What earlier answers have used.
    spent: Option<Bytes>,
    told: Option<Object>,
}

impl Usage {
    pub(super) const fn new(spent: Option<Bytes>) -> Self {
        Self { spent, told: None }
    }

    /// Takes the usage of `message_start`, and adds what earlier answers have used.
    pub(super) fn start(&mut self, event: &mut Event, mut object: Object) {
        edit(&mut object, "message", |message| {
            let Some(usage) = message.get_bytes("usage") else { return };
            if let Some(sum) = summed(&usage, self.spent.as_ref()) {
                let _ = message.set_raw("usage", sum);
            }
            self.told = parse(usage).ok().flatten();
        });
        put(event, &object);
    }

    /// Takes the usage of `message_delta`. Only numbers that stand there are added to: others stay as the start has told
    /// them.
    pub(super) fn update(&mut self, event: &mut Event, mut told: Object) {
        let Ok(Some(usage)) = object(&told, "usage") else { return };
        let known = self.told.get_or_insert_with(Object::new);
        let mut spent = self.spent.clone().and_then(|spent| parse(spent).ok().flatten());
        if let Some(spent) = &mut spent {
            let names: Vec<_> = spent.iter().map(|(name, _)| name.into_owned()).collect();
            for name in names.iter().filter(|name| usage.get(name).is_none_or(|value| value == b"null")) {
                spent.remove(name);
            }
        }
        for (name, value) in usage.iter().filter(|(_, value)| *value != b"null") {
            // It was split from JSON.
            let _ = known.set_raw(&name, Bytes::copy_from_slice(value));
        }
        if let Some(sum) = summed(&usage.to_bytes(), spent.map(|spent| spent.to_bytes()).as_ref()) {
            let _ = told.set_raw("usage", sum);
            put(event, &told);
        }
    }

    pub(super) fn told(&self) -> Option<Bytes> {
        self.told.as_ref().map(Object::to_bytes)
    }
}

fn put(event: &mut Event, object: &Object) {
    if object.is_edited() {
        event.set_data(object.to_bytes());
    }
}
