//! The top-level domains that there are: IANA's list of 2026-09-30, in ASCII (`xn--…`) and in Unicode.

use std::sync::LazyLock;

static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("tlds.txt").lines().collect());

/// Names for use within a network or in examples (RFC 2606, RFC 6761, RFC 6762, RFC 9476), and those that networks use
/// though nobody reserved them.
const INTERNAL: &[&str] =
    &["corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "private", "test"];

/// Whether this label, in any case, is a top-level domain.
pub(super) fn is_known(label: &str) -> bool {
    let label = label.to_lowercase();
    NAMES.binary_search(&label.as_str()).is_ok()
}

/// Whether it is one that is used, if only within a network.
pub(super) fn is_used(label: &str) -> bool {
    INTERNAL.iter().any(|name| name.eq_ignore_ascii_case(label)) || is_known(label)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, is_known, is_used};

    #[test]
    fn the_list_is_in_order_and_knows_both_spellings() {
        assert!(NAMES.is_sorted());
        for name in ["com", "DE", "museum", "xn--p1ai", "рф", "香港"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "png", "c", "local", "co m", "comx"] {
            assert!(!is_known(name), "{name}");
        }
        assert!(is_used("local") && is_used("Example") && !is_used("png"));
    }
}
