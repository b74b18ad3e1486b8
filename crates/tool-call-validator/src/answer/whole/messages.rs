use llm_layers_wire::json::Object;

use super::Answer;

pub(super) fn read(_object: &Object) -> Option<Box<dyn Answer + Send>> {
    None
}
