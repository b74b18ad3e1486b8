use bytes::Bytes;

use crate::json::{Array, Object};

use super::{
    merge::{UNBOUNDED, Writer},
    plan::Step,
};

/// A choice's log probabilities, to be dealt out over the chunks of the text that they are about.
pub(super) struct Logprobs {
    whole: Option<Bytes>,
    object: Object,
    dealt: Vec<&'static str>,
    /// Whether a part has been sent.
    begun: bool,
}

/// The members that hold one entry for each token.
const LISTS: [&str; 2] = ["content", "refusal"];

impl Logprobs {
    pub(super) fn of(choice: &Object) -> Self {
        let whole = choice.get_bytes("logprobs").filter(|logprobs| logprobs != "null");
        let object = whole.clone().and_then(|whole| Object::parse_with(whole, &UNBOUNDED).ok());
        Self { whole, object: object.unwrap_or_default(), dealt: Vec::new(), begun: false }
    }

    /// Deals out one list, evenly: which token stands in which piece of the text is not known.
    pub(super) fn deal(&mut self, list: &'static str, steps: &mut [Step]) {
        let Some(entries) = self.object.get_bytes(list).and_then(|list| Array::parse_with(list, &UNBOUNDED).ok())
        else {
            return;
        };
        if steps.is_empty() || entries.is_empty() {
            return;
        }
        let mut entries_left = entries.iter();
        let mut taken = 0;
        let pieces = steps.len();
        for (at, step) in (1..).zip(steps) {
            let until = entries.len() * at / pieces;
            let share: Vec<Bytes> = entries_left.by_ref().take(until - taken).collect();
            taken = until;
            if let (Step::Delta { logprobs, .. }, false) = (step, share.is_empty()) {
                *logprobs = Some(self.part(list, &share));
            }
        }
        self.dealt.push(list);
    }

    fn part(&mut self, list: &str, entries: &[Bytes]) -> Bytes {
        let mut part = Vec::new();
        let mut writer = Writer::new(&mut part);
        for (name, raw) in self.object.iter() {
            if name == list {
                let out = writer.member(&name);
                out.push(b'[');
                out.extend_from_slice(&entries.join(&b','));
                out.push(b']');
            } else if LISTS.contains(&&*name) {
                writer.raw(&name, b"null");
            } else if !self.begun {
                // What is no list goes out once.
                writer.raw(&name, raw);
            }
        }
        writer.finish();
        self.begun = true;
        Bytes::from(part)
    }

    /// What was not dealt out.
    pub(super) fn rest(self) -> Option<Bytes> {
        if self.dealt.is_empty() {
            return self.whole;
        }
        let left = |name: &str, raw: &[u8]| {
            LISTS.contains(&name) && raw != b"null" && self.dealt.iter().all(|dealt| *dealt != name)
        };
        let mut rest = Vec::new();
        let mut writer = Writer::new(&mut rest);
        let mut any = false;
        for (name, raw) in self.object.iter().filter(|(name, raw)| left(name, raw)) {
            writer.raw(&name, raw);
            any = true;
        }
        writer.finish();
        any.then(|| Bytes::from(rest))
    }
}
