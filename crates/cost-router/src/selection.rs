use std::fmt;

use llm_layers_core::{Deployment, Failure};

use crate::{NothingLeft, errors, headers::Directives, layer::Settings};

/// Who answers a call of which nothing is counted or compared: an image, a transcription, a file. What its headers say of
/// who may answer is read, and holds.
///
/// ```
/// use http::HeaderMap;
/// use llm_layers_core::Deployment;
/// use llm_layers_cost_router::{Alias, Candidate, RouterLayer, Routes};
///
/// let routes = Routes::new()
///     .deployment(Deployment::new("us", "openai", "whisper-1"))
///     .deployment(Candidate::new(Deployment::new("eu", "azure", "whisper")).region("eu"))
///     .alias(Alias::new("hear").deployments(["us", "eu"]));
/// let router = RouterLayer::new(routes)?;
/// let mut headers = HeaderMap::new();
/// let selection = router.select(&mut headers).expect("no bad header");
/// assert_eq!(selection.of_model("hear", |_| true).expect("known").expect("one").name(), "us");
///
/// headers.insert("x-llm-region", "eu".parse()?);
/// let selection = router.select(&mut headers).expect("no bad header");
/// assert_eq!(selection.of_model("hear", |_| true).expect("known").expect("another").name(), "eu");
/// assert!(headers.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Selection<'a> {
    settings: &'a Settings,
    directives: Directives,
}

impl<'a> Selection<'a> {
    pub(crate) const fn new(settings: &'a Settings, directives: Directives) -> Self {
        Self { settings, directives }
    }

    /// Whether the headers name providers that may answer.
    #[must_use]
    pub fn names_providers(&self) -> bool {
        self.directives.constraints.as_ref().is_some_and(|constraints| constraints.providers.is_some())
    }

    /// Whom a model leads to: see [`Engine::first_allowed`](crate::Engine::first_allowed). `None` where it is not known.
    ///
    /// # Errors
    /// Nobody may answer: 400, or 503 if that may be otherwise in a while.
    #[must_use]
    pub fn of_model(&self, model: &str, serves: impl Fn(&Deployment) -> bool) -> Option<Result<Deployment, Failure>> {
        let Self { settings, directives } = self;
        let (engine, class, own) = (&settings.engine, directives.class, directives.constraints.as_ref());
        let now = settings.clock.now();
        if let Some(found) = engine.first_allowed(model, class, own, now, serves) {
            return Some(found.map_err(|nothing_left| errors::nothing_left(&nothing_left)));
        }
        let other = settings.other(model)?;
        let direct = engine.same_as(&other).unwrap_or_else(|| engine.other(other));
        Some(match direct.refused_by(class, own, || now) {
            None => Ok(direct.deployment().clone()),
            Some(constraint) => Err(errors::refused(direct.deployment(), &constraint)),
        })
    }

    /// The first of these that may answer, for a call that names no model. Where a provider is, is seldom known of all
    /// its models: what headers say of regions leaves none but those of which it is.
    ///
    /// # Errors
    /// As [`of_model`](Self::of_model).
    pub fn of_these(&self, deployments: impl IntoIterator<Item = Deployment>) -> Result<Deployment, Failure> {
        let Self { settings, directives } = self;
        let mut removed = Vec::new();
        for deployment in deployments {
            let direct = settings.engine.other(deployment);
            let now = || settings.clock.now();
            match direct.refused_by(directives.class, directives.constraints.as_ref(), now) {
                None => return Ok(direct.deployment().clone()),
                Some(constraint) => removed.push((direct.deployment().clone(), constraint)),
            }
        }
        Err(errors::nothing_left(&NothingLeft::of_these(removed)))
    }
}

impl fmt::Debug for Selection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selection").field("directives", &self.directives).finish_non_exhaustive()
    }
}
