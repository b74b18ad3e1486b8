use std::sync::Arc;

use sha2::{Digest as _, Sha256};

/// The first bytes, 32 at most, of the SHA-256 of some texts, in hexadecimal digits: what names are called where others
/// can read them, or where they are too long.
///
/// Of one text it is the SHA-256 that everybody computes. Several are kept apart: `ab`, `c` is not `a`, `bc`.
#[must_use]
pub fn digest<const N: usize>(texts: [&str; N], bytes: usize) -> String {
    let mut hash = Sha256::new();
    for (place, text) in texts.into_iter().enumerate() {
        if place + 1 < N {
            hash.update((text.len() as u64).to_le_bytes());
        }
        hash.update(text);
    }
    hash.finalize().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// The name itself, or `NAME-2`, `NAME-3` and so on: the first that is not taken.
#[must_use]
pub fn name_apart(wanted: &Arc<str>, is_taken: impl Fn(&str) -> bool) -> Arc<str> {
    let mut name = Arc::clone(wanted);
    let mut number = 1_u64;
    while is_taken(&name) {
        number += 1;
        name = format!("{wanted}-{number}").into();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_of_the_texts_and_of_their_places() {
        assert_eq!(digest(["abc"], 4), "ba7816bf");
        assert_eq!(digest(["abc"], 99).len(), 64);
        assert_ne!(digest(["ab", "c"], 32), digest(["a", "bc"], 32));
        assert_ne!(digest(["", "a"], 32), digest(["a", ""], 32));
    }

    #[test]
    fn names_are_told_apart() {
        let taken = ["a", "a-2", "b"];
        let name = |wanted: &str| name_apart(&wanted.into(), |name| taken.contains(&name));
        assert_eq!([&*name("a"), &*name("b"), &*name("c")], ["a-3", "b-2", "c"]);
    }
}
