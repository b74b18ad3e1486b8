use super::{
    Probe,
    checks::{self, Trial},
    rule::{Breach, Rule},
    state::Answer,
};
use crate::body::Script;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use std::{error::Error, fmt, sync::Arc};
use tower_layer::Layer;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;

/// Checks all rules over layers made by `make_layer` and requests made by `make_request`.
///
/// Short for [`LayerContract::new`] and [`check`](LayerContract::check); see there.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
/// use http::Request;
/// use http_body_util::Full;
/// use llm_layers_testkit::contract::assert_layer_contract;
/// use std::time::Duration;
/// use tower::timeout::TimeoutLayer;
///
/// assert_layer_contract(
///     || TimeoutLayer::new(Duration::from_secs(30)),
///     || Request::post("/v1/chat/completions").body(Full::from("{}")).unwrap(),
/// )
/// .await;
/// # });
/// ```
///
/// # Panics
///
/// With the rule, what was seen and what to do, when the layer breaks a rule.
pub async fn assert_layer_contract<L, B, RB>(make_layer: impl Fn() -> L, make_request: impl Fn() -> Request<B>)
where
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone + Send + 'static,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    <L::Service as Service<Request<B>>>::Future: Send + 'static,
    RB: Body<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    LayerContract::new(make_layer, make_request).check().await;
}

/// The contract of one layer: how to make it and its requests, and which rules it has to keep.
///
/// Each rule is checked over a fresh layer, so that the failures that one rule provokes do not open the
/// breaker, or fill the cache, of the next.
#[must_use]
pub struct LayerContract<ML, MR> {
    make_layer: ML,
    make_request: MR,
    answer: Answer,
    except: Vec<Rule>,
    pub(super) errors_become_answers: bool,
}

impl<ML, MR> LayerContract<ML, MR> {
    /// A contract of all rules.
    ///
    /// `make_request` must give requests that the layer passes on, and for a layer that acts on some calls
    /// only, one of those. Where the layer joins or remembers equal requests, give each call another.
    pub fn new(make_layer: ML, make_request: MR) -> Self {
        Self { make_layer, make_request, answer: Answer::default(), except: Vec::new(), errors_become_answers: false }
    }

    /// Sets what the inner service answers: something that the layer understands. The default is 200 with
    /// `hello, world` in two frames and no content type.
    pub fn answer(mut self, answer: impl Fn() -> Response<Script> + Send + Sync + 'static) -> Self {
        self.answer = Answer(Arc::new(answer));
        self
    }

    /// Leaves a rule out. Write the reason beside it.
    pub fn except(mut self, rule: Rule) -> Self {
        self.except.push(rule);
        self
    }

    /// Sets whether an inner error becomes a response with an error status in place of being passed on, as
    /// in a layer at the foot of a stack. Off by default.
    pub fn errors_become_answers(mut self, yes: bool) -> Self {
        self.errors_become_answers = yes;
        self
    }
}

impl<ML, MR, L, B, RB> LayerContract<ML, MR>
where
    ML: Fn() -> L,
    MR: Fn() -> Request<B>,
    L: Layer<Probe>,
    L::Service: Service<Request<B>, Response = Response<RB>> + Clone + Send + 'static,
    <L::Service as Service<Request<B>>>::Error: Into<BoxError>,
    <L::Service as Service<Request<B>>>::Future: Send + 'static,
    RB: Body<Data = Bytes> + Send + 'static,
    RB::Error: Into<BoxError>,
{
    /// Checks all rules but those left out.
    ///
    /// Run it on a paused clock, `#[tokio::test(start_paused = true)]`: a layer that hangs is then found at
    /// once, and one that backs off between attempts costs no time.
    ///
    /// # Panics
    ///
    /// With the rule, what was seen and what to do, when the layer breaks a rule.
    pub async fn check(&self) {
        for rule in Rule::ALL {
            if !self.except.contains(&rule) {
                self.check_rule(rule).await;
            }
        }
    }

    /// Checks one rule.
    ///
    /// # Panics
    ///
    /// As [`check`](Self::check).
    pub async fn check_rule(&self, rule: Rule) {
        let trial = Trial::new((self.make_layer)(), &self.make_request, rule);
        let probe = trial.probe.clone();
        probe.set_answer(self.answer.clone());
        let checked = match rule {
            Rule::ReadyBeforeCall => checks::ready_before_call(trial).await,
            Rule::ReadinessPending => checks::readiness_pending(trial).await,
            Rule::ReadinessError => checks::readiness_error(trial).await,
            Rule::ReadyAgain => checks::ready_again(trial).await,
            Rule::Concurrent => checks::concurrent(trial).await,
            Rule::DropBeforeCall => checks::drop_before_call(trial).await,
            Rule::DropFuture => checks::drop_future(trial).await,
            Rule::DropBody => checks::drop_body(trial).await,
            Rule::ErrorPassedOn => checks::error_passed_on(trial, self.errors_become_answers).await,
            Rule::RequestKept => checks::request_kept(trial).await,
            Rule::ResponseKept => checks::response_kept(trial).await,
        };
        // What the probe saw comes first: it is the cause, the check's own finding a consequence.
        let breach: Option<Breach> = probe.breach().or(checked.err());
        if let Some(breach) = breach {
            panic!("{breach}");
        }
    }
}

impl<ML, MR> fmt::Debug for LayerContract<ML, MR> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayerContract")
            .field("except", &self.except)
            .field("errors_become_answers", &self.errors_become_answers)
            .finish_non_exhaustive()
    }
}
