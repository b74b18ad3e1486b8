//! `POST /api/embed`: the vectors of OpenAI's dialect.

use http::StatusCode;
use serde_json::{Value, json};

use super::{LOAD, READ, error, models, options};
use crate::call::Call;
use crate::openai::embeddings::vector;
use crate::openai::usage::words;
use crate::reply::Reply;

const DIMENSIONS: u64 = 768;

pub(super) fn reply(call: &Call<'_>, body: &Value) -> Result<Reply, Reply> {
    let model = models::wanted(call, body)?;
    models::can(model, "embedding", "embeddings")?;
    options::check(&body["options"])?;
    let inputs = match &body["input"] {
        Value::Null => &[][..],
        text @ Value::String(_) => std::slice::from_ref(text),
        Value::Array(items) if items.iter().all(Value::is_string) => items.as_slice(),
        _ => return Err(error::invalid("invalid input type")),
    };
    // Zero means the model's own number; no more than that can be had.
    let asked = body["dimensions"].as_u64().filter(|number| *number > 0);
    let dimensions = usize::try_from(asked.unwrap_or(DIMENSIONS).min(DIMENSIONS)).unwrap_or(1);
    let embeddings: Vec<Vec<f32>> = inputs.iter().map(|input| vector(input, dimensions)).collect();
    let tokens: u64 = inputs.iter().map(words).sum();
    Ok(Reply::json(
        StatusCode::OK,
        json!({
            "model": model, "embeddings": embeddings, "total_duration": LOAD + tokens * READ, "load_duration": LOAD,
            "prompt_eval_count": tokens,
        }),
    ))
}
