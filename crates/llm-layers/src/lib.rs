//! Tower layers for LLM traffic, each of its own use, together an OpenAI-compatible proxy.
//!
//! This crate holds no code: it re-exports the layers, each under a feature of its name. Whoever
//! needs one of them may as well depend on that crate alone.
//!
//! ```
//! use llm_layers::prelude::*;
//!
//! let local = Provider::openai("http://127.0.0.1:8000/v1")?.with_name("local");
//! let claude = Provider::anthropic("https://api.anthropic.com")?.with_name("claude");
//! let translator = TranslatorLayer::of([local, claude]);
//! # let _ = translator;
//! # Ok::<(), llm_layers::provider_translator::ProviderError>(())
//! ```
//!
//! | feature | crate | what it does |
//! | --- | --- | --- |
//! | `provider-translator` (default) | [`provider_translator`] | OpenAI in, any provider out |
//! | `bedrock`, `vertex` | the same | Amazon Bedrock; Google's own credentials for Vertex AI |
//! | `egress` | `llm-layers-egress` | what the client below may reach, and whom to believe there |
//! | `timeout` | `llm-layers-timeout` | a deadline for a call; limits on silent, stalled and crawling providers |
//! | `retry` | `llm-layers-retry` | failed calls once more, before the first byte and within a budget; hedged calls |
//! | `circuit-breaker` | `llm-layers-circuit-breaker` | no calls to a deployment that fails, until probes succeed |
//! | `cost-router` | `llm-layers-cost-router` | the cheapest deployment that is good enough, fast enough and alive; fallback to the next |
//! | `rate-limit` | `llm-layers-rate-limit` | requests, tokens and concurrent calls of each caller, with OpenAI's headers |
//! | `rate-limit-redis` | the same, and `llm-layers-redis` | limits that replicas share by a Redis or Valkey |
//! | `pii-redaction` | `llm-layers-pii-redaction` | personal data and secrets stay here, and the answer still reads right |
//! | `cache` | `llm-layers-cache` | the same question costs nothing, and never leaks to somebody else |
//! | `tool-call-validator` | `llm-layers-tool-call-validator` | no malformed tool call, and no malformed structured output, reaches the client |
//! | `accounts` | `llm-layers-accounts` | usage and cost of each attempt, ledgers, budgets, audits |
//! | `accounts-redis` | the same, and `llm-layers-redis` | ledgers and budgets that replicas share |

#[cfg(feature = "accounts")]
pub use llm_layers_accounts as accounts;
#[cfg(feature = "cache")]
pub use llm_layers_cache as cache;
#[cfg(feature = "circuit-breaker")]
pub use llm_layers_circuit_breaker as circuit_breaker;
pub use llm_layers_core as core;
#[cfg(feature = "cost-router")]
pub use llm_layers_cost_router as cost_router;
#[cfg(feature = "egress")]
pub use llm_layers_egress as egress;
#[cfg(feature = "pii-redaction")]
pub use llm_layers_pii_redaction as pii_redaction;
#[cfg(feature = "provider-translator")]
pub use llm_layers_provider_translator as provider_translator;
#[cfg(feature = "rate-limit")]
pub use llm_layers_rate_limit as rate_limit;
#[cfg(any(feature = "accounts-redis", feature = "rate-limit-redis"))]
pub use llm_layers_redis as redis;
#[cfg(feature = "retry")]
pub use llm_layers_retry as retry;
#[cfg(feature = "timeout")]
pub use llm_layers_timeout as timeout;
#[cfg(feature = "tool-call-validator")]
pub use llm_layers_tool_call_validator as tool_call_validator;
pub use llm_layers_wire as wire;

/// What a stack of layers is put together from.
pub mod prelude {
    #[cfg(feature = "accounts")]
    pub use llm_layers_accounts::AccountsLayer;
    #[cfg(feature = "cache")]
    pub use llm_layers_cache::CacheLayer;
    #[cfg(feature = "circuit-breaker")]
    pub use llm_layers_circuit_breaker::CircuitBreakerLayer;
    pub use llm_layers_core::{Body, Deployment, ErrorToResponseLayer, Operation, Secret};
    #[cfg(feature = "cost-router")]
    pub use llm_layers_cost_router::{Alias, RouterLayer, Routes};
    #[cfg(feature = "pii-redaction")]
    pub use llm_layers_pii_redaction::RedactLayer;
    #[cfg(feature = "provider-translator")]
    pub use llm_layers_provider_translator::{InboundLayer, Provider, TranslatorLayer};
    #[cfg(feature = "rate-limit")]
    pub use llm_layers_rate_limit::RateLimitLayer;
    #[cfg(feature = "retry")]
    pub use llm_layers_retry::{HedgeLayer, RetryLayer};
    #[cfg(feature = "timeout")]
    pub use llm_layers_timeout::{DeadlineLayer, TimeoutLayer};
    #[cfg(feature = "tool-call-validator")]
    pub use llm_layers_tool_call_validator::ValidateLayer;
}
