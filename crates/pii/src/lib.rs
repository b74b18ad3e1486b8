//! Finds personal data and secrets in text: addresses, numbers, keys, with checksums, context and in linear time.
//!
//! ```
//! use llm_layers_pii::{Detectors, Entity};
//!
//! let detectors = Detectors::default();
//! let text = "Mail anna@posteo.example or pay to DE89 3704 0044 0532 0130 00.";
//! let found = detectors.find(text);
//! assert_eq!((&found[0].entity, &text[found[0].range.clone()]), (&Entity::EMAIL, "anna@posteo.example"));
//! assert_eq!((&found[1].entity, &text[found[1].range.clone()]), (&Entity::IBAN, "DE89 3704 0044 0532 0130 00"));
//! ```
//!
//! A set of one's own chooses among the entities, and adds to them:
//!
//! ```
//! use llm_layers_pii::{Detectors, Entity};
//!
//! let customer = Entity::new("customer");
//! let detectors = Detectors::builder()
//!     .only([Entity::EMAIL, Entity::CREDIT_CARD])
//!     .pattern(customer.clone(), r"\bC-\d{6}\b")
//!     .allow(["*@acme.example"])
//!     .build()?;
//! let text = "C-123456 wrote to info@acme.example";
//! let found = detectors.find(text);
//! assert_eq!(found.len(), 1);
//! assert_eq!((&found[0].entity, &text[found[0].range.clone()]), (&customer, "C-123456"));
//! # Ok::<(), llm_layers_pii::BuildError>(())
//! ```
//!
//! # How it finds
//! Text is read in blocks of 64 bytes, and those without a digit, an `@`, a long token or capital letters in a row are left
//! at once. Elsewhere one automaton over all patterns, a lazy DFA, runs from where words begin; its matches must begin and
//! end where words and numbers do, and pass their [check](checks). Each row of the [tables](detectors) has a score; words
//! nearby raise or lower it, and what reaches the threshold is found. Of what overlaps the surest stays, then the longest.
//!
//! Full-width and other digits, characters that cannot be seen, combining marks, look-alike hyphens and spaces are read as
//! what they look like; around escape sequences (`\u0040`, `%40`, `&#64;`) there is a second look with those read. Ranges are
//! always of the text as it was given.
//!
//! # Limits
//! - A pattern matches at most 128 bytes, one of a user at most 1,024; functions look some 200 bytes around.
//! - The automaton's states take at most 8 MiB for each thread that searches at the same time.
//! - Time and memory are linear in the text, whatever is in it. Nothing is allocated for a text in which nothing is found,
//!   unless it has to be read in another form.
//! - Values are in no `Debug` output and no error.
//!
//! # Dependencies
//! - `regex-automata`: the automaton, and patterns of users, all without backtracking.
//! - `aho-corasick`: words that functions are called at, and words of users.
//! - `memchr`: escape sequences and single bytes.
//! - `wide`, `bytemuck`: classes of bytes by vector instructions, without unsafe code here.
//! - `sha2`, `sha3`: the checksums of crypto currencies' addresses.

pub mod checks;
mod detect;
mod detector;
pub mod detectors;
mod engine;
mod entity;
mod finding;

pub use detect::{Detect, Text};
pub use detector::{Check, Detector, Form, Trigger};
pub use engine::{BuildError, Builder, Detectors};
pub use entity::Entity;
pub use finding::Finding;
