//! The inputs of a request.

use std::collections::HashMap;

use bytes::Bytes;
use llm_layers_wire::json::{self, Object};

use crate::{
    Key,
    key::{Asked, Keyring},
};

/// More inputs than this pass unread: providers take 2,048 at most.
const MOST: usize = 4096;

/// What a request asks for, each input once.
pub(super) struct Batch {
    /// The different inputs, as JSON.
    inputs: Vec<Bytes>,
    keys: Vec<Key>,
    /// Which of them each input of the request is.
    order: Vec<usize>,
}

impl Batch {
    /// `None` where the inputs cannot be told apart: for the provider to read, or to refuse.
    pub(super) fn read(keyring: &Keyring, asked: &Asked<'_>) -> Option<Self> {
        let all = inputs(&asked.body.get_bytes("input")?)?;
        let texts: Vec<&[u8]> = all.iter().map(|input| &**input).collect();
        let mut batch = Self { inputs: Vec::new(), keys: Vec::new(), order: Vec::with_capacity(all.len()) };
        let mut known = HashMap::with_capacity_and_hasher(all.len(), foldhash::fast::RandomState::default());
        for (input, key) in all.iter().zip(keyring.inputs(asked, &texts).ok()?) {
            let place = *known.entry(key).or_insert_with(|| {
                batch.inputs.push(input.clone());
                batch.keys.push(key);
                batch.keys.len() - 1
            });
            batch.order.push(place);
        }
        Some(batch)
    }

    /// The keys of the different inputs.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// For each input of the request the place of its key.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// How long an input is: what it takes of what a call costs.
    pub(super) fn length(&self, place: usize) -> usize {
        self.inputs.get(place).map_or(0, Bytes::len)
    }

    /// Whether to ask for so many different inputs is to ask for all, as the request does.
    pub(super) fn is_all(&self, count: usize) -> bool {
        count == self.order.len()
    }

    /// The request, for the inputs at these places alone.
    pub(super) fn request(&self, request: &Object, places: &[usize]) -> Object {
        let mut request = request.clone();
        if !self.is_all(places.len()) {
            let inputs: Vec<&[u8]> = places.iter().filter_map(|place| Some(&**self.inputs.get(*place)?)).collect();
            let list = [b"[".as_slice(), &inputs.join(&b","[..]), b"]"].concat();
            // The items were JSON, and so is their list.
            let _ = request.set_raw("input", list);
        }
        request
    }
}

/// The single inputs, as JSON.
fn inputs(input: &Bytes) -> Option<Vec<Bytes>> {
    let first = |value: &[u8]| value.first().copied();
    match first(input)? {
        b'"' => return Some(vec![input.clone()]),
        b'[' => {}
        _ => return None,
    }
    let mut kinds = json::items(input).map(|item| match first(item) {
        Some(b'0'..=b'9') => Some(Kind::Token),
        Some(b'"' | b'[') => Some(Kind::Input(first(item))),
        _ => None,
    });
    let kind = kinds.next()??;
    if !kinds.all(|other| other.as_ref() == Some(&kind)) {
        return None;
    }
    if kind == Kind::Token {
        return Some(vec![input.clone()]);
    }
    let inputs: Vec<Bytes> = json::items(input).take(MOST + 1).map(|item| input.slice_ref(item)).collect();
    (inputs.len() <= MOST).then_some(inputs)
}

/// What an item of `input` is.
#[derive(PartialEq, Eq)]
enum Kind {
    /// A part of the only input.
    Token,
    /// An input by itself, beginning so.
    Input(Option<u8>),
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn inputs_are_told_apart() {
        let most = format!("[{}]", vec!["\"x\""; MOST].join(","));
        let more = format!("[{}]", vec!["\"x\""; MOST + 1].join(","));
        for (input, expected) in [
            (r#""a, [b]""#, Some(vec![r#""a, [b]""#])),
            (r#"["a" , "b\"]", "a"]"#, Some(vec![r#""a""#, r#""b\"]""#, r#""a""#])),
            ("[1, 2]", Some(vec!["[1, 2]"])),
            ("[[1,2],[ 3 ]]", Some(vec!["[1,2]", "[ 3 ]"])),
            ("[]", None),
            (r#"["a",1]"#, None),
            (r#"["a",[1]]"#, None),
            (r#"[1,"a"]"#, None),
            (r#"[{"text":"a"}]"#, None),
            (r#"{"text":"a"}"#, None),
            ("null", None),
            ("[null]", None),
            ("7", None),
            (&more, None),
        ] {
            let found = inputs(&Bytes::from(input.to_owned()));
            let found = found.as_ref().map(|found| found.iter().map(|one| str::from_utf8(one).unwrap()).collect());
            assert_eq!(found, expected, "{}", input.get(..40).unwrap_or(input));
        }
        assert_eq!(inputs(&most.into()).map(|inputs| inputs.len()), Some(MOST));
    }
}
