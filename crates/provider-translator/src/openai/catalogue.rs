//! Providers that are compatible with OpenAI, a row each. Adding one is adding a row: see `docs/adding-a-provider.md`.
//!
//! Base URLs: printed by LiteLLM 1.106.2, or read in Portkey 669825c, rust-genai bd84fbb or the vendor's page named at
//! the row. Quirks: the SDKs and pages named there, read on 2026-11-21; "LiteLLM" is the source of 1.109.1. A switch
//! is off where nothing could be found that needs it, and where being wrong would lose what the client has said.

use super::quirks::{Answers, Effort, Formats, Names, Order, Quirks, Reasoning, StreamOptions, Text, TokenCap};

/// A provider that is known by name.
#[derive(Debug)]
pub struct Known {
    name: &'static str,
    base_url: &'static str,
    key_variable: Option<&'static str>,
    /// Further hosts where it is found: of other regions, and older ones.
    hosts: &'static [&'static str],
    responses: bool,
    pub(crate) quirks: Quirks,
}

impl Known {
    /// Its name, as in [`Provider::known`](crate::Provider::known).
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What OpenAI's SDK would be given as its base URL. Of a server that people run themselves: its default.
    #[must_use]
    pub const fn base_url(&self) -> &'static str {
        self.base_url
    }

    /// The environment variable that its documentation puts the key into. `None` of a server that needs no key.
    #[must_use]
    pub const fn key_variable(&self) -> Option<&'static str> {
        self.key_variable
    }

    /// Whether it has `/responses`: the provider's own pages and `LiteLLM`'s list of its endpoints, 2026-11-21.
    #[must_use]
    pub const fn has_responses(&self) -> bool {
        self.responses
    }

    const fn with_responses(mut self) -> Self {
        self.responses = true;
        self
    }

    /// Whether it is run by somebody else, and not on the machines of whoever uses it.
    #[must_use]
    pub fn is_hosted(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    fn is_at(&self, host: &str) -> bool {
        let own = self.base_url.strip_prefix("https://").and_then(|url| url.split('/').next());
        own == Some(host) || self.hosts.contains(&host)
    }
}

/// The providers that are known by name.
#[must_use]
pub const fn catalogue() -> &'static [Known] {
    CATALOGUE
}

pub(crate) fn by_name(name: &str) -> Option<&'static Known> {
    CATALOGUE.iter().find(|known| known.name == name)
}

/// The hosted provider that is found at a host.
pub(crate) fn by_host(host: &str) -> Option<&'static Known> {
    CATALOGUE.iter().find(|known| known.is_at(host))
}

/// Most of them: `system` for `developer`.
const PLAIN: Quirks = Quirks { no_developer: true, hides_errors: true, ..Quirks::NONE };

/// The same, and usage is asked for: of those who are known to take that, and do not tell unasked.
const ASKED: Quirks = Quirks { stream_options: StreamOptions::Usage, ..PLAIN };

const fn row(
    name: &'static str,
    base_url: &'static str,
    key_variable: &'static str,
    hosts: &'static [&'static str],
    quirks: Quirks,
) -> Known {
    Known { name, base_url, key_variable: Some(key_variable), hosts, responses: false, quirks }
}

const fn local(name: &'static str, base_url: &'static str, quirks: Quirks) -> Known {
    Known { name, base_url, key_variable: None, hosts: &[], responses: false, quirks }
}

