use http::request::Parts;
use llm_layers_core::{Deadline, Operation};
use llm_layers_wire::json::Object;
use tokio::time::timeout;

use crate::{features, layer::Settings, observe, score};

/// How hard a prompt is: as the classifier says, if it can tell in time, or by the built-in score.
pub(super) async fn of(settings: &Settings, head: &Parts, operation: Operation, object: &Object) -> f32 {
    if let Some(classify) = &settings.classify {
        let left = head.extensions.get::<Deadline>().map_or(settings.classify_within, |deadline| deadline.remaining());
        let within = left.min(settings.classify_within);
        match timeout(within, classify.classify(head, operation, object)).await {
            Ok(Some(complexity)) if !complexity.is_nan() => return complexity.clamp(0.0, 1.0),
            Ok(_) => {}
            Err(_) => observe::classifier_was_late(within),
        }
    }
    score(&features(operation, object), &settings.weights)
}
