//! Results of calls, as function responses.

use std::borrow::Cow;

use llm_layers_core::Failure;
use serde_json::value::RawValue;

use super::{
    contents::Called,
    media,
    models::Model,
    parts::{Data, FunctionResponse, Part, Response},
};
use crate::conversation::{self, ToolResult};

const NO_RESULT: &str = "No result was provided.";

/// The results of one turn, in the order of its calls.
pub(super) fn write<'a>(
    called: Vec<Called>,
    results: Vec<ToolResult<'a>>,
    model: Model,
) -> Result<Vec<Part<'a>>, Failure> {
    let mut parts: Vec<Part<'a>> = Vec::with_capacity(called.len());
    let mut beside = Vec::new();
    for (Called { id, name }, result) in called.into_iter().zip(results) {
        let (is_missing, is_error) = (result.is_missing, result.is_error);
        let (text, mut media) = sort(result)?;
        if !model.is_third() {
            // Older models know no media within a response, but beside it.
            beside.extend(media.drain(..).map(Part::from));
        }
        let response = match text {
            _ if is_missing => Response::Error { error: Cow::Borrowed(NO_RESULT) },
            error if is_error => Response::Error { error },
            text => response(text),
        };
        parts.push(Data::FunctionResponse(FunctionResponse { id, name, response, parts: media }).into());
    }
    parts.extend(beside);
    Ok(parts)
}

fn sort(result: ToolResult<'_>) -> Result<(Cow<'_, str>, Vec<Data<'_>>), Failure> {
    let (mut texts, mut media) = (Vec::new(), Vec::new());
    for part in result.parts {
        match part {
            conversation::Part::Text(text) => texts.push(text.text),
            part => media.push(media::data(part)?),
        }
    }
    let text = if texts.len() == 1 { texts.swap_remove(0) } else { Cow::Owned(texts.join("\n")) };
    Ok((text, media))
}

/// An object is taken as it is, unless it holds what Gemini would take for a reference to a part of the response.
fn response(text: Cow<'_, str>) -> Response<'_> {
    let refers = text.contains("$ref") || text.contains("\\u0024");
    if !refers
        && text.trim_start().starts_with('{')
        && let Ok(object) = serde_json::from_str::<&RawValue>(&text)
    {
        return Response::Object(object.to_owned());
    }
    Response::Output { output: text }
}
