//! What a model of Bedrock's can do, by its id.
//!
//! An id says its vendor and its name, behind the prefix of a region or within an ARN. The ARN of an application's
//! inference profile says neither: such a model is taken to do what most do.
//!
//! Sources: AWS's reference of `ToolChoice` (`any`: Claude, Mistral Large, Nova; `tool`: Claude, Nova), its guide on
//! prompt caching (Claude and Nova; an hour from Claude 4.5 on), on structured outputs (Claude from 4.5 on, and open
//! models of many vendors), on the parameters of Nova 2 and of OpenAI's models; read in November 2026.

use crate::anthropic::models as claude;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Claude,
    Nova,
    Llama,
    Mistral,
    /// OpenAI's open models.
    GptOss,
    /// OpenAI's others.
    OpenAi,
    Other,
}

/// What a model can be told of the tools that it is to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Force {
    /// To call this one.
    Named,
    /// To call some.
    Any,
    Nothing,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Model<'a> {
    id: &'a str,
    family: Family,
}

/// By what an id is known, behind whatever stands before it.
const FAMILIES: [(&str, Family); 6] = [
    ("anthropic.claude", Family::Claude),
    ("amazon.nova", Family::Nova),
    ("meta.llama", Family::Llama),
    ("mistral.", Family::Mistral),
    ("openai.gpt-oss", Family::GptOss),
    ("openai.", Family::OpenAi),
];

/// Open models whose answers can be bound to a schema.
const BOUND: [&str; 11] = [
    "openai.",
    "qwen.",
    "deepseek.v3",
    "moonshot",
    "minimax.",
    "nvidia.",
    "google.gemma",
    "mistral.mistral-large-3",
    "mistral.ministral",
    "mistral.magistral",
    "mistral.voxtral",
];

impl<'a> Model<'a> {
    pub(super) fn of(id: &'a str) -> Self {
        let family = FAMILIES.iter().find(|(name, _)| has(id, name)).map_or(Family::Other, |(_, family)| *family);
        Self { id, family }
    }

    pub(super) const fn family(self) -> Family {
        self.family
    }

    pub(super) fn is_claude(self) -> bool {
        self.family == Family::Claude
    }

    /// As which of Anthropic's models it is known there.
    pub(super) fn claude(self) -> claude::Model {
        claude::Model::of(self.id)
    }

    pub(super) const fn force(self) -> Force {
        match self.family {
            Family::Claude | Family::Nova => Force::Named,
            Family::Mistral => Force::Any,
            Family::Llama | Family::GptOss | Family::OpenAi | Family::Other => Force::Nothing,
        }
    }

    /// Whether its answers, and the input of strict tools, can be bound to a schema.
    pub(super) fn is_bound(self) -> bool {
        match self.family {
            Family::Claude => self.claude().is_bound(),
            _ => BOUND.iter().any(|name| has(self.id, name)),
        }
    }

    /// Whether the prompt can be cached up to a mark.
    pub(super) const fn caches(self) -> bool {
        matches!(self.family, Family::Claude | Family::Nova)
    }

    /// Whether tools can be cached.
    pub(super) const fn caches_tools(self) -> bool {
        matches!(self.family, Family::Claude)
    }

    /// Whether it can be cached for an hour.
    pub(super) fn caches_long(self) -> bool {
        self.is_claude() && self.claude().is_bound()
    }

    /// Whether it is told that a call has failed.
    pub(super) const fn knows_status(self) -> bool {
        matches!(self.family, Family::Claude | Family::Nova)
    }

    /// Whether a turn that holds calls or results may hold nothing else.
    pub(super) const fn parts_calls(self) -> bool {
        matches!(self.family, Family::Llama | Family::Mistral)
    }

    /// Whether it is of Nova's second generation, the first one that reasons.
    pub(super) fn is_nova_2(self) -> bool {
        has(self.id, "amazon.nova-2")
    }
}

/// Whether an id is of this vendor or model: at its beginning, behind a region's prefix, or as the end of an ARN.
fn has(id: &str, name: &str) -> bool {
    id.match_indices(name).any(|(at, _)| at == 0 || id.as_bytes().get(at - 1).is_some_and(|byte| b"./".contains(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_their_family() {
        for (id, family) in [
            ("anthropic.claude-3-haiku-20240307-v1:0", Family::Claude),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", Family::Claude),
            ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-x", Family::Claude),
            ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", Family::Other),
            ("eu.amazon.nova-lite-v1:0", Family::Nova),
            ("meta.llama3-3-70b-instruct-v1:0", Family::Llama),
            ("mistral.mistral-large-2402-v1:0", Family::Mistral),
            ("openai.gpt-oss-120b-1:0", Family::GptOss),
            ("us.openai.gpt-5.2", Family::OpenAi),
            ("notanthropic.claude", Family::Other),
            ("x", Family::Other),
        ] {
            assert_eq!(Model::of(id).family(), family, "{id}");
        }
    }

    #[test]
    fn answers_are_bound_where_the_model_knows_how() {
        for (id, bound) in [
            ("anthropic.claude-3-5-sonnet-20241022-v2:0", false),
            ("anthropic.claude-opus-4-1-20250805-v1:0", false),
            ("global.anthropic.claude-haiku-4-5-20251001-v1:0", true),
            ("anthropic.claude-opus-4-6-v1", true),
            ("amazon.nova-pro-v1:0", false),
            ("qwen.qwen3-32b-v1:0", true),
            ("deepseek.r1-v1:0", false),
            ("us.deepseek.v3-v1:0", true),
            ("mistral.mistral-7b-instruct-v0:2", false),
            ("mistral.mistral-large-3-675b-instruct", true),
        ] {
            assert_eq!(Model::of(id).is_bound(), bound, "{id}");
        }
        assert!(Model::of("us.amazon.nova-2-lite-v1:0").is_nova_2() && !Model::of("amazon.nova-lite-v1:0").is_nova_2());
    }
}
