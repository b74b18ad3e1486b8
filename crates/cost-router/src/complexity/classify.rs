use std::pin::Pin;

use http::request::Parts;
use llm_layers_core::Operation;
use llm_layers_wire::json::Object;

/// How hard a prompt is, from 0 to 1; `None` where the classifier cannot tell, and the built-in score is taken.
pub type Classified<'a> = Pin<Box<dyn Future<Output = Option<f32>> + Send + 'a>>;

/// Says how hard a prompt is, in place of the built-in [`score`](crate::score): by embeddings, or by asking a model.
///
/// Closures of the same arguments do, too. They see borrowed arguments, and take what they need into the future:
///
/// ```
/// use llm_layers_cost_router::{Classify, Weights, features, score};
/// use http::request::Parts;
/// use llm_layers_core::Operation;
/// use llm_layers_wire::json::Object;
///
/// fn classifier() -> impl Classify {
///     |_: &Parts, operation: Operation, object: &Object| {
///         let own = score(&features(operation, object), &Weights::default());
///         // Here a model would be asked about what lies in the middle.
///         async move { (own < 0.3 || own > 0.7).then_some(own) }
///     }
/// }
/// # let _ = classifier();
/// ```
pub trait Classify: Send + Sync + 'static {
    /// The score of a call's prompt.
    fn classify<'a>(&'a self, head: &'a Parts, operation: Operation, object: &'a Object) -> Classified<'a>;
}

impl<F, R> Classify for F
where
    F: Fn(&Parts, Operation, &Object) -> R + Send + Sync + 'static,
    R: Future<Output = Option<f32>> + Send + 'static,
{
    fn classify<'a>(&'a self, head: &'a Parts, operation: Operation, object: &'a Object) -> Classified<'a> {
        Box::pin(self(head, operation, object))
    }
}
