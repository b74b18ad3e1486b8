//! Nothing personal leaves, and the answer still reads right: a tower layer that finds personal data and secrets in LLM
//! calls, sends placeholders in their place, and puts the values back into the answer, streams and tool calls included.
//!
//! ```no_run
//! use axum::{Router, routing::post};
//! use llm_layers_pii_redaction::RedactLayer;
//!
//! # async fn forward() {}
//! # let _: Router =
//! Router::new().route("/v1/chat/completions", post(forward)).layer(RedactLayer::default());
//! ```
//!
//! | who | reads |
//! | --- | --- |
//! | the client sends | `Mail anna@posteo.de, or pay to DE89 3704 0044 0532 0130 00.` |
//! | the model sees | `Mail <EMAIL_7f3a09c2>, or pay to <IBAN_51d0be44>.` |
//! | the model says | `I have written to <EMAIL_7f3a09c2>.` |
//! | the client reads | `I have written to anna@posteo.de.` |
//!
//! What is done to which kind is a setting:
//!
//! ```
//! use llm_layers_core::Secret;
//! use llm_layers_pii_redaction::{Action, Detectors, Entity, RedactLayer};
//!
//! let detectors = Detectors::builder()
//!     .pattern("customer", r"C-[0-9]{6}")
//!     .words("project", ["Bluebird", "Nightjar"])
//!     .allow(["support@acme.example"])
//!     .build()?;
//! let layer = RedactLayer::new(detectors)
//!     .action(Entity::CREDIT_CARD, Action::Block)
//!     .action(Entity::US_SSN, Action::Mask)
//!     .action("project", Action::Replace("our project".into()))
//!     .key(Secret::new("the same value, the same placeholder, for as long as this key is kept"));
//! # let _ = layer;
//! # Ok::<(), llm_layers_pii_redaction::BuildError>(())
//! ```
//!
//! Without tower: a [`Session`] redacts texts by [`Rules`], and a [`Restorer`] puts back what it has taken out.
//!
//! # What is found
//!
//! What [`Detectors`] find by themselves: over a hundred kinds, from email addresses and cards to national identifiers and
//! keys, by patterns with checksums and the words around them. More is found by anybody's [`Detect`] in the process
//! ([`RedactLayer::detect`]; with the feature `ner` a model for names, [`Ner`]), and by who is asked over the network
//! ([`RedactLayer::detect_async`]: [`Presidio`], an [`Llm`], anybody's [`DetectAsync`]). People's names are looked for where
//! they are asked for: `Detectors::builder().also([Entity::PERSON])`.
//!
//! Every text of the calls that [`Operation`](llm_layers_core::Operation) knows is searched: chat completions, completions,
//! embeddings, responses and messages; and of a few more that hold prompts, such as `/v1/messages/count_tokens`,
//! `/v1/responses/compact`, `/v1/moderations`, `/v1/images/generations` and `/v1/audio/speech`. A member that nobody knows is a text as well; what is left alone is the protocol's
//! own (roles, ids, names of models and functions). JSON within strings is understood, text files in base64 are opened, and
//! texts that follow each other are searched as one. Headers and the query are searched too, by the detectors in the process: a header in which something is
//! found does not go on. A path stays as it is; the call is refused if something to be blocked stands there.
//!
//! Not searched are pictures, sound and files that are no text, which [pass](RedactLayer::media) unless they are refused;
//! token arrays; what a provider has signed or encrypted; and [calls](RedactLayer::other_calls) that are no LLM operations.
//!
//! # What is put back
//!
//! Placeholders minted for this very request, and no others: their tags are hashes under a secret that is drawn for each
//! request, or under a key of the user's and the caller's name. What looks like one and is none is left alone, whoever wrote
//! it. Models that change case, brackets or spacing of a placeholder are understood. Values are put back in every choice:
//! content, reasoning, refusals, the arguments of tool calls, which stay valid JSON; and in errors. Offsets into a text
//! (citations) are the model's: they count placeholders.
//!
//! A value is put back wherever the model repeats its placeholder, also where it was talked into that: a page that a tool
//! has fetched may ask it to send `<SECRET_…>` somewhere. What must not come back is masked or blocked. And what a provider
//! keeps (`previous_response_id`, stored conversations) repeats placeholders of calls that are over: the client reads them
//! as they are.
//!
//! # Ordering
//!
//! Above whatever reads prompts or keeps them (caches, logs), below authentication, which says who the
//! [`Caller`](llm_layers_core::Caller) is. A cache below finds its entries again only with a [key](RedactLayer::key).
//!
//! # Buffering
//!
//! The request's body whole, up to 16 MiB. A plain answer whole, up to 32 MiB, if there is anything to put back in it or
//! answers are searched; else it passes unread. Values are kept in a [`Vault`] for as long as the call lasts, and are then overwritten there. A body is searched in one go,
//! on the thread that calls: some milliseconds a megabyte.
//!
//! # Streaming
//!
//! Events pass as they come. Of a running text is held back what may still become one of the request's placeholders: at
//! most one placeholder. Where [answers](RedactLayer::answers) are searched, the last words are held back as well (as many
//! as what you look for yourself may have), numbers with the words around them (128 bytes), and up to 64 KiB of what is found
//! and has not ended. Events in which nothing changes keep their bytes.
//!
//! # Cancellation
//!
//! Nothing is spawned, but for a [`Ner`] in an [`External`], which thinks on tokio's blocking threads. A dropped call, or
//! body, drops the call below, and the values with it.
//!
//! # Errors
//!
//! | what | answer |
//! | --- | --- |
//! | something that must not leave | 400 `personal_data_blocked`: kinds and counts |
//! | media that must not leave | 400 `personal_data_unsearchable` |
//! | a call that nobody can search, where [such](RedactLayer::other_calls) are refused | 403 `personal_data_unsearchable` |
//! | a body that is no JSON object, or too long | 400 `invalid_json`, 413 `request_too_large` |
//! | an external detector that has failed, and must not | 503 `redaction_unavailable` |
//! | an answer that holds what must not be handed on | 502 `personal_data_in_answer`; in a stream, the error event that ends it |
//! | an answer that breaks off or cannot be read | 502 `upstream_error`, `unreadable_answer` |
//!
//! All but the last two carry [`Rejection::Blocked`](llm_layers_core::Rejection::Blocked) or `Invalid`: no provider was asked.
//! An `Err` from below is passed on.
//!
//! # Metrics
//!
//! | counter | labels |
//! | --- | --- |
//! | `llm_pii_found_total` | `entity`, `action`, `direction` (`request`, `answer`) |
//! | `llm_pii_blocked_total` | `operation`, `direction` |
//! | `llm_pii_media_total` | `kind`, `action` |
//! | `llm_pii_detector_failures_total` | `detector`, `consequence` (`refused`, `skipped`) |
//! | `llm_pii_unlocated_total` | none: texts that a model has named and that are nowhere |
//! | `llm_pii_unasked_total` | none: texts that a model has named of kinds that it was not asked for |
//!
//! Answers carry `x-llm-redacted: email=2,iban=1`, a [`Report`] as an extension, and an [audit hook](RedactLayer::audit) is
//! given one for each direction. No value is in any of these, nor in a log or a `Debug`; the caller's name is, so let it be none.
//!
//! # Dependencies
//!
//! `blake3` makes tags and hashes (keyed, and the fastest there is), `aes-gcm-siv` encrypts (RustCrypto; misuse-resistant, so
//! that equal values may give equal texts), `getrandom` is the system's chance, `zeroize` overwrites values, `base64` opens
//! files. Under `ner`, `ort` runs models by the ONNX Runtime that you supply, and `tokenizers` is what their authors use. What
//! finds things is [`llm_layers_pii`].

