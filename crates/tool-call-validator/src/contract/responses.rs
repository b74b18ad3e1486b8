use llm_layers_core::Failure;
use llm_layers_wire::json::Object;

use super::{Contract, Reader};

pub(super) fn read(_object: &Object, _reader: &Reader<'_>) -> Result<Option<Contract>, Box<Failure>> {
    Ok(None)
}
