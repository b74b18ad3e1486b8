use llm_layers_core::Average;

/// A running average of something between nothing and all, in parts of [`WHOLE`](Share::WHOLE).
#[derive(Debug, Default)]
pub(crate) struct Share(Average);

impl Share {
    /// A power of two, so that a share of a number is a shift and no division.
    pub(crate) const WHOLE: u64 = 1 << 20;

    /// Which share a part is of a whole that is not nothing.
    pub(crate) fn part(part: u64, whole: u64) -> u64 {
        (u128::from(part.min(whole)) * u128::from(Self::WHOLE) / u128::from(whole.max(1))) as u64
    }

    /// A share of a number.
    pub(crate) fn of(share: u64, number: u64) -> u64 {
        (u128::from(number) * u128::from(share) / u128::from(Self::WHOLE)) as u64
    }

    pub(crate) fn record(&self, part: u64, whole: u64) {
        if whole > 0 {
            self.0.record(Self::part(part, whole));
        }
    }

    pub(crate) fn get(&self) -> Option<u64> {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_between_nothing_and_all() {
        let share = Share::default();
        share.record(5, 0);
        assert_eq!(share.get(), None);
        share.record(9, 3);
        assert_eq!(share.get(), Some(Share::WHOLE), "no more than all of it");
    }
}
