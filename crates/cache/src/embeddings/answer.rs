//! Answers, element by element.

use bytes::Bytes;
use llm_layers_wire::json::{self, Limits, Object};

/// The longest answer that is taken apart, in bytes.
pub(super) const LONGEST: usize = 32 << 20;
const LIMITS: Limits = Limits::DEFAULT.with_max_bytes(LONGEST);

/// An answer, and its elements in the order of their indexes.
#[derive(Clone)]
pub(super) struct Answer {
    /// The members beside the elements.
    pub(super) envelope: Object,
    pub(super) elements: Vec<Element>,
}

/// What the provider has made of one input.
#[derive(Clone)]
pub(super) struct Element(Object);

/// What an answer says of its usage.
pub(super) enum Usage {
    /// What it said when it came.
    AsItCame,
    /// So many tokens.
    Tokens(u64),
}

impl Answer {
    /// Reads an answer to so many inputs. `None` if it is not that: an element is missing, or there twice.
    pub(super) fn read(text: Bytes, inputs: usize) -> Option<Self> {
        let envelope = Object::parse_with(text, &LIMITS).ok()?;
        if envelope.get("error").is_some_and(|error| error != b"null") {
            return None;
        }
        let data = envelope.get_bytes("data").filter(|data| data.starts_with(b"["))?;
        let mut elements = vec![None; inputs];
        let mut count = 0;
        for item in json::items(&data) {
            let element = Object::parse_with(data.slice_ref(item), &LIMITS).ok()?;
            let embedding = element.get("embedding")?;
            if !matches!(embedding, [b'[' | b'"', _, .., b']' | b'"']) {
                return None;
            }
            let index: usize = element.read("index").ok()??;
            if elements.get_mut(index)?.replace(Element(element)).is_some() {
                return None;
            }
            count += 1;
        }
        if count != inputs {
            return None;
        }
        Some(Self { elements: elements.into_iter().flatten().collect(), envelope })
    }

    /// The only element of an answer to one input.
    pub(super) fn into_one(self) -> Option<(Object, Element)> {
        Some((self.envelope, self.elements.into_iter().next()?))
    }
}

/// An answer that says all that an envelope does, with these elements.
pub(super) fn join<'a>(envelope: &Object, elements: impl IntoIterator<Item = &'a Element>, usage: &Usage) -> Bytes {
    let mut text = vec![b'{'];
    let mut elements = Some(elements);
    for (nth, (name, value)) in envelope.iter().enumerate() {
        if nth > 0 {
            text.push(b',');
        }
        text.extend_from_slice(&serde_json::to_vec(&name).unwrap_or_default());
        text.push(b':');
        match (&*name, usage, elements.take_if(|_| name == "data")) {
            (_, _, Some(elements)) => write(&mut text, elements),
            ("usage", Usage::Tokens(tokens), _) => {
                text.extend_from_slice(format!("{{\"prompt_tokens\":{tokens},\"total_tokens\":{tokens}}}").as_bytes());
            }
            _ => text.extend_from_slice(value),
        }
    }
    text.push(b'}');
    Bytes::from(text)
}

fn write<'a>(text: &mut Vec<u8>, elements: impl IntoIterator<Item = &'a Element>) {
    text.push(b'[');
    for (index, Element(element)) in elements.into_iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        let mut element = element.clone();
        element.set("index", &index);
        element.pieces().iter().for_each(|piece| text.extend_from_slice(piece));
    }
    text.push(b']');
}

#[cfg(test)]
mod unit {
    use super::*;

    fn read(text: &str, inputs: usize) -> Option<Answer> {
        Answer::read(text.to_owned().into(), inputs)
    }

    #[test]
    fn what_does_not_fit_is_no_answer() {
        let two = r#"{"data":[{"index":1,"embedding":[1]},{"index":0,"embedding":"AAAA"}]}"#;
        assert_eq!(read(two, 2).unwrap().elements.len(), 2);
        for (text, inputs) in [
            (two, 1),
            (two, 3),
            ("[]", 0),
            ("{}", 1),
            (r#"{"data":null}"#, 0),
            (r#"{"data":[1]}"#, 1),
            (r#"{"data":[{"index":0}]}"#, 1),
            (r#"{"data":[{"embedding":[1]}]}"#, 1),
            (r#"{"data":[{"index":1,"embedding":[1]}]}"#, 1),
            (r#"{"data":[{"index":-1,"embedding":[1]}]}"#, 1),
            (r#"{"data":[{"index":0,"embedding":[]}]}"#, 1),
            (r#"{"data":[{"index":0,"embedding":null}]}"#, 1),
            (r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#, 2),
            (r#"{"data":[{"index":0,"embedding":[1]}],"data":[]}"#, 1),
            (r#"{"data":[{"index":0,"embedding":[1]}],"error":{"message":"x"}}"#, 1),
            (r#"{"data":[{"index":0,"embedding":[1]}"#, 1),
        ] {
            assert!(read(text, inputs).is_none(), "{inputs}: {text}");
        }
    }

    #[test]
    fn an_answer_is_put_together_as_it_was_spelled() {
        let text = r#"{"object":"list", "data":[{"index":1,"embedding":[1.0, 2e0],"x":1},{"embedding":[3],"index":0}],
            "model":"m","usage":{"prompt_tokens":9,"x":1},"\u0041":null}"#;
        let answer = read(text, 2).unwrap();
        let [first, second] = &answer.elements[..] else { panic!("two") };
        assert_eq!(
            join(&answer.envelope, [second, first, second], &Usage::AsItCame),
            r#"{"object":"list","data":[{"index":0,"embedding":[1.0, 2e0],"x":1},{"embedding":[3],"index":1},{"index":2,"embedding":[1.0, 2e0],"x":1}],"model":"m","usage":{"prompt_tokens":9,"x":1},"A":null}"#
        );
        let one = join(&answer.envelope, [second], &Usage::Tokens(4));
        assert_eq!(
            one,
            r#"{"object":"list","data":[{"index":0,"embedding":[1.0, 2e0],"x":1}],"model":"m","usage":{"prompt_tokens":4,"total_tokens":4},"A":null}"#
        );
        assert!(Answer::read(one, 1).is_some(), "what is kept is read again");
    }
}
