use std::ops::Range;

use crate::Entity;

/// What was found in a text, and where. It holds no text.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub entity: Entity,
    /// Where it stands, in bytes of the text as it was given; both ends are at character boundaries.
    pub range: Range<usize>,
    /// How sure this is, from 0 to 1.
    pub score: f32,
}
