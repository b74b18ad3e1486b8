//! What makes two requests the same.
//!
//! A key is a hash of BLAKE3 under a secret key, over who asks and what: tenant, namespace, operation and target with their
//! lengths, and the [canonical form](canonical) of the body.
//!
//! # Why BLAKE3
//!
//! The alternative was SipHash with 128 bits. Measured on 2026-11-22 (one core of a shared AMD EPYC with AVX-512, release,
//! blake3 1.8.7, siphasher 1), nanoseconds for one hash of so many bytes:
//!
//! | bytes | BLAKE3 | SipHash-1-3 | SipHash-2-4 |
//! | --- | --- | --- | --- |
//! | 200 | 281 | 54 | 95 |
//! | 2,000 | 2,148 | 501 | 853 |
//! | 20,000 | 5,610 | 4,841 | 8,693 |
//! | 200,000 | 33,636 | 47,894 | 78,429 |
//!
//! A key of 2,000 bytes of a chat takes 3.2 µs of processor time in all, one of 200 bytes 1.3 µs.
//!
//! So SipHash saves a microsecond or two where the whole costs little, and loses where hashing is what costs. But it keeps
//! its promise only towards who does not know its key, and for half the length: whoever learns the key that replicas share
//! could make two requests with one key, and have one answered by what the other was told. BLAKE3 allows that to nobody, and
//! that is worth the microseconds.

mod canonical;
mod domain;
mod ignored;
mod number;
#[cfg(feature = "semantic")]
mod question;
mod ring;
#[cfg(test)]
mod tests;
mod text;

use std::{borrow::Cow, fmt};

use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

pub(crate) use ignored::DEFAULT_IGNORED;

use self::{canonical::Form, domain::Domains, ignored::Ignored, text::Quoted};

/// What an entry is kept by: a keyed hash of all that makes the answer, and of who has asked.
///
/// It holds nothing that could be read back. It is written as the 64 hexadecimal digits of its [digest](Self::digest).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    tenant: Tenant,
    namespace: Namespace,
    digest: [u8; 32],
}

/// Whose an entry is: a keyed hash of the tenant's name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tenant(pub(crate) [u8; 16]);

/// A part of a tenant's entries that can be forgotten by itself: a keyed hash of its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Namespace(pub(crate) [u8; 16]);

/// Makes keys: what is hashed here cannot be guessed by who has not the secret.
#[derive(Clone)]
pub(crate) struct Keyring {
    domains: Domains,
    /// Members of requests that do not change the answer.
    ignored: Ignored,
}

/// A request, as far as keys go.
#[derive(Clone)]
pub(crate) struct Asked<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) operation: Operation,
    /// Who is asked, beside the body's `model`: authority, path and query, the deployment, headers that change answers.
    pub(crate) target: &'a [Cow<'a, [u8]>],
    pub(crate) body: &'a Object,
}

/// A request of which two readers could make two things, such as one with a member twice, or one whose members are too many
/// to be put in order: it has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous;

/// The question in a request, and all the rest of it.
#[cfg(feature = "semantic")]
pub(crate) struct Question {
    /// The hash of the request without the question.
    pub(crate) rest: [u8; 32],
    /// The text of the last messages of the user.
    pub(crate) text: String,
}

/// Writes a member's value in a way of its own.
type Instead<'a, 'd> = &'a dyn Fn(&mut Form<'d>) -> Result<(), Ambiguous>;

impl Keyring {
    pub(crate) fn new(secret: [u8; 32], ignored: impl IntoIterator<Item = Box<str>>) -> Self {
        Self { domains: Domains::new(&secret), ignored: Ignored::new(ignored) }
    }

    pub(crate) fn tenant(&self, name: &str) -> Tenant {
        Tenant(self.domains.tenant.short(name.as_bytes()))
    }

    pub(crate) fn namespace(&self, name: &str) -> Namespace {
        Namespace(self.domains.namespace.short(name.as_bytes()))
    }

    /// The key of a request.
    pub(crate) fn key(&self, asked: &Asked<'_>) -> Result<Key, Ambiguous> {
        let form = self.form(asked, None)?;
        Ok(self.key_of(asked, self.domains.request.hash(form.bytes())))
    }

    /// The keys of the single inputs of a request for embeddings, each given as its JSON: whatever they are asked with, and
    /// whether in a list or by themselves.
    pub(crate) fn inputs(&self, asked: &Asked<'_>, inputs: &[&[u8]]) -> Result<Vec<Key>, Ambiguous> {
        let without = |form: &mut Form<'_>| {
            form.hole();
            Ok(())
        };
        let batch = self.domains.batch.hash(self.form(asked, Some(("input", &without)))?.bytes());
        let mut form = Form::new(&self.domains, 0);
        let key = |input: &&[u8]| {
            form.truncate(0);
            form.field(&batch);
            form.value(input)?;
            Ok(self.key_of(asked, self.domains.input.hash(form.bytes())))
        };
        inputs.iter().map(key).collect()
    }

    /// The question that the last so many messages of the user are, where they are nothing but text.
    #[cfg(feature = "semantic")]
    pub(crate) fn question(&self, asked: &Asked<'_>, messages: usize) -> Option<Question> {
        let taken = question::Taken::of(asked, messages)?;
        let form = self.form(asked, Some((taken.member(), &|form| taken.write_rest(form)))).ok()?;
        Some(Question { rest: self.domains.rest.hash(form.bytes()), text: taken.text() })
    }

    fn key_of(&self, asked: &Asked<'_>, digest: [u8; 32]) -> Key {
        Key::new(self.tenant(asked.tenant), self.namespace(asked.namespace), digest)
    }

    /// All of a request that counts, with one member's value in the way of the caller.
    fn form<'d>(&'d self, asked: &Asked<'_>, instead: Option<(&str, Instead<'_, 'd>)>) -> Result<Form<'d>, Ambiguous> {
        /// What most requests need, as their long strings become hashes.
        const CAPACITY: usize = 4 << 10;
        let mut form = Form::new(&self.domains, asked.body.text_len().min(CAPACITY));
        for part in [asked.operation.as_str(), asked.tenant, asked.namespace] {
            form.field(part.as_bytes());
        }
        form.field(&(asked.target.len() as u64).to_le_bytes());
        for part in asked.target {
            form.field(part);
        }
        let opened = form.open();
        for (name, value) in self.ignored.kept(asked.operation, asked.body) {
            let quoted = Quoted { bytes: name.as_bytes(), escaped: false };
            form.member(quoted, |form| {
                let start = form.bytes().len();
                match instead {
                    Some((member, write)) if *name == *member => write(form)?,
                    _ => form.value(value)?,
                }
                let value = form.bytes().get(start..).unwrap_or_default();
                Ok(!ignored::is_default(asked.operation, &name, value))
            })?;
        }
        form.close(opened)?;
        Ok(form)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

/// Tells nothing of the request.
impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl Key {
    pub(crate) const fn new(tenant: Tenant, namespace: Namespace, digest: [u8; 32]) -> Self {
        Self { tenant, namespace, digest }
    }

    /// Whose it is.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        self.tenant
    }

    /// In which part of what is theirs.
    #[must_use]
    pub const fn namespace(&self) -> Namespace {
        self.namespace
    }

    /// The hash of the request, of the tenant and of the namespace.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").finish_non_exhaustive()
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Namespace").finish_non_exhaustive()
    }
}