mod action;
mod answer;
mod call;
#[cfg(feature = "serde")]
mod config;
mod errors;
mod external;
mod json;
mod keyed;
mod layer;
#[cfg(feature = "ner")]
mod ner;
mod observe;
mod placeholder;
mod places;
mod replace;
mod report;
mod request;
pub mod restore;
mod rules;
mod screen;
mod service;
mod session;
mod vault;

pub use action::Action;
#[cfg(feature = "serde")]
pub use config::{ActionConfig, Config, CustomConfig, KeyConfig, StyleConfig};
pub use external::{DetectAsync, Detecting, External, ExternalError, ExternalFindings, Llm, OnFailure, Presidio};
#[cfg(feature = "serde")]
pub use external::{LlmConfig, LlmKinds, PresidioConfig};
pub use layer::{Media, RedactLayer};
pub use llm_layers_pii::{BuildError, Detect, Detector, Detectors, Entity, Finding, Text};
#[cfg(all(feature = "ner", feature = "serde"))]
pub use ner::NerConfig;
#[cfg(feature = "ner")]
pub use ner::{Ner, NerError, OnnxRuntime};
pub use placeholder::{Style, StyleError};
pub use replace::encrypt::decrypt;
pub use report::{Direction, Found, Report};
pub use restore::{Escape, Restorer};
pub use rules::{Rules, RulesError};
pub use service::Redact;
pub use session::Session;
pub use vault::Vault;
