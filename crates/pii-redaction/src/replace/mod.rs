//! What takes the place of a value for good.

pub(crate) mod encrypt;
pub(crate) mod fake;
pub(crate) mod hash;
pub(crate) mod mask;
