//! OpenAI's API in, any provider out: a tower layer right above the HTTP client.
//!
//! A client speaks OpenAI's dialect; the provider behind may speak it too, speak it badly, or speak
//! another. This layer sends each call where it belongs, with the provider's own key, and gives back
//! what OpenAI would have: shapes, statuses, streams.
//!
//! ```
//! use llm_layers_core::{Body, ErrorToResponseLayer, Secret};
//! use llm_layers_provider_translator::{Provider, TranslatorLayer};
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//! use tower::ServiceBuilder;
//!
//! let claude = Provider::anthropic("https://api.anthropic.com")?.with_key(&Secret::new("sk-ant-…1"));
//! # let claude = claude.or_else(|_| Provider::anthropic("https://api.anthropic.com"));
//! let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
//! let service = ServiceBuilder::new()
//!     .layer(TranslatorLayer::new(claude?))
//!     .layer(ErrorToResponseLayer::new())
//!     .service(client);
//! # let _ = service;
//! # Ok::<(), llm_layers_provider_translator::ProviderError>(())
//! ```
//!
//! With several providers a layer above puts a [`Deployment`](llm_layers_core::Deployment) into each
//! request, which names the provider and the model's id there:
//!
//! ```
//! use llm_layers_provider_translator::{Provider, TranslatorLayer};
//!
//! let layer = TranslatorLayer::of([
//!     Provider::openai("http://127.0.0.1:8000/v1")?.with_name("local"),
//!     Provider::anthropic("https://api.anthropic.com")?
//!         .with_name("claude")
//!         .with_api_version("2026-10-21")?
//!         .strict(),
//! ])
//! .max_request(4 << 20)
//! .default_max_tokens(1024);
//! # Ok::<(), llm_layers_provider_translator::ProviderError>(())
//! ```
//!
//! # What it does
//!
//! | | OpenAI-compatible, Azure | Anthropic, Gemini, Vertex AI, Bedrock, Cohere, Ollama |
//! | --- | --- | --- |
//! | request | `model` set to the id that the provider knows; every other byte as it came, but for what a provider of the [`catalogue`] does otherwise | translated, member by member |
//! | whole answer | byte for byte; held to OpenAI's shape where the catalogue says that it needs it | translated |
//! | stream | held to OpenAI's rules; an event that keeps them leaves byte for byte | translated |
//! | errors | OpenAI's shape and statuses; what the provider said is kept | the same |
//! | embeddings | passed on | translated, where the provider has them; a long list in several calls |
//! | list of models | passed on | translated, where there is one |
//! | completions, responses | passed on | [`InboundLayer`] makes chats of them |
//!
//! Providers that are compatible more or less are [known](Provider::known) by name or by their host, with their quirks:
//! other names of members, ids, orders of roles, bounds. Azure is OpenAI at [other places](Provider::azure). Vertex AI
//! serves Claude too: a model whose id begins with `claude`. Bedrock is there with the feature `bedrock`, by Converse
//! and InvokeModel, with its binary streams and its signed requests.
//!
//! Where a provider gives one choice at a time and several are asked for, it is called as many times at once (8 at
//! most). What Claude and Gemini demand back with a call's result is remembered for clients that lose it
//! ([`max_memory`](TranslatorLayer::max_memory)).
//!
//! A request to `/providers/NAME/…` goes to that provider as it is, below its base URL, with its credentials in place
//! of the caller's. So does a request for anything else (`/v1/audio/…`, `/v1/files`) that a layer above has given a
//! [`Deployment`](llm_layers_core::Deployment) of a compatible provider. What remains is passed to the service below.
//!
//! # Features
//!
//! `bedrock` (aws-sigv4, the AWS SDK's own signer, and its types of credentials) and `vertex` (gcp_auth, which finds
//! Google's credentials wherever Google's own clients do). Neither is on by default: both are heavy.
//!
//! A stream is right when it says the role first, has a `finish_reason` in every chunk (`null` until
//! the end), numbers tool calls from 0 and names each once, ends with a usage chunk only if that was
//! asked for, and with `[DONE]` always. A stream that breaks off ends with an error event of code
//! `upstream_incomplete_stream` and no `[DONE]`.
//!
//! What a dialect cannot express is left out and named in `x-llm-warning`; if that would change the
//! shape of the answer, or the provider is [`strict`](Provider::strict), the answer is a 400 that
//! names the member. The mappings follow the providers' SDKs and references of November 2026.
//!
//! # Calls in other shapes
//!
//! [`InboundLayer`] is the outermost layer of a stack: it turns Anthropic's `/v1/messages`, OpenAI's
//! `/v1/responses` and, if asked to, its old `/v1/completions` into chat completions, and their
//! answers back, so that every layer below sees chat completions only. A call that the provider takes
//! as it came ([`native`](InboundLayer::native)) passes untouched, and so does every other operation;
//! `/v1/messages/count_tokens` is one of these. Anthropic takes messages so, and for Claude do Bedrock and Vertex AI
//! ([`takes_messages`](Provider::takes_messages)): there nothing but the wrapping changes.
//!
//! ```
//! use llm_layers_provider_translator::{InboundLayer, Provider, TranslatorLayer};
//! use tower::ServiceBuilder;
//!
//! // Claude's clients, answered by whatever runs on this machine.
//! let stack = ServiceBuilder::new()
//!     .layer(InboundLayer::new())
//!     .layer(TranslatorLayer::new(Provider::openai("http://127.0.0.1:8000/v1")?));
//! # let _ = stack;
//! # Ok::<(), llm_layers_provider_translator::ProviderError>(())
//! ```
//!
//! Its errors are in the caller's shape, with the statuses that the caller's SDK knows (Anthropic's 529
//! for `server_is_overloaded`, say). It reads a request and a whole answer under limits of its own, and
//! follows a stream event by event. Of calls that a stream interleaves, which Anthropic's cannot, the
//! later ones are held until their turn, 4 MiB of them at most. What clients must hand back (signatures
//! of reasoning, and what other providers hang on their calls) travels inside of the blocks that they
//! hand back anyway.
//!
//! In a router it goes around the whole of it, and not on a route: the path changes.
//!
//! # Ordering
//!
//! The lowest layer, above [`ErrorToResponseLayer`](llm_layers_core::ErrorToResponseLayer) and the
//! client. Retry, circuit breaker and router belong above it: they see statuses that mean the same
//! for every provider.
//!
//! # Headers
//!
//! The caller's credentials, cookies and addresses do not go to the provider, nor the provider's
//! cookies and account to the caller. The provider's request id comes back as
//! `x-llm-layers-upstream-request-id`. `accept-encoding` upstream is `identity`.
//!
//! # Buffering and limits
//!
//! A request is read whole (16 MiB at most, else 413). A whole answer is read only where it must be
//! translated or is an error (32 MiB at most, else 502). A stream is never read ahead of the client
//! but for its beginning: events are held until the first one that says something, so that an error
//! before it is answered with a status. One line of a stream may be 1 MiB, one event 4 MiB.
//!
//! # Cancellation
//!
//! Dropping the response future or the body drops the provider's: the connection is closed at once.
//!
//! # Errors
//!
//! Bad requests are answered (400, 413, 415) in OpenAI's shape, marked by
//! [`Rejection`](llm_layers_core::Rejection). An `Err` of the client below is passed on as it is.
//!
//! # Metrics
//!
//! Counters `llm_translator_answers_total` (`provider`, `operation`, `status` as `2xx`),
//! `llm_translator_unanswered_total` (`provider`, `operation`), `llm_translator_refusals_total` (`provider`,
//! `operation`, the whole `status`), `llm_translator_stream_failures_total` (`provider`, `code`),
//! `llm_translator_passed_total` (`provider`, `status` as `2xx`); `tracing` events at `debug`.
//! Install the recorder before the first call.

mod anthropic;
#[cfg(feature = "bedrock")]
mod bedrock;
mod claude;
mod cohere;
mod compact;
mod conversation;
mod embeddings;
mod errors;
mod exchange;
mod format;
mod framing;
mod functions;
mod gemini;
mod headers;
mod ids;
mod inbound;
mod ir;
mod layer;
mod memory;
mod names;
mod observe;
mod ollama;
mod openai;
mod params;
mod place;
mod provider;
mod schema;
mod segment;
mod service;
mod stream;
#[cfg(test)]
mod testing;
mod translate;
mod warnings;
mod whole;

pub use inbound::{InboundLayer, InboundTranslator};
pub use layer::TranslatorLayer;
pub use llm_layers_core::ResponseFuture;
pub use openai::catalogue::{Known, catalogue};
pub(crate) use provider::ApiVersion;
#[cfg(feature = "vertex")]
pub use provider::GoogleTokens;
pub use provider::{Dialect, Provider, ProviderError, TokenFuture, TokenSource};
pub use service::Translator;
