use llm_layers_wire::json::Object;

use crate::judge::{Judgement, Turn};

pub(super) fn request(_request: &Object, _turn: &Turn<'_>, _judgement: &Judgement) -> Option<Object> {
    None
}
