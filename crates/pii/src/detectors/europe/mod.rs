//! Europe but for the United Kingdom.

pub(super) mod central;
pub(super) mod france;
pub(super) mod germany;
pub(super) mod iberia;
pub(super) mod italy;
pub(super) mod nordic;
pub(super) mod poland;
pub(super) mod west;
