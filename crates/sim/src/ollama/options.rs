//! `options`: names that are not known are ignored, values of a wrong type are not.

use serde_json::Value;

use super::error::invalid;
use crate::reply::Reply;

const WHOLE: [&str; 11] = [
    "num_ctx",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "num_thread",
    "num_keep",
    "num_predict",
    "seed",
    "top_k",
    "repeat_last_n",
    "mirostat",
];
const FRACTION: [&str; 9] = [
    "temperature",
    "top_p",
    "min_p",
    "typical_p",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
    "mirostat_tau",
    "mirostat_eta",
];

pub(super) fn check(options: &Value) -> Result<(), Reply> {
    let members = match options {
        Value::Null => return Ok(()),
        Value::Object(members) => members,
        _ => {
            return Err(invalid(
                "json: cannot unmarshal value into Go struct field ChatRequest.options of type map[string]interface {}",
            ));
        }
    };
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let name = name.as_str();
        let wanted = match value {
            _ if WHOLE.contains(&name) => (!value.is_number()).then_some("integer"),
            _ if FRACTION.contains(&name) => (!value.is_number()).then_some("float32"),
            _ if name == "stop" => (!value.is_array()).then_some("array"),
            _ => None,
        };
        if let Some(wanted) = wanted {
            return Err(invalid(&format!("option \"{name}\" must be of type {wanted}")));
        }
    }
    Ok(())
}
