use std::sync::Arc;

use crate::semantic::Embedded;

/// 1 in fixed point.
const ONE: f32 = 16384.0;

/// A point of length 1 in fixed point: 14 bits behind the point, in half the room of floats.
///
/// The sum of products of two of them never exceeds 1, whichever of the products are summed, by Cauchy's inequality: no
/// 32 bits overflow. Integers are added up in any order, so that the compiler uses the machine's vectors for it, and
/// they know neither infinity nor what is no number. What is rounded off changes a cosine by about 0.00003.
#[derive(Clone)]
pub(super) struct Vector(Arc<[i16]>);

impl Vector {
    pub(super) fn of(at: &Embedded) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "no coordinate of a point of length 1 exceeds 1")]
        Self(at.coordinates().iter().map(|x| (x * ONE).round() as i16).collect())
    }

    pub(super) fn dimensions(&self) -> usize {
        self.0.len()
    }

    /// How near they are: the cosine, in fixed point of 28 bits.
    pub(super) fn nearness(&self, other: &Self) -> i32 {
        self.0.iter().zip(&*other.0).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    }

    /// The cosine, freed of what rounding has done to their lengths: a point and itself have 1.
    pub(super) fn cosine(&self, other: &Self) -> f32 {
        let square = |vector: &Self| f64::from(vector.nearness(vector));
        let cosine = f64::from(self.nearness(other)) / (square(self) * square(other)).sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "a cosine needs no more")]
        let cosine = cosine as f32;
        cosine.min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cosine_is_that_of_the_floats(
            (a, b) in (1_usize..400).prop_flat_map(|length| {
                let floats = || proptest::collection::vec(-1e3_f32..1e3, length);
                (floats(), floats())
            })
        ) {
            let (Some(a), Some(b)) = (Embedded::new(a), Embedded::new(b)) else { return Ok(()) };
            let exact: f64 = a.coordinates().iter().zip(b.coordinates()).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            let (a, b) = (Vector::of(&a), Vector::of(&b));
            prop_assert!((f64::from(a.cosine(&b)) - exact).abs() < 0.001);
            prop_assert!((a.cosine(&a) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn the_longest_and_the_most_uneven_do_not_overflow() {
        for vector in [vec![1.0], vec![-3e38, 3e38], vec![1.0; 16_384], vec![-1.0; 16_384]] {
            let vector = Vector::of(&Embedded::new(vector).expect("a point"));
            assert!((vector.cosine(&vector) - 1.0).abs() < 1e-6);
        }
    }
}
