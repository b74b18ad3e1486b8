//! OpenAI's own dialect: the request goes through with at most its `model` changed, a whole answer untouched, and
//! a stream with whatever its provider got wrong put right.

mod repair;

use std::sync::Arc;

use llm_layers_core::{Failure, Operation};
use llm_layers_wire::{json::Object, openai::ChatRequest};

use self::repair::Repair;
use crate::{layer::Settings, provider::Provider, translate::Translate};

/// Puts the model's id at the provider in place, and says how a stream is to be repaired.
pub(crate) fn request(
    object: &mut Object,
    model: Option<&str>,
    operation: Operation,
    provider: &Arc<Provider>,
    settings: &Settings,
) -> Result<Option<Box<dyn Translate>>, Failure> {
    if let Some(model) = model
        && object.text("model").as_deref() != Some(model)
    {
        object.set("model", model);
    }
    if operation != Operation::ChatCompletion {
        return Ok(None);
    }
    let request = ChatRequest::new(object);
    if !request.is_stream()? {
        return Ok(None);
    }
    let repair = Repair::new(request.include_usage()?, request.choices()?, provider.shared_name(), settings);
    Ok(Some(Box::new(repair)))
}
