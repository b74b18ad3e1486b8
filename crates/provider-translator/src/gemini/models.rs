//! What a model can do, by its id.
//!
//! Ids say generation, tier and what else there is: `gemini-2.5-flash-lite`, `gemini-3.1-pro-preview`,
//! `gemini-3-pro-image`. A model of which no generation can be read (`gemini-flash-latest`, a tuned one) is taken to
//! be a new one.
//!
//! Source: ai.google.dev and docs.cloud.google.com on thinking; the developer's guide to Gemini 3.5 Flash, which
//! lists levels (`MINIMAL` for the Flash models, not for Pro; 3.8 Flash without it again); November 2026.

/// A model, as far as its id tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model {
    /// Major and minor version.
    version: Option<(u32, u32)>,
    tier: Tier,
    /// It says that it is neither a text model nor any other that thinks.
    is_special: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tier {
    Pro,
    Flash,
    Lite,
    Other,
}

impl Tier {
    const fn is_flash(self) -> bool {
        matches!(self, Self::Flash | Self::Lite)
    }
}

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    Never,
    /// By a number of tokens, from this least one on, and whether not at all is possible.
    Budget {
        least: u64,
        most: u64,
        off: bool,
    },
    /// By a level, and whether it knows these two.
    Level {
        minimal: bool,
        medium: bool,
    },
}

impl Model {
    pub(super) fn of(id: &str) -> Self {
        let id = id.to_ascii_lowercase();
        let name = id.rsplit('/').next().unwrap_or_default();
        let version = name.strip_prefix("gemini-").and_then(|rest| {
            let number = rest.split('-').next().unwrap_or_default();
            let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        let has = |word: &str| name.split('-').any(|part| part == word);
        let tier = match () {
            () if has("lite") => Tier::Lite,
            () if has("flash") => Tier::Flash,
            () if has("pro") => Tier::Pro,
            () => Tier::Other,
        };
        let is_special = ["image", "tts", "audio", "live"].into_iter().any(has) || name.starts_with("gemma");
        Self { version, tier, is_special }
    }

    /// From Gemini 3 on calls have ids, demand their signatures back, and their results may hold media.
    pub(super) fn is_third(self) -> bool {
        self.version.is_none_or(|version| version >= (3, 0)) && !self.is_gemma()
    }

    fn is_gemma(self) -> bool {
        self.is_special && self.version.is_none() && self.tier == Tier::Other
    }

    pub(super) fn thinking(self) -> Thinking {
        match self.version {
            _ if self.is_special => Thinking::Never,
            Some(version) if version < (2, 5) => Thinking::Never,
            Some(version) if version < (3, 0) => match self.tier {
                Tier::Pro => Thinking::Budget { least: 128, most: 32_768, off: false },
                Tier::Lite => Thinking::Budget { least: 512, most: 24_576, off: true },
                Tier::Flash | Tier::Other => Thinking::Budget { least: 128, most: 24_576, off: true },
            },
            // The least level is known to the Flash models up to 3.6, the middle one to all but the first Pro.
            version => Thinking::Level {
                minimal: self.tier.is_flash() && version.is_some_and(|version| version < (3, 7)),
                medium: version != Some((3, 0)) || self.tier.is_flash(),
            },
        }
    }

    /// Whether it signs its thoughts, and takes the signatures back.
    pub(super) fn is_signed(self) -> bool {
        self.is_third() || self.thinking() != Thinking::Never
    }

    /// Whether it heeds `temperature`, `topP` and `topK`: the newest ones take them and do not.
    pub(super) fn is_sampled(self) -> bool {
        let first = if self.tier == Tier::Lite { (3, 5) } else { (3, 6) };
        self.version.is_none_or(|version| version < first)
    }

    /// Whether it takes penalties.
    pub(super) fn is_penalised(self) -> bool {
        !self.is_third()
    }

    /// Whether it can be bound to a schema and have functions at once.
    pub(super) fn binds_beside_tools(self) -> bool {
        self.is_third()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generation_and_tier_are_read() {
        let pro = Thinking::Budget { least: 128, most: 32_768, off: false };
        let lite = Thinking::Budget { least: 512, most: 24_576, off: true };
        for (id, third, thinking) in [
            ("gemini-1.5-pro", false, Thinking::Never),
            ("gemini-2.0-flash-001", false, Thinking::Never),
            ("gemini-2.5-pro", false, pro),
            ("models/gemini-2.5-flash-lite-preview-09-2025", false, lite),
            ("gemini-2.5-flash-image", false, Thinking::Never),
            ("gemini-3-pro-preview", true, Thinking::Level { minimal: false, medium: false }),
            ("gemini-3.1-pro-preview", true, Thinking::Level { minimal: false, medium: true }),
            ("gemini-3-flash-preview", true, Thinking::Level { minimal: true, medium: true }),
            ("gemini-3-pro-image", true, Thinking::Never),
            ("google/gemini-3.1-flash-lite", true, Thinking::Level { minimal: true, medium: true }),
            ("gemini-flash-latest", true, Thinking::Level { minimal: false, medium: true }),
            ("endpoints/123", true, Thinking::Level { minimal: false, medium: true }),
            ("gemma-3-27b-it", false, Thinking::Never),
        ] {
            let model = Model::of(id);
            assert_eq!((model.is_third(), model.thinking()), (third, thinking), "{id}");
        }
    }

    #[test]
    fn the_newest_are_not_sampled() {
        for (id, sampled) in [
            ("gemini-2.5-pro", true),
            ("gemini-3.5-flash", true),
            ("gemini-3.5-flash-lite", false),
            ("gemini-3.6-flash", false),
            ("gemini-4-pro", false),
        ] {
            assert_eq!(Model::of(id).is_sampled(), sampled, "{id}");
        }
    }
}
