//! The tokenizers whose vocabulary is built in.

use crate::Family;

/// The tokens of a text by the family's own tokenizer, if it is built in.
#[cfg(feature = "bpe")]
pub(crate) fn count(family: Family, text: &str) -> Option<u64> {
    let tokenizer = match family {
        Family::O200k => bpe_openai::o200k_base(),
        Family::Cl100k => bpe_openai::cl100k_base(),
        _ => return None,
    };
    Some(tokenizer.count(text) as u64)
}

#[cfg(not(feature = "bpe"))]
pub(crate) fn count(_: Family, _: &str) -> Option<u64> {
    None
}

/// Whether the family's own tokenizer is built in.
pub(crate) const fn is_known(family: Family) -> bool {
    cfg!(feature = "bpe") && matches!(family, Family::O200k | Family::Cl100k)
}
