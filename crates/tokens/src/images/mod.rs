//! What pictures cost, by their size.

mod base64;
mod size;

use crate::family::{Family, contains};
pub(crate) use base64::Base64;
pub(crate) use size::Size;

/// How a model bills pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Images {
    /// A base and so much for each tile of 512 pixels, of a picture that was scaled to 2048 × 768.
    Tiles { base: u64, tile: u64 },
    /// So many hundredths for each patch of 32 pixels, and at most so many patches.
    Patches { hundredths: u64, most: u64, most_by_default: u64 },
    /// A token for each patch of 28 pixels, and at most so many pixels a side and tokens.
    Claude { edge: u32, most: u64 },
    /// 258 for each tile of 768 pixels, of a picture that was scaled to 3072 a side.
    GeminiTiles,
    /// The same for any picture.
    Flat { tokens: u64, low: u64 },
    /// A token for 750 pixels: assumed where nothing is known.
    Area,
}

/// The side of a picture that is not here to be measured: behind a URL or the identifier of a file.
const ASSUMED: Size = Size { width: 1024, height: 1024 };

impl Images {
    /// OpenAI: guide "Images and vision" and `OpenAI`'s calculator of prices; GPT-5 mini and nano as measured by users in
    /// June 2026, who found 1.2 and 1.5 where the guide had 1.62 and 2.46; GPT-5.4 and later: a budget of 2,500
    /// patches for `high` and 10,000 else (openai/codex, April 2026; measured in autumn 2026). Anthropic: guide
    /// "Vision", November 2026. Google: "Understand and count tokens" and "Media resolution", November 2026.
    pub(crate) fn of(family: Family, model: &str) -> Self {
        let has = |word| contains(model, word);
        let patches = |hundredths| Self::Patches { hundredths, most: 1536, most_by_default: 1536 };
        match family {
            Family::O200k if has("gpt-4o-mini") => Self::Tiles { base: 2833, tile: 5667 },
            Family::O200k if has("gpt-4.1-mini") => patches(162),
            Family::O200k if has("gpt-4.1-nano") => patches(246),
            Family::O200k if has("o4-mini") => patches(172),
            Family::O200k if has("gpt-5-mini") => patches(120),
            Family::O200k if has("gpt-5-nano") => patches(150),
            Family::O200k if ["gpt-5.4", "gpt-5.5", "gpt-6"].into_iter().any(has) => {
                Self::Patches { hundredths: 120, most: 2500, most_by_default: 10_000 }
            }
            Family::O200k if has("gpt-5") => Self::Tiles { base: 70, tile: 140 },
            Family::O200k if has("computer-use") => Self::Tiles { base: 65, tile: 129 },
            Family::O200k if !has("gpt") && (has("o1") || has("o3")) => Self::Tiles { base: 75, tile: 150 },
            Family::O200k | Family::Cl100k => Self::Tiles { base: 85, tile: 170 },
            Family::Claude => Self::Claude { edge: 2576, most: 4784 },
            Family::ClaudeOlder => Self::Claude { edge: 1568, most: 1568 },
            Family::Gemini if ["gemini-1", "gemini-2", "gemma"].into_iter().any(has) => Self::GeminiTiles,
            Family::Gemini => Self::Flat { tokens: 1120, low: 280 },
            _ => Self::Area,
        }
    }

    /// The tokens of a picture, `detail` as OpenAI names it.
    pub(crate) fn tokens(self, size: Option<Size>, detail: Detail) -> u64 {
        let size = size.unwrap_or(ASSUMED);
        let low = detail == Detail::Low;
        match self {
            Self::Tiles { base, .. } if low => base,
            Self::Tiles { base, tile } => {
                let seen = size.within(2048, 2048).shorter_side(768);
                base + tile * seen.tiles(512)
            }
            // 512 pixels square are all that is seen of it.
            Self::Patches { hundredths, most, .. } if low => {
                (size.within(512, 512).patches(32, most) * hundredths).div_ceil(100)
            }
            Self::Patches { hundredths, most, most_by_default } => {
                let most = if detail == Detail::High { most } else { most_by_default };
                (size.patches(32, most) * hundredths).div_ceil(100)
            }
            Self::Claude { edge, most } => size.within(edge, edge).largest(28, most),
            Self::GeminiTiles if size.width <= 384 && size.height <= 384 => 258,
            Self::GeminiTiles => 258 * size.within(3072, 3072).tiles(768),
            Self::Flat { low: tokens, .. } if low => tokens,
            Self::Flat { tokens, .. } => tokens,
            Self::Area => (size.pixels() / 750).clamp(1, 1600),
        }
    }
}

/// How closely a picture is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    Low,
    High,
    #[default]
    Auto,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tokenizer;

    fn tokens(provider: &str, model: &str, width: u32, height: u32, detail: Detail) -> u64 {
        Tokenizer::of(provider, model).images().tokens(Some(Size { width, height }), detail)
    }

    #[test]
    fn pictures_cost_what_the_providers_say() {
        use Detail::{Auto, High, Low};
        for (provider, model, width, height, detail, expected) in [
            // OpenAI's own examples.
            ("openai", "gpt-4o", 1024, 1024, High, 765),
            ("openai", "gpt-4o", 2048, 4096, High, 1105),
            ("openai", "gpt-4o", 4096, 8192, Low, 85),
            ("openai", "gpt-4o-mini", 1024, 1024, High, 25501),
            ("openai", "gpt-5", 1024, 1024, High, 630),
            ("openai", "o3", 1024, 1024, High, 675),
            ("openai", "gpt-4.1-mini", 1024, 1024, High, 1659),
            ("openai", "gpt-4.1-mini", 1800, 2400, High, 2353),
            // As measured by users, June and autumn 2026.
            ("openai", "gpt-5-mini", 256, 256, Auto, 77),
            ("openai", "gpt-5-mini", 1280, 720, Auto, 1104),
            ("openai", "gpt-5-mini", 2048, 768, Auto, 1844),
            ("openai", "gpt-6", 3840, 2160, High, 2931),
            ("openai", "gpt-5.5", 3840, 2160, Auto, 9792),
            // Anthropic's table, "Vision".
            ("anthropic", "claude-sonnet-4-6", 1000, 1000, Auto, 1296),
            ("anthropic", "claude-sonnet-4-6", 200, 200, Auto, 64),
            ("anthropic", "claude-haiku-4-5", 1920, 1080, Auto, 1560),
            ("anthropic", "claude-opus-4-8", 1920, 1080, Auto, 2691),
            ("gemini", "gemini-2.5-pro", 384, 384, Auto, 258),
            ("gemini", "gemini-2.5-pro", 960, 540, Auto, 516),
            ("gemini", "gemini-3-pro", 4000, 3000, Auto, 1120),
            ("x", "unknown", 750, 100, Auto, 100),
        ] {
            assert_eq!(tokens(provider, model, width, height, detail), expected, "{model} {width}x{height} {detail:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_size_is_too_large(width: u32, height: u32) {
            for model in ["gpt-4o", "gpt-5-mini", "gpt-6", "claude-5", "gemini-2", "gemini-3", "x"] {
                let tokens = tokens("", model, width, height, Detail::Auto);
                proptest::prop_assert!(tokens < 200_000, "{model} {tokens}");
            }
        }
    }
}