#[rustfmt::skip]
const CATALOGUE: &[Known] = &[
    // https://platform.openai.com/docs/api-reference; the types of its Python SDK 3.52.0.
    row("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", &[], Quirks {
        stream_options: StreamOptions::Usage,
        answers: Answers::OpenAi,
        token_cap: TokenCap::NewOfThinkers,
        ..Quirks::NONE
    }).with_responses(),
    // Requests, finish reasons, thinking chunks, calls without ids and with objects: the types of mistralai 3.7.0,
    // which has no `stream_options`, `user`, `logit_bias`, `store` and `max_completion_tokens`. Whatever it does not
    // know is a 422 `extra_forbidden`, in messages too: partITech/php-mistral#76, sipeed/picoclaw#1502,
    // Gitlawb/openclaude#739, OpenHands/OpenHands-CLI#83, editor-code-assistant/eca#231,
    // Gage-Technologies/mistral-go#2. Order of roles: BerriAI/litellm#17761, avante-corp/avante.nvim#2695. `any` is
    // known to older models, `required` only to new ones.
    row("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", &["codestral.mistral.ai"], Quirks {
        token_cap: TokenCap::Old,
        stream_options: StreamOptions::Unknown,
        unsupported: &[
            "logit_bias", "user", "service_tier", "store", "metadata", "modalities", "audio", "verbosity", "moderation",
            "safety_identifier", "prompt_cache_options", "prompt_cache_retention", "web_search_options", "functions",
            "function_call",
        ],
        renamed: &[("seed", "random_seed")],
        no_nulls: true,
        any_tool: true,
        schema_keywords: &["$id", "$schema"],
        no_developer: true,
        names: Names::OfTools,
        message_members: Some(&["role", "content", "tool_calls", "tool_call_id", "name", "prefix"]),
        short_ids: true,
        order: Order::AssistantAfterTool,
        answers: Answers::Repaired,
        functions_only: true,
        parameters_needed: true,
        ..Quirks::NONE
    }),
    // https://api-docs.deepseek.com/guides/thinking_mode: thinking is on by default, ignores temperature and
    // penalties, and the thoughts of turns with calls must come back, else 400; those of others are ignored. What
    // LiteLLM sends where they were lost, a space, is taken. Of efforts it knows all but `none`. Structured output is
    // `json_object` only: https://api-docs.deepseek.com/api/create-chat-completion.
    row("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", &[], Quirks {
        token_cap: TokenCap::Old,
        one_choice: true,
        reasoning: Reasoning::WithCalls(&[]),
        effort: Effort::Thinking,
        formats: Formats::NoJsonSchema,
        answers: Answers::Repaired,
        functions_only: true,
        ..ASKED
    }),
    // https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope (2026-03-18): the
    // hosts, and usage in streams only if asked for. Both bounds of length are known, and differ in what they bound
    // (2026-11-02). https://www.alibabacloud.com/help/en/model-studio/deep-thinking (2026-06-18): `enable_thinking`.
    row("dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY",
        &["dashscope.aliyuncs.com", "dashscope-us.aliyuncs.com", "cn-hongkong.dashscope.aliyuncs.com"],
        Quirks { effort: Effort::EnableThinking, ..ASKED }),
    // LiteLLM `xai/chat/transformation.py`: no `name` but the user's, no `strict` in tools, `finish_reason` "" with
    // calls.
    row("xai", "https://api.x.ai/v1", "XAI_API_KEY", &[], Quirks {
        function_members: &["strict"],
        unsupported: &["logit_bias", "web_search_options"],
        answers: Answers::Repaired,
        ..ASKED
    }).with_responses(),
    // https://console.groq.com/docs/openai: a 400 for `logprobs`, `logit_bias`, `top_logprobs`, `messages[].name`, `n`
    // above 1. Usage comes in `x_groq` unasked; `stream_options` is not in groq 1.7.0. Members of messages: its types,
    // but that models which do not reason refuse `reasoning` (vercel/ai#8057), and all of them `reasoning_content`
    // (janhq/jan#8136). Nulls: BerriAI/litellm#5839.
    row("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", &[], Quirks {
        unsupported: &["logprobs", "logit_bias", "top_logprobs", "metadata", "store"],
        one_choice: true,
        no_nulls: true,
        names: Names::None,
        message_members: Some(&["role", "content", "tool_calls", "tool_call_id", "function_call", "name"]),
        answers: Answers::Repaired,
        functions_only: true,
        ..PLAIN
    }).with_responses(),
    // https://docs.together.ai/docs/openai-api-compatibility
    row("together", "https://api.together.ai/v1", "TOGETHER_API_KEY", &["api.together.xyz"],
        Quirks { token_cap: TokenCap::Old, answers: Answers::Repaired, ..PLAIN }),
    // https://docs.fireworks.ai/tools-sdks/openai-compatibility: usage comes with the last chunk, unasked;
    // `stream_options` was refused once (FlowiseAI/Flowise#2866). A prompt that is too long is cut, unless it is told
    // to say so.
    row("fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", &[], Quirks {
        preset: &[("context_length_exceeded_behavior", "\"error\"")],
        token_cap: TokenCap::Old,
        ..ASKED
    }),
    // https://openrouter.ai/docs: unknown members are ignored; usage comes always.
    row("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", &[],
        Quirks { no_developer: false, answers: Answers::Repaired, ..PLAIN }).with_responses(),
    // https://huggingface.co/TokenMixAi
    row("tokenmix", "https://api.tokenmix.ai/v1", "TOKENMIX_API_KEY", &[],
        Quirks { no_developer: false, answers: Answers::Repaired, ..PLAIN }),
    // https://portkey.ai/docs/api-reference: the header of the key. What lies behind it decides all else.
    row("portkey", "https://api.portkey.ai/v1", "PORTKEY_API_KEY", &[],
        Quirks { no_developer: false, key_header: Some("x-portkey-api-key"), ..PLAIN }),
    // LiteLLM `perplexity/chat/transformation.py`: the members that it knows. Turns alternate, and it sends usage
    // unasked.
    row("perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", &[], Quirks {
        token_cap: TokenCap::Old,
        stream_options: StreamOptions::Unknown,
        unsupported: &[
            "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "seed", "stop", "logit_bias",
            "logprobs", "top_logprobs",
        ],
        one_choice: true,
        order: Order::Alternating,
        cites: true,
        answers: Answers::Repaired,
        ..PLAIN
    }),
    // https://inference-docs.cerebras.ai/resources/openai: no `developer`. Reasoning handed back is a 400
    // `wrong_api_format`: egoist/chatwise-releases#1442. It takes all else that OpenAI's SDK sends
    // (pipecat-ai/pipecat#5450), but for what its page and req_llm 1.9.0 name as a 400. Its answers have `reasoning`.
    row("cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", &[], Quirks {
        token_cap: TokenCap::New,
        unsupported: &["logit_bias", "frequency_penalty", "presence_penalty", "service_tier"],
        one_choice: true,
        reasoning: Reasoning::Dropped,
        answers: Answers::Repaired,
        ..ASKED
    }),
    // LiteLLM `sambanova/chat.py`: the members that it knows, and content as a string. Its answers have `reasoning`:
    // the types of sambanova 1.13.0.
    row("sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY", &[], Quirks {
        token_cap: TokenCap::Old,
        unsupported: &[
            "logprobs", "top_logprobs", "logit_bias", "presence_penalty", "frequency_penalty", "seed", "user",
        ],
        one_choice: true,
        text: Text::All,
        answers: Answers::Repaired,
        ..ASKED
    }),
    // https://docs.api.nvidia.com/nim: what a model takes is the model's. With `stream_options` some hang
    // (HKUDS/DeepTutor#420), so that it is for the client to ask. Of what is not done in time its pages on
    // `statuspolling` say where it will be.
    row("nvidia", "https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY", &[],
        Quirks { token_cap: TokenCap::Old, answers_later: true, ..PLAIN }),
    // https://huggingface.co/docs/inference-providers: the provider behind it decides.
    row("huggingface", "https://router.huggingface.co/v1", "HF_TOKEN", &[],
        Quirks { answers: Answers::Repaired, ..PLAIN }),
    // https://docs.github.com/en/rest/models/inference
    row("github", "https://models.github.ai/inference", "GITHUB_TOKEN", &["models.inference.ai.azure.com"],
        Quirks { no_developer: false, ..PLAIN }),
    // LiteLLM `moonshot/chat/transformation.py`: temperature from 0 to 1, `max_tokens`, and the thoughts behind calls.
    row("moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", &["api.moonshot.cn"], Quirks {
        token_cap: TokenCap::Old,
        unsupported: &["functions", "function_call"],
        temperature: Some((0.0, 1.0)),
        reasoning: Reasoning::WithCalls(&["kimi-k2.", "kimi-k3", "thinking"]),
        answers: Answers::Repaired,
        ..PLAIN
    }),
    // LiteLLM `zai/chat/transformation.py`, which sends `stream_options`, and the page of agentscope's GLM formatter:
    // no names, no `strict`, no penalties, temperature up to 1. https://docs.z.ai/api-reference/llm/chat-completion:
    // `tool_choice` is `auto`, `stop` has one item. https://docs.z.ai/guides/capabilities/thinking-mode: `thinking`;
    // newer models know efforts too, and older ones ignore them.
    row("zai", "https://api.z.ai/api/paas/v4", "ZAI_API_KEY", &["open.bigmodel.cn"], Quirks {
        token_cap: TokenCap::Old,
        unsupported: &[
            "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "seed", "user",
            "parallel_tool_calls",
        ],
        temperature: Some((0.0, 1.0)),
        auto_tool_only: true,
        one_stop: true,
        effort: Effort::Thinking,
        one_choice: true,
        function_members: &["strict"],
        names: Names::None,
        answers: Answers::Repaired,
        ..ASKED
    }),
    // https://platform.minimax.io/docs/api-reference/text-openai-api: temperature above 0 and up to 1, one choice, no
    // `function_call`. Thoughts come within the content, and have to be handed back so; `reasoning_split` would take
    // them out, but whether streams then repeat what they said is disputed (MiniMax-AI/MiniMax-M2#95).
    row("minimax", "https://api.minimax.io/v1", "MINIMAX_API_KEY", &["api.minimaxi.com"], Quirks {
        unsupported: &["functions", "function_call"],
        temperature: Some((0.01, 1.0)),
        one_choice: true,
        answers: Answers::Repaired,
        ..PLAIN
    }),
    // LiteLLM `deepinfra/chat/transformation.py`: tools answer with a string. https://deepinfra.com/docs/openai_api
    row("deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY", &[],
        Quirks { token_cap: TokenCap::Old, text: Text::OfTools, ..PLAIN }),
    // LiteLLM `nebius/chat/transformation.py`
    row("nebius", "https://api.studio.nebius.ai/v1", "NEBIUS_API_KEY", &["api.tokenfactory.nebius.com"],
        Quirks { token_cap: TokenCap::Old, ..PLAIN }),
    // LiteLLM `novita/chat/transformation.py`
    row("novita", "https://api.novita.ai/v3/openai", "NOVITA_API_KEY", &[],
        Quirks { token_cap: TokenCap::Old, ..PLAIN }),
    // LiteLLM `get_llm_provider`; no `stream_options`.
    row("hyperbolic", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY", &[],
        Quirks { token_cap: TokenCap::Old, stream_options: StreamOptions::Unknown, ..PLAIN }),
    // LiteLLM `get_llm_provider` and Portkey, for the URLs; all that is known of these.
    row("baseten", "https://inference.baseten.co/v1", "BASETEN_API_KEY", &[], ASKED),
    row("lambda", "https://api.lambda.ai/v1", "LAMBDA_API_KEY", &[], PLAIN),
    row("featherless", "https://api.featherless.ai/v1", "FEATHERLESS_AI_API_KEY", &[], PLAIN),
    row("nscale", "https://inference.api.nscale.com/v1", "NSCALE_API_KEY", &[], PLAIN),
    row("friendli", "https://api.friendli.ai/serverless/v1", "FRIENDLI_TOKEN", &[], PLAIN),
    // Its answers have `reasoning`: Alishahryar1/free-claude-code#1419.
    row("wandb", "https://api.inference.wandb.ai/v1", "WANDB_API_KEY", &[],
        Quirks { answers: Answers::Repaired, ..PLAIN }),
    row("scaleway", "https://api.scaleway.ai/v1", "SCW_SECRET_KEY", &[], PLAIN),
    row("chutes", "https://llm.chutes.ai/v1", "CHUTES_API_KEY", &[], Quirks { token_cap: TokenCap::Old, ..PLAIN }),
    row("meta", "https://api.meta.ai/v1", "META_API_KEY", &[], PLAIN),
    row("volcengine", "https://ark.cn-beijing.volces.com/api/v3", "ARK_API_KEY", &[], ASKED),
    row("vercel", "https://ai-gateway.vercel.sh/v1", "AI_GATEWAY_API_KEY", &[],
        Quirks { no_developer: false, ..PLAIN }),
    row("tencent", "https://tokenhub-intl.tencentcloudmaas.com/v1", "TENCENT_API_KEY", &[], PLAIN),
    row("streamlake", "https://vanchin.streamlake.ai/api/gateway/v1/endpoints", "STREAMLAKE_API_KEY", &[], PLAIN),
    // The layers that others have before APIs of their own, which say more: `Provider::gemini`, `anthropic`, `cohere`.
    row("gemini-openai", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", &[],
        Quirks { answers: Answers::Repaired, ..PLAIN }),
    row("anthropic-openai", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", &[], PLAIN),
    row("cohere-openai", "https://api.cohere.ai/compatibility/v1", "CO_API_KEY", &["api.cohere.com"], PLAIN),
    // What a server knows is its version's. `developer` fails in chat templates that have no such role, with
    // "Unexpected message role." (ogx-ai/ogx#6069, kubernetes-sigs/inference-perf#553).
    // vLLM has renamed `reasoning_content` to `reasoning`.
    local("vllm", "http://localhost:8000/v1", Quirks { answers: Answers::Repaired, ..ASKED }).with_responses(),
    local("sglang", "http://localhost:30000/v1", Quirks { answers: Answers::Repaired, ..ASKED }),
    local("llamacpp", "http://localhost:8080/v1", ASKED).with_responses(),
    local("lmstudio", "http://localhost:1234/v1", Quirks {
        token_cap: TokenCap::Old,
        formats: Formats::NoJsonObject,
        ..ASKED
    }).with_responses(),
    local("tgi", "http://localhost:8080/v1", Quirks {
        token_cap: TokenCap::Old,
        one_choice: true,
        answers: Answers::Repaired,
        ..PLAIN
    }),
    // https://docs.ollama.com/api/openai-compatibility: `stream_options.include_usage`, `max_tokens`; no `n`,
    // `logit_bias`, `tool_choice`.
    local("ollama-v1", "http://localhost:11434/v1", Quirks {
        token_cap: TokenCap::Old,
        unsupported: &["logit_bias"],
        auto_tool_only: true,
        one_choice: true,
        answers: Answers::Repaired,
        ..ASKED
    }),
    // Measured with 1.106.2: it takes whatever OpenAI does, and drops what lies behind it does not take.
    local("litellm", "http://localhost:4000/v1", Quirks { no_developer: false, ..ASKED }).with_responses(),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Provider;

    #[test]
    fn every_row_makes_a_provider_and_is_found() {
        for known in catalogue() {
            assert_eq!(catalogue().iter().filter(|other| other.name == known.name).count(), 1, "{}", known.name);
            assert!(Provider::known(known.name).is_ok(), "{}", known.name);
            assert_eq!(known.is_hosted(), known.key_variable.is_some(), "{}", known.name);
            if known.is_hosted() {
                let host = known.base_url.split('/').nth(2).expect("a host");
                assert_eq!(by_host(host).map(Known::name), Some(known.name));
            }
            for host in known.hosts {
                assert_eq!(by_host(host).map(Known::name), Some(known.name));
            }
        }
        assert!(by_host("localhost").is_none() && by_host("").is_none() && by_name("").is_none());
    }

    #[test]
    fn responses_are_told_of_those_who_have_them() {
        for (name, has) in [("openai", true), ("groq", true), ("vllm", true), ("litellm", true), ("mistral", false)] {
            assert_eq!(by_name(name).map(Known::has_responses), Some(has), "{name}");
        }
        assert_eq!(catalogue().iter().filter(|known| known.has_responses()).count(), 8);
    }

    #[test]
    fn presets_are_json() {
        for (name, value) in catalogue().iter().flat_map(|known| known.quirks.preset) {
            assert!(serde_json::from_str::<serde_json::Value>(value).is_ok(), "{name}");
        }
    }
}
