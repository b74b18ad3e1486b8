use std::{sync::Arc, time::Duration};

use http::HeaderName;
use llm_layers_catalogue::Tier;
use rust_decimal::Decimal;

use crate::{Bands, Class, Constraints, Hours, Ordered, Policy};

/// A model that clients may ask for, and which deployments answer in its name.
///
/// ```
/// use std::time::Duration;
/// use llm_layers_cost_router::{Alias, Constraints, Sticky, Weighted};
///
/// let alias = Alias::new("chat")
///     .policy(Weighted)
///     .deployments([("old", 90), ("new", 10)])
///     .sticky(Sticky::User)
///     .constraints(Constraints::new().regions(["eu"]).no_training())
///     .max_p99(Duration::from_secs(2))
///     .on_context_overflow(["long"]);
/// assert_eq!(alias.name(), "chat");
/// ```
#[derive(Clone, Debug)]
pub struct Alias {
    pub(crate) name: Box<str>,
    pub(crate) policy: Arc<dyn Policy>,
    pub(crate) members: Vec<Member>,
    pub(crate) constraints: Constraints,
    pub(crate) class: Class,
    pub(crate) sticky: Option<Sticky>,
    pub(crate) affinity: bool,
    pub(crate) complexity: Bands,
    pub(crate) on_context_overflow: Vec<Box<str>>,
    pub(crate) on_content_refusal: Vec<Box<str>>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) repeat: bool,
}

/// A deployment by its name, and its weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub(crate) name: Box<str>,
    pub(crate) weight: u32,
}

impl Member {
    /// A deployment and its share: of calls for [`Weighted`](crate::Weighted), of calls in flight for
    /// [`LeastBusy`](crate::LeastBusy). One of weight 0 is asked when all others have failed.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>, weight: u32) -> Self {
        Self { name: name.into(), weight }
    }
}

impl<N: Into<Box<str>>> From<(N, u32)> for Member {
    fn from((name, weight): (N, u32)) -> Self {
        Self::new(name, weight)
    }
}

impl From<&str> for Member {
    fn from(name: &str) -> Self {
        Self::new(name, 1)
    }
}

impl From<String> for Member {
    fn from(name: String) -> Self {
        Self::new(name, 1)
    }
}

/// By what a call is known, so that it goes where the last one went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sticky {
    /// The value of a header.
    Header(HeaderName),
    /// `user` in the request, or what has taken its place: `safety_identifier`, `metadata.user_id`.
    User,
    /// The [`Caller`](llm_layers_core::Caller).
    Caller,
}

impl Alias {
    /// An alias of this name, without deployments, [`Ordered`].
    #[must_use]
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            policy: Arc::new(Ordered),
            members: Vec::new(),
            constraints: Constraints::new(),
            class: Class::Interactive,
            sticky: None,
            affinity: true,
            complexity: Bands::new(),
            on_context_overflow: Vec::new(),
            on_content_refusal: Vec::new(),
            max_attempts: None,
            repeat: false,
        }
    }

    /// Sets what puts the deployments in order. Default [`Ordered`].
    #[must_use]
    pub fn policy(mut self, policy: impl Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Adds deployments: names, or names with weights. Default weight 1.
    #[must_use]
    pub fn deployments<M: Into<Member>>(mut self, members: impl IntoIterator<Item = M>) -> Self {
        self.members.extend(members.into_iter().map(Into::into));
        self
    }

    /// Adds what a deployment must be and do.
    #[must_use]
    pub fn constraints(mut self, constraints: Constraints) -> Self {
        self.constraints = constraints;
        self
    }

    /// Sets the quality tier that a deployment must have at least.
    #[must_use]
    pub fn min_tier(mut self, tier: Tier) -> Self {
        self.constraints = self.constraints.min_tier(tier);
        self
    }

    /// Sets what a call may cost, in US dollars, by what it is expected to cost.
    #[must_use]
    pub fn max_cost(mut self, usd: Decimal) -> Self {
        self.constraints = self.constraints.max_cost(usd);
        self
    }

    /// Sets how long the 99th percentile of the time to the first word may be: [`Constraints::max_p99`].
    #[must_use]
    pub fn max_p99(mut self, time: Duration) -> Self {
        self.constraints = self.constraints.max_p99(time);
        self
    }

    /// Sets when its deployments may be used. Default always.
    #[must_use]
    pub fn hours(mut self, hours: Hours) -> Self {
        self.constraints = self.constraints.hours(hours);
        self
    }

    /// Sets what its calls are where they do not say. Default [`Class::Interactive`].
    #[must_use]
    pub const fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Sets by what a call is known, for [`Weighted`](crate::Weighted). Default nothing: chance decides each time.
    #[must_use]
    pub fn sticky(mut self, sticky: Sticky) -> Self {
        self.sticky = Some(sticky);
        self
    }

    /// Sets whether a conversation stays where its prompt is cached while that saves more than another deployment
    /// would. Default true.
    #[must_use]
    pub const fn affinity(mut self, stays: bool) -> Self {
        self.affinity = stays;
        self
    }

    /// Sets which deployments are for prompts of which difficulty. The others are asked when these have failed. Default
    /// all for all.
    #[must_use]
    pub fn complexity(mut self, bands: Bands) -> Self {
        self.complexity = bands;
        self
    }

    /// Sets where a prompt goes that is too long for all the others, or for the one that was tried.
    #[must_use]
    pub fn on_context_overflow<N: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.on_context_overflow = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets where a prompt goes that a provider will not answer. Default nowhere: the refusal is the answer.
    #[must_use]
    pub fn on_content_refusal<N: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.on_content_refusal = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how many deployments are tried at most. Default all.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts.max(1));
        self
    }

    /// Sets whether the list is begun anew when all of it has failed and attempts are left. Without
    /// [`max_attempts`](Self::max_attempts), which ends it, there is no second round. Default false.
    #[must_use]
    pub const fn repeat(mut self, repeats: bool) -> Self {
        self.repeat = repeats;
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
