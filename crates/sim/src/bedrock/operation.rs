//! `/model/{id}/{operation}`, where the whole id is one percent-encoded segment.

use crate::state::Settings;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Converse { stream: bool },
    Invoke { stream: bool },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Operation {
    id: String,
    pub(super) kind: Kind,
}

/// In front of a model's id they name an inference profile, which reaches over regions.
const PROFILES: [&str; 7] = ["us.", "eu.", "apac.", "jp.", "au.", "us-gov.", "global."];

impl Operation {
    pub(super) fn of(path: &str) -> Option<Self> {
        let (id, name) = path.strip_prefix("/model/")?.split_once('/')?;
        // An ARN whose slashes were left as they are ends up here, as a name that is no operation.
        let kind = match name {
            "converse" => Kind::Converse { stream: false },
            "converse-stream" => Kind::Converse { stream: true },
            "invoke" => Kind::Invoke { stream: false },
            "invoke-with-response-stream" => Kind::Invoke { stream: true },
            _ => return None,
        };
        Some(Self { id: decode(id)?, kind })
    }

    /// The name under which the model is served, if it is: the id as it is, or what is behind it.
    pub(super) fn served<'a>(&'a self, settings: &Settings) -> Option<&'a str> {
        [self.id.as_str(), bare(&self.id)].into_iter().find(|name| settings.serves(name))
    }
}

/// The model that the path asks for, without profile and ARN.
pub(crate) fn model(path: &str) -> Option<String> {
    Operation::of(path).map(|operation| bare(&operation.id).to_owned())
}

/// A model's id without profile and ARN.
fn bare(id: &str) -> &str {
    let id = match id.rsplit_once('/') {
        Some((arn, last)) if arn.starts_with("arn:") => last,
        _ => id,
    };
    PROFILES.iter().find_map(|profile| id.strip_prefix(profile)).unwrap_or(id)
}

/// Whether the model is of the family, which is what its id begins with: `anthropic.`, say.
pub(super) fn is_of(model: &str, family: &str) -> bool {
    bare(model).starts_with(family)
}

/// Undoes percent-encoding; `None` where it is none, or no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        out.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_segment() {
        let of = |path: &str| Operation::of(path).map(|operation| (bare(&operation.id).to_owned(), operation.kind));
        let plain = Kind::Converse { stream: false };
        for id in [
            "amazon.nova-lite-v1%3A0",
            "amazon.nova-lite-v1:0",
            "eu.amazon.nova-lite-v1%3a0",
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0",
        ] {
            let found = of(&format!("/model/{id}/converse"));
            assert_eq!(found, Some(("amazon.nova-lite-v1:0".to_owned(), plain)), "{id}");
        }
        for path in
            ["/model/arn:x/y/converse", "/model/x", "/model/x/nothing", "/model/%/converse", "/model/%fe/converse"]
        {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
