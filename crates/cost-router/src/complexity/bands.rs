/// Which deployments are meant for prompts of which difficulty.
///
/// ```
/// use llm_layers_cost_router::Bands;
///
/// let bands = Bands::new().up_to(0.3, ["small"]).up_to(0.7, ["medium", "large"]).above(["large"]);
/// assert_eq!(bands.choose(0.21), [Box::from("small")]);
/// assert_eq!(bands.choose(0.99), [Box::from("large")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bands {
    /// By rising bound.
    bands: Vec<Band>,
}

#[derive(Clone, Debug, PartialEq)]
struct Band {
    up_to: f32,
    deployments: Box<[Box<str>]>,
}

impl Bands {
    /// None: every prompt is for every deployment.
    #[must_use]
    pub const fn new() -> Self {
        Self { bands: Vec::new() }
    }

    /// Prompts up to this score (0 to 1) that no lower band takes are for these deployments, in any order of calls.
    ///
    /// A score that is no number is taken as 0.
    #[must_use]
    pub fn up_to<N: Into<Box<str>>>(mut self, score: f32, deployments: impl IntoIterator<Item = N>) -> Self {
        let up_to = if score.is_nan() { 0.0 } else { score.clamp(0.0, 1.0) };
        let band = Band { up_to, deployments: deployments.into_iter().map(Into::into).collect() };
        let place = self.bands.partition_point(|other| other.up_to <= up_to);
        self.bands.insert(place, band);
        self
    }

    /// All harder prompts are for these deployments.
    #[must_use]
    pub fn above<N: Into<Box<str>>>(self, deployments: impl IntoIterator<Item = N>) -> Self {
        self.up_to(1.0, deployments)
    }

    /// The deployments for prompts of this score; none where no band is for them.
    #[must_use]
    pub fn choose(&self, score: f32) -> &[Box<str>] {
        // What is no number is below no bound: the last band, whose deployments can do most.
        let band = self.bands.iter().find(|band| score <= band.up_to).or(self.bands.last().filter(|_| score.is_nan()));
        band.map_or(&[], |band| &band.deployments)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bands.is_empty()
    }

    /// The names of all deployments, each as often as a band names it.
    pub fn deployments(&self) -> impl Iterator<Item = &str> {
        self.bands.iter().flat_map(|band| band.deployments.iter().map(AsRef::as_ref))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_band_that_reaches_is_chosen() {
        let bands = Bands::new().above(["c"]).up_to(0.5, ["b"]).up_to(0.2, ["a"]);
        let chosen = |score| bands.choose(score).first().map(AsRef::as_ref);
        for (score, expected) in
            [(0.0, "a"), (0.2, "a"), (0.21, "b"), (0.5, "b"), (0.51, "c"), (1.0, "c"), (f32::NAN, "c")]
        {
            assert_eq!(chosen(score), Some(expected), "{score}");
        }
        assert_eq!(bands.deployments().collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn a_gap_is_for_all() {
        let bands = Bands::new().up_to(f32::NAN, ["a"]).up_to(7.0, ["b"]);
        assert_eq!(bands.choose(0.0).first().map(AsRef::as_ref), Some("a"));
        assert_eq!(bands.choose(1.0).first().map(AsRef::as_ref), Some("b"));
        assert!(Bands::new().up_to(0.5, ["a"]).choose(0.6).is_empty());
        assert!(Bands::new().choose(f32::NAN).is_empty());
    }
}
