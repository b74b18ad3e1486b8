//! How hard a prompt is: features that are read in microseconds, a score from 0 to 1, bands of it.

mod bands;
mod classify;
mod features;
mod lexicon;
mod score;
mod shape;

pub use bands::Bands;
pub use classify::{Classified, Classify};
pub use features::{Features, features};
pub use score::{Weights, score};

#[cfg(test)]
mod tests;
