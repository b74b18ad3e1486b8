use std::{fmt, sync::Arc};

use http::request::Parts;
use llm_layers_core::{Caller, Deployment};

use crate::{
    Limits,
    key::Key,
    store::{Claim, Id},
};

/// Whose limits, and which.
///
/// ```
/// use llm_layers_rate_limit::{Limits, Rule};
///
/// let teams = Rule::per("team", |request| Some(request.headers.get("x-team")?.to_str().ok()?.to_owned()))
///     .limits(Limits::new().requests_per_minute(60))
///     .limits_for(|team| (team == "research").then(|| Limits::new().requests_per_minute(6000)));
/// # let _ = teams;
/// ```
#[derive(Clone)]
pub struct Rule {
    pub(crate) name: Arc<str>,
    pub(crate) by: By,
    limits: Limits,
    limits_for: Option<LimitsFor>,
}

type KeyOf = Arc<dyn Fn(&Parts) -> Option<String> + Send + Sync>;
type LimitsFor = Arc<dyn Fn(&str) -> Option<Limits> + Send + Sync>;

/// What a rule counts by.
#[derive(Clone)]
pub(crate) enum By {
    All,
    Caller,
    Deployment,
    Closure(KeyOf),
}

impl Rule {
    fn new(name: impl Into<Arc<str>>, by: By, limits: Limits) -> Self {
        Self { name: name.into(), by, limits, limits_for: None }
    }

    /// Limits for each [`Caller`]. Requests that have none share the limits of one that is called nothing.
    #[must_use]
    pub fn per_caller(limits: Limits) -> Self {
        Self::new("caller", By::Caller, limits)
    }

    /// Limits for each [`Deployment`], or where there is none, for the authority that the request goes to.
    #[must_use]
    pub fn per_deployment(limits: Limits) -> Self {
        Self::new("deployment", By::Deployment, limits)
    }

    /// Limits for all requests together.
    #[must_use]
    pub fn global(limits: Limits) -> Self {
        Self::new("global", By::All, limits)
    }

    /// Limits for each key that a closure makes of a request, none at first; see [`limits`](Self::limits). A request
    /// without a key is not limited by this rule.
    ///
    /// The name is told in refusals and metrics, the key is not: it may be a credential.
    #[must_use]
    pub fn per(name: impl Into<Arc<str>>, key: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::new(name, By::Closure(Arc::new(key)), Limits::new())
    }

    /// Sets the limits of each key.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the limits of those keys for which the closure knows some; it is asked at each call. Unlimited ones are
    /// `Limits::new()`.
    #[must_use]
    pub fn limits_for(mut self, limits: impl Fn(&str) -> Option<Limits> + Send + Sync + 'static) -> Self {
        self.limits_for = Some(Arc::new(limits));
        self
    }

    /// Sets the name in refusals, metrics and a shared store: rules of replicas that are one have one name.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// What a request asks of this rule.
    pub(crate) fn claim(&self, head: &Parts, counts_tokens: bool) -> Option<Claim> {
        let (key, limits) = match &self.by {
            By::All => (Key::All, self.limits_of("")),
            By::Caller => match head.extensions.get::<Caller>() {
                Some(caller) => (Key::caller(caller), self.limits_of(caller.name())),
                None => (Key::All, self.limits_of("")),
            },
            By::Deployment => match (head.extensions.get::<Deployment>(), head.uri.authority()) {
                (Some(deployment), _) => (Key::deployment(deployment), self.limits_of(deployment.name())),
                (None, Some(authority)) => (Key::text(authority.as_str()), self.limits_of(authority.as_str())),
                (None, None) => (Key::All, self.limits_of("")),
            },
            By::Closure(key) => {
                let key = key(head)?;
                (Key::text(&key), self.limits_of(&key))
            }
        };
        let limits = if counts_tokens { limits } else { limits.without_tokens() };
        (!limits.is_unlimited()).then(|| Claim::of(Id { rule: Arc::clone(&self.name), key }, limits))
    }

    /// By the whole key, however long: what is counted by is a digest then, which no closure knows.
    fn limits_of(&self, key: &str) -> Limits {
        self.limits_for.as_ref().and_then(|limits| limits(key)).unwrap_or(self.limits)
    }

    /// Who is limited, for a message. A closure's key is not told.
    pub(crate) fn subject(&self, key: &str) -> String {
        match (&self.by, key) {
            (By::All, _) => "all callers together".to_owned(),
            (By::Caller, "") => "callers without a name".to_owned(),
            (By::Deployment, "") => "this deployment".to_owned(),
            (By::Caller, key) => format!("caller `{key}`"),
            (By::Deployment, key) => format!("deployment `{key}`"),
            (By::Closure(_), _) => format!("this {}", self.name),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("name", &self.name).field("limits", &self.limits).finish_non_exhaustive()
    }
}
