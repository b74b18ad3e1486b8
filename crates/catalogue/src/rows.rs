//! The files of the catalogue.

/// A file for each provider, by its name.
macro_rules! files {
    ($($provider:literal,)*) => {
        &[$(($provider, include_str!(concat!("../data/", $provider, ".jsonl"))),)*]
    };
}

/// Each provider's rows.
pub(crate) const ROWS: &[(&str, &str)] = files![
    "anthropic",
    "azure",
    "baseten",
    "bedrock",
    "cerebras",
    "cohere",
    "dashscope",
    "deepinfra",
    "deepseek",
    "fireworks",
    "friendli",
    "gemini",
    "groq",
    "huggingface",
    "hyperbolic",
    "meta",
    "minimax",
    "mistral",
    "moonshot",
    "nebius",
    "novita",
    "nscale",
    "openai",
    "openrouter",
    "perplexity",
    "sambanova",
    "scaleway",
    "streamlake",
    "tencent",
    "together",
    "vercel",
    "vertex",
    "volcengine",
    "wandb",
    "xai",
    "zai",
];
