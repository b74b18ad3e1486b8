use std::{
    cell::{Cell, OnceCell},
    hash::Hasher,
    sync::Arc,
    time::SystemTime,
};

use http::request::Parts;
use llm_layers_catalogue::{Capabilities, ServiceTier};
use llm_layers_core::{Caller, Operation, Rng};
use llm_layers_tokens::OutputBound;
use llm_layers_wire::json::Object;
use tokio::time::Instant;

use super::{Route, expected::Counted, marks::Marks, read};
use crate::{Class, Constraints, Sticky, policy};

/// A call that asks for an alias: what policies and constraints see of it.
///
/// What costs time to find out is found out when somebody asks, and once.
pub struct Call<'a> {
    pub(super) route: &'a Arc<Route>,
    pub(super) head: &'a Parts,
    pub(super) operation: Operation,
    pub(super) object: &'a Object,
    pub(super) now: SystemTime,
    pub(super) instant: Instant,
    pub(super) rng: &'a Rng,
    pub(super) class: Class,
    pub(super) own: Option<&'a Constraints>,
    pub(super) preferred: &'a [Box<str>],
    pub(super) is_thrifty: bool,
    asked_output: OnceCell<OutputBound>,
    /// By the route's tokenizers.
    counted: OnceCell<Vec<Counted>>,
    pub(super) prompt_tokens: Cell<Option<u64>>,
}

/// What an answer is expected to have in tokens while nothing is known.
const USUAL_OUTPUT: u64 = 500;

impl<'a> Call<'a> {
    pub(super) fn new(
        route: &'a Arc<Route>,
        head: &'a Parts,
        operation: Operation,
        object: &'a Object,
        now: SystemTime,
        rng: &'a Rng,
    ) -> Self {
        Self {
            route,
            head,
            operation,
            object,
            now,
            instant: Instant::now(),
            rng,
            class: route.class,
            own: None,
            preferred: &[],
            is_thrifty: false,
            asked_output: OnceCell::new(),
            counted: OnceCell::new(),
            prompt_tokens: Cell::new(None),
        }
    }

    /// Sets its class, in place of the alias's.
    #[must_use]
    pub const fn with_class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Adds constraints of its own to those of the alias.
    #[must_use]
    pub const fn with_constraints(mut self, constraints: &'a Constraints) -> Self {
        self.own = Some(constraints);
        self
    }

    /// Sets which deployments go before the others, whatever the policy says of these: what the complexity of the
    /// prompt has chosen.
    #[must_use]
    pub const fn with_preferred(mut self, names: &'a [Box<str>]) -> Self {
        self.preferred = names;
        self
    }

    /// Sets whether the cheapest deployment is wanted, whatever the alias's policy is: a soft budget is spent.
    #[must_use]
    pub const fn with_thrift(mut self, is_thrifty: bool) -> Self {
        self.is_thrifty = is_thrifty;
        self
    }

    /// The alias that is asked for.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.route.name
    }

    /// What is asked for.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// The request's head.
    #[must_use]
    pub const fn head(&self) -> &Parts {
        self.head
    }

    /// The request's body.
    #[must_use]
    pub const fn object(&self) -> &Object {
        self.object
    }

    /// Who is calling.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        self.head.extensions.get()
    }

    /// Whether somebody waits for it.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// The time of day.
    #[must_use]
    pub const fn now(&self) -> SystemTime {
        self.now
    }

    /// The same by tokio's clock, for [`Stats`](crate::Stats).
    #[must_use]
    pub const fn instant(&self) -> Instant {
        self.instant
    }

    /// Chance.
    #[must_use]
    pub const fn rng(&self) -> &Rng {
        self.rng
    }

    /// Tokens of the prompt: the most that any of the deployments' tokenizers makes of it. `None` where neither the
    /// policy nor a constraint needs them.
    #[must_use]
    pub const fn prompt_tokens(&self) -> Option<u64> {
        self.prompt_tokens.get()
    }

    /// Whether the answer is to come word by word.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        self.object.is_true("stream")
    }

    /// The bound on each of the answers that the request sets, in tokens.
    #[must_use]
    pub fn max_output(&self) -> Option<u64> {
        self.output_bound().each
    }

    pub(super) fn output_bound(&self) -> OutputBound {
        *self.asked_output.get_or_init(|| OutputBound::of(self.object))
    }

    /// Tokens that the answers are expected to have together: those of the alias's last calls on average, no more than the request
    /// asks for.
    #[must_use]
    pub fn expected_output(&self) -> u64 {
        if self.operation == Operation::Embedding {
            return 0;
        }
        let usual = self.route.output.get().unwrap_or(USUAL_OUTPUT);
        self.output_bound().total(None).map_or(usual, |most| most.min(usual))
    }

    /// The service tier that the request asks for.
    #[must_use]
    pub fn service_tier(&self) -> ServiceTier {
        read::service_tier(self.object)
    }

    /// What the call is known by, as the alias's settings have it: the same for the same user in every process.
    #[must_use]
    pub fn sticky(&self) -> Option<u64> {
        let hash = match self.route.sticky.as_ref()? {
            Sticky::Header(name) => policy::stable_hash(self.head.headers.get(name)?.as_bytes()),
            Sticky::User => self.user()?,
            Sticky::Caller => policy::stable_hash(self.caller()?.name().as_bytes()),
        };
        Some(hash ^ self.route.name_hash)
    }

    fn user(&self) -> Option<u64> {
        let user = ["user", "safety_identifier"].into_iter().find_map(|member| self.object.text(member));
        match user {
            Some(user) => Some(policy::stable_hash(user.as_bytes())),
            None => read::user_of_metadata(self.object).map(policy::stable_hash),
        }
    }

    /// What of the prompt is to be kept, where some deployment bills that.
    pub(super) fn marks(&self) -> Option<Marks> {
        if self.route.bills_writes { Marks::of(self.object) } else { None }
    }

    pub(super) fn needs(&self, among: Capabilities) -> Capabilities {
        read::needs(self.operation, self.object, among)
    }

    /// The prompt as each of the route's tokenizers counts it.
    pub(super) fn count(&self) -> &[Counted] {
        self.counted.get_or_init(|| {
            let count = |tokenizer: &_| llm_layers_tokens::prompt(self.operation, self.object, *tokenizer).into();
            let counted: Vec<Counted> = self.route.tokenizers.iter().map(count).collect();
            self.prompt_tokens.set(counted.iter().map(|counted| counted.total).max());
            counted
        })
    }

    /// The tokens of the prompt by each of the route's tokenizers, where they were counted.
    pub(super) fn counts(&self) -> Vec<u64> {
        self.counted.get().map(|counted| counted.iter().map(|counted| counted.total).collect()).unwrap_or_default()
    }

    /// Whether prompt and answer fit into a window of so many tokens whatever the tokenizer is: a token has a byte at
    /// least.
    pub(super) fn fits_surely(&self, window: u64) -> bool {
        /// What providers put around prompt and tools.
        const AROUND: u64 = 1024;
        let bytes = self.object.text_len() as u64;
        let most = bytes.saturating_add(AROUND).saturating_add(self.max_output().unwrap_or_default());
        most <= window && !read::may_refer(self.object)
    }

    pub(super) fn hash_conversation(&self, hasher: &mut impl Hasher) -> Option<u64> {
        hasher.write_u64(self.route.name_hash);
        if let Some(caller) = self.caller() {
            hasher.write(caller.name().as_bytes());
        }
        read::beginning(self.operation, self.object, hasher).then(|| hasher.finish())
    }
}

/// Nothing of the request is told.
impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("alias", &self.route.name)
            .field("operation", &self.operation)
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}
