use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, request::Parts};
use llm_layers_core::{Clock, Deployment, Failure, opening::Hold};
use tower_layer::Layer;

use crate::{Classify, Engine, Router, Routes, RoutesError, Selection, Target, Weights, headers::Directives};

/// Chooses who answers. See the [crate](crate) for what it does.
///
/// Cloning it shares the settings and all that is learnt.
#[derive(Clone, Debug)]
pub struct RouterLayer {
    settings: Arc<Settings>,
}

type Thrifty = dyn Fn(&Parts) -> bool + Send + Sync;
type Others = dyn Fn(&str) -> Option<Deployment> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) engine: Engine,
    pub(crate) thrifty: Option<Arc<Thrifty>>,
    pub(crate) others: Option<Arc<Others>>,
    pub(crate) classify: Option<Arc<dyn Classify>>,
    pub(crate) classify_within: Duration,
    pub(crate) weights: Weights,
    pub(crate) clock: Clock,
    pub(crate) hold: Hold,
    pub(crate) tells: bool,
    pub(crate) restores_model: bool,
    pub(crate) ask_for_usage: bool,
}

impl RouterLayer {
    /// A layer over these routes, with the built-in catalogue.
    ///
    /// # Errors
    /// An alias names a deployment that is not there, or leads nowhere, or a name is there twice.
    pub fn new(routes: Routes) -> Result<Self, RoutesError> {
        Engine::new(&routes).map(Self::of)
    }

    /// A layer over an engine with settings of its own: facts, availability, chance, what a former one has learnt.
    ///
    /// ```
    /// use llm_layers_core::Deployment;
    /// use llm_layers_cost_router::{Engine, RouterLayer, Routes};
    ///
    /// let routes = Routes::new().deployment(Deployment::new("a", "openai", "gpt-4o"));
    /// let before = RouterLayer::new(routes.clone())?;
    /// let engine = Engine::builder()
    ///     .available(|deployment| deployment.provider() != "broken")
    ///     .taking_over(before.engine());
    /// let layer = RouterLayer::of(engine.build(&routes)?);
    /// # let _ = layer;
    /// # Ok::<(), llm_layers_cost_router::RoutesError>(())
    /// ```
    #[must_use]
    pub fn of(engine: Engine) -> Self {
        Self {
            settings: Arc::new(Settings {
                engine,
                thrifty: None,
                others: None,
                classify: None,
                classify_within: Duration::from_secs(1),
                weights: Weights::default(),
                clock: Clock::system(),
                hold: Hold::default(),
                tells: true,
                restores_model: true,
                ask_for_usage: true,
            }),
        }
    }

    /// Sets which calls go to the cheapest deployment whatever the alias says: those of callers whose soft budget is
    /// used up, say. Default none.
    #[must_use]
    pub fn thrifty(self, is_thrifty: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.thrifty = Some(Arc::new(is_thrifty)))
    }

    /// Sets what a model leads to that is neither an alias nor a deployment: `provider/model`, say. Default nothing: a
    /// 404, as for names of more than 256 bytes.
    ///
    /// What leads to the provider and the model of a deployment of the routes is that deployment: its region, hours and
    /// price hold. Let the others be [`Deployment::named_by_client`].
    #[must_use]
    pub fn resolve_others(self, resolve: impl Fn(&str) -> Option<Deployment> + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.others = Some(Arc::new(resolve)))
    }

    /// Sets what says how hard a prompt is, for aliases with [complexity rules](crate::Alias::complexity). Where it
    /// cannot tell, or not in time, the built-in score is taken. Default that.
    #[must_use]
    pub fn classify(self, classify: impl Classify) -> Self {
        self.set(|settings| settings.classify = Some(Arc::new(classify)))
    }

    /// Sets how long is waited for that. Default 1 s.
    #[must_use]
    pub fn classify_within(self, time: Duration) -> Self {
        self.set(|settings| settings.classify_within = time)
    }

    /// Sets how much each feature of a prompt counts in the built-in score.
    #[must_use]
    pub fn weights(self, weights: Weights) -> Self {
        self.set(|settings| settings.weights = weights)
    }

    /// Sets the time of day, for hours and prices.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    /// Sets how much of an answer is held back until it has begun.
    #[must_use]
    pub fn hold(self, hold: Hold) -> Self {
        self.set(|settings| settings.hold = hold)
    }

    /// Sets whether answers tell by `x-llm-…` headers who has answered, and why. Default true.
    #[must_use]
    pub fn headers(self, tells: bool) -> Self {
        self.set(|settings| settings.tells = tells)
    }

    /// Sets whether `model` in answers is what the client asked for. Default true.
    #[must_use]
    pub fn restore_model(self, restores: bool) -> Self {
        self.set(|settings| settings.restores_model = restores)
    }

    /// Sets whether a streamed chat or completion for an alias is asked for its usage (`stream_options.include_usage`)
    /// where its client does not ask. Such a client does not see it. Default `true`; without it how long answers are,
    /// and what of prompts is cached, is learnt from the others alone.
    #[must_use]
    pub fn ask_for_usage(self, yes: bool) -> Self {
        self.set(|settings| settings.ask_for_usage = yes)
    }

    /// What the headers of a call say that this layer lets pass, since it is none of a chat model's: an image, a
    /// transcription, a file. They are taken out, and hold for whoever is [selected](Selection).
    ///
    /// # Errors
    /// A header is bad: a 400.
    pub fn select(&self, headers: &mut HeaderMap) -> Result<Selection<'_>, Failure> {
        Ok(Selection::new(&self.settings, Directives::take(headers)?))
    }

    /// Whether all deployments are so that may answer in the name of a model, those of an alias's lists included.
    pub fn all(&self, model: &str, is_so: impl Fn(&Deployment) -> bool) -> bool {
        match self.settings.engine.resolve(model) {
            Some(Target::Alias(route)) => route.members().all(is_so),
            Some(Target::Deployment(direct)) => is_so(direct.deployment()),
            None => self.settings.other(model).is_none_or(|other| is_so(&other)),
        }
    }

    /// What chooses, and learns.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.settings.engine
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Settings {
    /// What a model leads to that is none of the routes'.
    pub(crate) fn other(&self, model: &str) -> Option<Deployment> {
        /// Longer names are no model's, and whoever is told of them would have to keep them.
        const MAX_NAME: usize = 256;
        let resolve = self.others.as_ref().filter(|_| model.len() <= MAX_NAME)?;
        resolve(model)
    }
}

impl<S> Layer<S> for RouterLayer {
    type Service = Router<S>;

    fn layer(&self, inner: S) -> Router<S> {
        Router::new(inner, Arc::clone(&self.settings))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("engine", &self.engine)
            .field("headers", &self.tells)
            .field("restore_model", &self.restores_model)
            .finish_non_exhaustive()
    }
}
