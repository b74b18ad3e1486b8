/// Models that cut text into tokens alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// OpenAI's models since GPT-4o: GPT-4.1, GPT-5, the o-series, gpt-oss.
    O200k,
    /// OpenAI's models before: GPT-3.5, GPT-4, `text-embedding-3`, `text-embedding-ada-002`.
    Cl100k,
    /// Claude since Opus 4.7 and the fifth generation.
    Claude,
    /// Claude up to Opus 4.6, Sonnet 4.6 and Haiku 4.5.
    ClaudeOlder,
    /// Gemini and Gemma.
    Gemini,
    /// Llama 3 and later.
    Llama,
    /// Mistral, by its Tekken tokenizer.
    Mistral,
    /// Qwen.
    Qwen,
    /// `DeepSeek`.
    DeepSeek,
    /// Anything else: estimated as [`O200k`](Self::O200k) would be.
    Other,
}

impl Family {
    /// The family by the model's name, and by the provider's where the model's tells nothing.
    pub(crate) fn of(provider: &str, model: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| contains(model, word));
        if has(&["claude"]) {
            return Self::claude(model);
        }
        if has(&["gpt", "davinci", "babbage", "codex", "text-embedding-3", "text-embedding-ada"]) || is_o_series(model)
        {
            return Self::openai(model);
        }
        let named: [(&[&str], Self); 5] = [
            (&["deepseek"], Self::DeepSeek),
            (&["gemini", "gemma"], Self::Gemini),
            (&["qwen", "qwq"], Self::Qwen),
            (&["llama", "hermes"], Self::Llama),
            (&["mistral", "mixtral", "ministral", "magistral", "codestral", "devstral", "pixtral"], Self::Mistral),
        ];
        if let Some((_, family)) = named.iter().find(|(words, _)| has(words)) {
            return *family;
        }
        match provider {
            "openai" | "azure" => Self::O200k,
            "anthropic" => Self::Claude,
            "gemini" | "google" => Self::Gemini,
            "mistral" => Self::Mistral,
            "deepseek" => Self::DeepSeek,
            _ => Self::Other,
        }
    }

    fn openai(model: &str) -> Self {
        const BEFORE: [&str; 8] =
            ["gpt-3", "gpt-4-", "gpt-4v", "davinci", "babbage", "text-embedding", "code-search", "gpt-35"];
        let name = model.rsplit('/').next().unwrap_or(model);
        let before = name.eq_ignore_ascii_case("gpt-4") || BEFORE.iter().any(|word| contains(name, word));
        // `gpt-4-1` is how some spell GPT-4.1 in names of deployments.
        if before && !contains(name, "gpt-4-1-") && !contains(name, "gpt-4-o") { Self::Cl100k } else { Self::O200k }
    }

    /// Anthropic tells which came with the newer tokenizer: "Token counting", platform.claude.com, read in November 2026.
    fn claude(model: &str) -> Self {
        const OLDER: [&str; 6] = ["claude-2", "claude-3", "claude-instant", "sonnet-4", "haiku-4", "claude-v"];
        let opus = ["opus-4-7", "opus-4-8", "opus-4-9", "opus-4.7", "opus-4.8", "opus-4.9"];
        let older = OLDER.iter().any(|word| contains(model, word))
            || contains(model, "opus-4") && !opus.iter().any(|word| contains(model, word));
        if older { Self::ClaudeOlder } else { Self::Claude }
    }
}

/// `o1`, `o3-mini`, `openai/o4-mini`.
fn is_o_series(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    matches!(name.as_bytes(), [b'o' | b'O', b'1'..=b'9', rest @ ..] if rest.first().is_none_or(|byte| *byte == b'-'))
}

/// Whether a name holds a word, whatever the case of its letters.
pub(crate) fn contains(name: &str, word: &str) -> bool {
    name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_the_beginning_is_read() {
        let long = format!("{}claude", "x".repeat(1000));
        let family = |provider: &str, model: &str| crate::Tokenizer::of(provider, model).family();
        assert_eq!(family("openai", &long), Family::O200k, "what comes later is not looked for");
        assert_eq!(family("", &format!("claude{long}")), Family::Claude);
    }

    #[test]
    fn families_are_known_by_their_models() {
        for (provider, model, family) in [
            ("openai", "gpt-4o-2024-08-06", Family::O200k),
            ("openai", "gpt-4.1-nano", Family::O200k),
            ("openai", "gpt-5.5", Family::O200k),
            ("openrouter", "openai/o4-mini", Family::O200k),
            ("groq", "openai/gpt-oss-120b", Family::O200k),
            ("azure", "my-deployment", Family::O200k),
            ("openai", "gpt-4", Family::Cl100k),
            ("openai", "gpt-4-turbo-2024-04-09", Family::Cl100k),
            ("azure", "gpt-35-turbo", Family::Cl100k),
            ("openai", "text-embedding-3-large", Family::Cl100k),
            ("bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", Family::ClaudeOlder),
            ("anthropic", "claude-opus-4-20250514", Family::ClaudeOlder),
            ("anthropic", "claude-3-5-haiku-latest", Family::ClaudeOlder),
            ("anthropic", "claude-opus-4-8", Family::Claude),
            ("vertex", "claude-sonnet-5@20260801", Family::Claude),
            ("gemini", "models/gemini-3-pro", Family::Gemini),
            ("fireworks", "accounts/fireworks/models/llama-v3p1-8b-instruct", Family::Llama),
            ("together", "deepseek-ai/DeepSeek-R1-Distill-Llama-70B", Family::DeepSeek),
            ("mistral", "magistral-small", Family::Mistral),
            ("alibaba", "Qwen3-Max", Family::Qwen),
            ("cohere", "command-a", Family::Other),
            ("x", "olmo-2", Family::Other),
            ("", "", Family::Other),
        ] {
            assert_eq!(Family::of(provider, model), family, "{provider} {model}");
        }
    }
}
