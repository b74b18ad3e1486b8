//! `generationConfig`: ranges, and what the generations of models know.

use serde_json::Value;

use super::error::{field, invalid};
use super::{Model, schema};
use crate::look::Look;
use crate::reply::Reply;

const MAX_STOPS: usize = 5;
const MAX_CANDIDATES: f64 = 8.0;

pub(super) fn check(body: &Value, model: Model<'_>) -> Result<(), Reply> {
    let config = &body["generationConfig"];
    range(config, "temperature", 0.0, 2.0)?;
    range(config, "topP", 0.0, 1.0)?;
    range(config, "topK", 1.0, f64::MAX)?;
    range(config, "candidateCount", 1.0, MAX_CANDIDATES)?;
    range(config, "maxOutputTokens", 1.0, f64::MAX)?;
    range(config, "presencePenalty", -2.0, 2.0)?;
    range(config, "frequencyPenalty", -2.0, 2.0)?;
    range(config, "logprobs", 0.0, 20.0)?;
    let penalty = ["presencePenalty", "frequencyPenalty"].iter().any(|name| config.get(*name).is_some());
    if penalty && model.is_third() {
        return Err(invalid(&format!("Penalty is not enabled for models/{}", model.name)));
    }
    if config["stopSequences"].as_array().is_some_and(|stops| stops.len() > MAX_STOPS) {
        let text = format!("must have at most {MAX_STOPS} stop sequences");
        return Err(field("generation_config.stop_sequences", &text));
    }
    if config.get("logprobs").is_some() && config["responseLogprobs"] != true {
        return Err(invalid("Logprobs can only be set when response_logprobs is true."));
    }
    form(body, config, model)?;
    thinking(&config["thinkingConfig"], model)
}

fn range(config: &Value, name: &str, low: f64, high: f64) -> Result<(), Reply> {
    let place = format!("generation_config.{}", super::proto::snake(name));
    match config[name].as_f64() {
        Some(value) if value < low => Err(field(&place, &format!("must be at least {low}"))),
        Some(value) if value > high => Err(field(&place, &format!("must be at most {high}"))),
        _ => Ok(()),
    }
}

/// The form that the answer is to have.
fn form(body: &Value, config: &Value, model: Model<'_>) -> Result<(), Reply> {
    let mime = config["responseMimeType"].as_str().unwrap_or("text/plain");
    if !["", "text/plain", "application/json", "text/x.enum"].contains(&mime) {
        let text = "allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and \
                    `text/x.enum`.";
        return Err(field("generation_config.response_mime_type", text));
    }
    let own = config.get("responseSchema");
    let json = config.get("responseJsonSchema").or_else(|| config.get("_responseJsonSchema"));
    if own.is_some() && json.is_some() {
        let text = "only one of `response_schema` and `response_json_schema` may be set.";
        return Err(field("generation_config", text));
    }
    if (own.is_some() || json.is_some()) && !["application/json", "text/x.enum"].contains(&mime) {
        let name = if own.is_some() { "response_schema" } else { "response_json_schema" };
        let text = format!("only supported with response mime type `application/json`, not `{mime}`.");
        return Err(field(&format!("generation_config.{name}"), &text));
    }
    if mime == "application/json" && super::tools::declarations(body).next().is_some() && !model.is_third() {
        return Err(invalid("Function calling with a response mime type: 'application/json' is unsupported"));
    }
    own.map_or(Ok(()), |own| schema::check("generation_config.response_schema", own))
}

fn thinking(config: &Value, model: Model<'_>) -> Result<(), Reply> {
    let level = config.get("thinkingLevel");
    let budget = config["thinkingBudget"].as_i64();
    if level.is_some() && budget.is_some() {
        return Err(invalid("You can only set only one of thinking budget and thinking level."));
    }
    if level.is_some() && !model.is_third() {
        return Err(invalid("Thinking level is not supported for this model."));
    }
    if !config.is_null() && !model.thinks() {
        return Err(invalid("Thinking is not enabled for this model."));
    }
    match budget {
        Some(budget) if !(-1..=32_768).contains(&budget) => Err(invalid(&format!(
            "The thinking budget {budget} is invalid. Please choose a value between 0 and 32768."
        ))),
        Some(0) if model.must_think() => Err(invalid("Budget 0 is invalid. This model only works in thinking mode.")),
        _ => Ok(()),
    }
}

/// Checks of the request that belong to no other file.
pub(super) fn rest(body: &Value) -> Result<(), Reply> {
    let system = body.at("/systemInstruction/parts").as_array().map_or(&[][..], Vec::as_slice);
    if system.iter().any(|part| !part["text"].is_string()) {
        return Err(invalid("System instruction only supports text parts."));
    }
    let set = ["systemInstruction", "tools", "toolConfig"].iter().any(|name| body.get(*name).is_some());
    if body.get("cachedContent").is_some() && set {
        return Err(invalid(
            "CachedContent can not be used with GenerateContent request setting system_instruction, tools or \
             tool_config.",
        ));
    }
    if body.get("modelArmorConfig").is_some() && body.get("safetySettings").is_some() {
        return Err(invalid("Only one of safety_settings and model_armor_config may be set."));
    }
    Ok(())
}
