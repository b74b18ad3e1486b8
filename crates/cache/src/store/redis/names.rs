use std::fmt;

use llm_layers_redis::Prefix;

use crate::{Key, Namespace, Purge, Tenant};

pub(super) const PREFIX: &str = "llm-cache";

/// What things are called in Redis: `PREFIX:TENANT:NAMESPACE:DIGEST` the entries, `PREFIX:mark`, `PREFIX:mark:TENANT` and
/// `PREFIX:mark:TENANT:NAMESPACE` the marks of those whose entries they are. Nothing of it can be read back.
///
/// There is no hash tag: in a cluster, entries lie on all nodes.
#[derive(Clone, Debug)]
pub(super) struct Names(Prefix);

impl Names {
    /// Names that begin with this, without any braces: they would make a hash tag.
    pub(super) fn new(prefix: &str) -> Self {
        Self(Prefix::new(prefix, PREFIX))
    }

    fn prefix(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn entry(&self, key: &Key) -> String {
        let (Tenant(tenant), Namespace(namespace)) = (key.tenant(), key.namespace());
        format!("{}:{}:{}:{}", self.prefix(), Hex(&tenant), Hex(&namespace), Hex(key.digest()))
    }

    /// The marks that an entry depends on.
    pub(super) fn marks(&self, key: &Key) -> [String; 3] {
        [self.mark(None), self.mark(Some((key.tenant(), None))), self.mark(Some((key.tenant(), Some(key.namespace()))))]
    }

    /// The mark of all, of a tenant's, or of what a tenant has in a namespace.
    fn mark(&self, whose: Option<(Tenant, Option<Namespace>)>) -> String {
        let prefix = self.prefix();
        match whose {
            None => format!("{prefix}:mark"),
            Some((Tenant(tenant), None)) => format!("{prefix}:mark:{}", Hex(&tenant)),
            Some((Tenant(tenant), Some(Namespace(namespace)))) => {
                format!("{prefix}:mark:{}:{}", Hex(&tenant), Hex(&namespace))
            }
        }
    }

    /// What is to be forgotten, so that this is.
    pub(super) fn purged(&self, what: &Purge) -> Purged {
        let (whose, tenant, namespace) = match *what {
            Purge::Key(key) => return Purged::Entry(self.entry(&key)),
            Purge::All => (None, any(32), any(32)),
            Purge::Tenant(tenant) => (Some((tenant, None)), Hex(&tenant.0).to_string(), any(32)),
            Purge::Namespace(tenant, namespace) => {
                (Some((tenant, Some(namespace))), Hex(&tenant.0).to_string(), Hex(&namespace.0).to_string())
            }
        };
        // As long as the names of entries are: another store's prefix may begin with ours.
        let pattern = format!("{}:{tenant}:{namespace}:{}", literally(self.prefix()), any(64));
        Purged::Marked { mark: self.mark(whose), pattern }
    }
}

/// What there is to forget.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Purged {
    /// The entry of this name.
    Entry(String),
    /// The mark of this name, and then the entries of names like this one.
    Marked { mark: String, pattern: String },
}

/// So many characters, whatever they are.
fn any(number: usize) -> String {
    "?".repeat(number)
}

/// The pattern that matches this text only.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whose_and_which_and_never_make_a_hash_tag() {
        let key = Key::new(Tenant([1; 16]), Namespace([0xab; 16]), [9; 32]);
        let (tenant, namespace) = ("01".repeat(16), "ab".repeat(16));
        let names = Names::new("{a*}");
        assert_eq!(names.entry(&key), format!("a*:{tenant}:{namespace}:{}", "09".repeat(32)));
        let marks = names.marks(&key);
        assert_eq!(marks, ["a*:mark".into(), format!("a*:mark:{tenant}"), format!("a*:mark:{tenant}:{namespace}")]);
        assert!(Names::new("{}").entry(&key).starts_with("llm-cache:"));

        let [all, of_tenant, of_namespace] = marks;
        let (some, digest) = ("?".repeat(32), "?".repeat(64));
        for (what, mark, tenant, namespace) in [
            (Purge::All, all, &some, &some),
            (Purge::Tenant(key.tenant()), of_tenant, &tenant, &some),
            (Purge::Namespace(key.tenant(), key.namespace()), of_namespace, &tenant, &namespace),
        ] {
            let pattern = format!(r"a\*:{tenant}:{namespace}:{digest}");
            assert_eq!(names.purged(&what), Purged::Marked { mark, pattern });
        }
        assert_eq!(names.purged(&Purge::Key(key)), Purged::Entry(names.entry(&key)));
    }
}
