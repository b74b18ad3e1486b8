//! What puts deployments in order.

mod balanced;
mod cheapest;
mod fastest;
mod least_busy;
mod order;
mod ordered;
mod weighted;

use std::fmt;

pub use balanced::Balanced;
pub use cheapest::Cheapest;
pub use fastest::Fastest;
pub use least_busy::LeastBusy;
pub(crate) use llm_layers_core::rendezvous::stable_hash;
pub use order::by_score;
pub use ordered::Ordered;
pub use weighted::Weighted;

use crate::engine::{Call, Choice};

/// Puts the deployments that may answer a call in the order in which they are to be asked.
///
/// Closures are policies, too: they get all there is to know, so the prompt is counted for them. Implement the trait to
/// need less.
///
/// ```
/// use llm_layers_cost_router::{Alias, Call, Choice, Needs, Policy};
///
/// /// The provider that answers in Europe while Europe is awake, the cheapest elsewhere.
/// struct Awake;
///
/// impl Policy for Awake {
///     fn name(&self) -> &str {
///         "awake"
///     }
///
///     fn needs(&self) -> Needs {
///         Needs { cost: true, ..Needs::default() }
///     }
///
///     fn arrange(&self, call: &Call<'_>, choices: &mut [Choice<'_>]) {
///         let seconds = call.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
///         let is_awake = (7..19).contains(&(seconds / 3600 % 24));
///         choices.sort_by_key(|choice| {
///             (is_awake && choice.deployment().provider() != "mistral", choice.cost().unwrap_or(u64::MAX))
///         });
///     }
/// }
///
/// let alias = Alias::new("chat").policy(Awake).deployments(["here", "there"]);
/// let by_name = |_: &Call<'_>, choices: &mut [Choice<'_>]| {
///     choices.sort_by(|a, b| a.deployment().name().cmp(b.deployment().name()));
/// };
/// let alias = Alias::new("chat").policy(by_name).deployments(["b", "a"]);
/// ```
pub trait Policy: Send + Sync + 'static {
    /// Its name: in the header `x-llm-route`, in metrics.
    fn name(&self) -> &str;

    /// What it goes by. What it does not need is not worked out. Default nothing.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Whether a conversation may stay where its prompt is cached although the policy has put another deployment first.
    /// Default true.
    fn keeps_conversations(&self) -> bool {
        true
    }

    /// Puts the choices in order, the best first. They come in the order of the alias's settings. There is one at least;
    /// those that cannot be called, or that complexity has put last, come by themselves.
    fn arrange(&self, call: &Call<'_>, choices: &mut [Choice<'_>]);
}

/// What a policy goes by that costs time to find out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// [`Call::prompt_tokens`].
    pub prompt_tokens: bool,
    /// [`Choice::cost`]: the prompt is counted for it.
    pub cost: bool,
}

impl<F> Policy for F
where
    F: Fn(&Call<'_>, &mut [Choice<'_>]) + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        "custom"
    }

    fn needs(&self) -> Needs {
        Needs { prompt_tokens: true, cost: true }
    }

    fn arrange(&self, call: &Call<'_>, choices: &mut [Choice<'_>]) {
        self(call, choices);
    }
}

impl fmt::Debug for dyn Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Policy").field(&self.name()).finish()
    }
}
