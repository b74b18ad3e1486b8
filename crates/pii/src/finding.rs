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

impl Finding {
    /// The same in a text that has so many bytes more before it.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        let range = self.range.start.saturating_add(by)..self.range.end.saturating_add(by);
        Self { range, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_move() {
        let finding = Finding { entity: Entity::EMAIL, range: 2..5, score: 0.5 };
        assert_eq!(finding.clone().shifted(7), Finding { range: 9..12, ..finding });
    }
}
