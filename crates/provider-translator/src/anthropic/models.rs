//! What a model of Anthropic's can do, by its id.
//!
//! Ids say family and version in two orders (`claude-3-5-sonnet-20241022`, `claude-opus-4-1@20250805`), with and
//! without a date. A model of which neither can be read is taken to be a new one.

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thinking {
    Never,
    /// By a budget of tokens.
    Budget,
    /// By an effort; how long is the model's business.
    Adaptive,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    /// Major and minor version.
    version: Option<(u32, u32)>,
}

impl Model {
    pub(crate) fn of(id: &str) -> Self {
        let id = id.to_ascii_lowercase();
        let Some((_, id)) = id.rsplit_once("claude") else { return Self { version: None } };
        // A date has more digits.
        let number = |word: &str| word.parse::<u32>().ok().filter(|_| word.len() <= 2);
        let mut words = id.split(|letter: char| !letter.is_ascii_alphanumeric());
        let version = words.find_map(number).map(|major| (major, words.next().and_then(number).unwrap_or(0)));
        Self { version }
    }

    pub(crate) fn thinking(self) -> Thinking {
        match self.version {
            Some(version) if version < (3, 7) => Thinking::Never,
            Some(version) if version < (4, 6) => Thinking::Budget,
            _ => Thinking::Adaptive,
        }
    }

    /// Whether it goes on with what an assistant's last turn begins.
    pub(crate) fn continues(self) -> bool {
        self.version.is_some_and(|version| version < (4, 6))
    }

    /// Whether it takes `temperature`, `top_p` and `top_k`.
    pub(crate) fn is_sampled(self) -> bool {
        self.version.is_none_or(|version| version < (4, 7))
    }

    /// Whether its answers, and the input of strict tools, can be bound to a schema.
    pub(crate) fn is_bound(self) -> bool {
        self.version.is_none_or(|version| version >= (4, 5))
    }

    /// Whether it takes `temperature` and `top_p` together.
    pub(crate) fn is_sampled_twice(self) -> bool {
        self.version.is_some_and(|version| version < (4, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_every_kind_of_id() {
        for (id, version) in [
            ("claude-3-5-sonnet-20241022", Some((3, 5))),
            ("claude-3-opus-20240229", Some((3, 0))),
            ("claude-sonnet-4-20250514", Some((4, 0))),
            ("claude-opus-4-1@20250805", Some((4, 1))),
            ("claude-sonnet-4-5", Some((4, 5))),
            ("us.anthropic.claude-haiku-4-5-20251001-v1:0", Some((4, 5))),
            ("claude-2.1", Some((2, 1))),
            ("claude-opus-5", Some((5, 0))),
            ("claude-next", None),
            ("some-model", None),
        ] {
            assert_eq!(Model::of(id).version, version, "{id}");
        }
        assert_eq!(Model::of("claude-opus-5").thinking(), Thinking::Adaptive);
    }
}
