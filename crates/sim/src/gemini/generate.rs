//! `generateContent`, `streamGenerateContent` and `countTokens`.

use http::StatusCode;
use serde_json::{Value, json};

use super::candidate::{self, Candidate, Envelope};
use super::route::Route;
use super::usage;
use super::{Model, Surface, config, error, fields, proto, schema, tools, turns};
use crate::answer::{Ask, Choice, End, Shape, Tool, text};
use crate::call::Call;
use crate::ids;
use crate::look::Look;
use crate::reply::{Event, Layout, Reply};

pub(super) fn count(body: &Value, model: Model<'_>, surface: Surface) -> Result<Reply, Reply> {
    let read = proto::read(&fields::COUNT_REQUEST, body, surface);
    let body = read.map_err(|violations| error::violations(&violations))?;
    let body = body.get("generateContentRequest").unwrap_or(&body);
    turns::check(list(body), model, surface)?;
    let tokens = usage::prompt_tokens(body);
    let mut answer = json!({"totalTokens": tokens, "promptTokensDetails": usage::details(tokens)});
    if let Some(members) = answer.as_object_mut().filter(|_| surface == Surface::Vertex) {
        members.insert("totalBillableCharacters".to_owned(), json!(tokens * 4));
    }
    Ok(Reply::json(StatusCode::OK, answer))
}

/// How the answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    Plain,
    Sse,
    Array,
}

pub(super) fn reply(call: &Call<'_>, route: &Route<'_>, body: &Value, sending: Sending) -> Result<Reply, Reply> {
    let (model, surface) = (route.model, route.surface);
    let read = proto::read(&fields::REQUEST, body, surface);
    let body = &read.map_err(|violations| error::violations(&violations))?;
    turns::check(list(body), model, surface)?;
    tools::check(body, model)?;
    config::check(body, model)?;
    config::rest(body)?;

    let schemas = Schemas::of(body);
    let ask = ask(body, &schemas, call.seed);
    let prompt = usage::prompt_tokens(body);
    let envelope =
        Envelope { id: ids::id("", call.seed, 22), model: model.name, prompt, words: call.settings.chunk_words };
    let refusal = candidate::Refusal::of(&ask.prompt);
    if matches!(refusal, Some(candidate::Refusal::Prompt)) {
        return Ok(sent(vec![envelope.blocked(surface)], sending));
    }
    let n = body.at("/generationConfig/candidateCount").as_u64().unwrap_or(1);
    let candidates: Vec<Candidate> = (0..n).map(|index| candidate(body, &ask, model, index, refusal.clone())).collect();
    let chunks =
        if sending == Sending::Plain { vec![envelope.whole(&candidates)] } else { envelope.chunks(&candidates) };
    Ok(sent(chunks, sending))
}

fn sent(chunks: Vec<Value>, sending: Sending) -> Reply {
    let mut chunks = chunks.into_iter();
    match sending {
        Sending::Plain => Reply::json(StatusCode::OK, chunks.next().unwrap_or_default()),
        Sending::Sse => Reply { layout: Layout::SseCrlf, ..Reply::events(chunks.map(Event::json).collect()) }
            .with_text("content-type", "text/event-stream"),
        Sending::Array => {
            let events = chunks.map(Event::json).chain([Event::array_end()]).collect();
            Reply { layout: Layout::JsonArray, ..Reply::events(events) }
                .with_text("content-type", "application/json; charset=UTF-8")
        }
    }
}

fn list(body: &Value) -> &[Value] {
    body["contents"].as_array().map_or(&[], Vec::as_slice)
}

fn candidate(
    body: &Value,
    ask: &Ask<'_>,
    model: Model<'_>,
    index: u64,
    refusal: Option<candidate::Refusal>,
) -> Candidate {
    let config = &body["generationConfig"];
    let mut answer = ask.answer(index);
    // The model thinks where it can, whether its thoughts are shown or not; but of what, only the prompt tells.
    let shown = config.at("/thinkingConfig/includeThoughts") == true;
    let off = config.at("/thinkingConfig/thinkingBudget") == 0 || !model.thinks();
    if off {
        answer.thinking = None;
    } else if shown && answer.thinking.is_none() {
        answer.thinking = Some(format!("The user wrote: {}", text::head(&ask.prompt, 100)));
    }
    let stops: Vec<&str> = config["stopSequences"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // Thoughts count too: a small limit leaves nothing for the answer.
    let max = config["maxOutputTokens"].as_u64().map(|max| max.saturating_sub(answer.thinking_tokens()));
    answer.limit(&stops, max);
    if config["responseMimeType"] == "text/x.enum"
        && answer.end == End::Natural
        && let Ok(Value::String(bare)) = serde_json::from_str(&answer.text)
    {
        answer.text = bare;
    }
    Candidate::new(index, answer, model, shown, refusal)
}

/// Schemas in the form in which answers are made from them.
struct Schemas {
    tools: Vec<Option<Value>>,
    answer: Option<Value>,
}

impl Schemas {
    fn of(body: &Value) -> Self {
        let parameters = |declaration: &Value| {
            let own = declaration.get("parameters").map(schema::to_json_schema);
            own.or_else(|| declaration.get("parametersJsonSchema").cloned())
        };
        let config = &body["generationConfig"];
        let json = config.get("responseJsonSchema").or_else(|| config.get("_responseJsonSchema")).cloned();
        Self {
            tools: tools::declarations(body).map(parameters).collect(),
            answer: config.get("responseSchema").map(schema::to_json_schema).or(json),
        }
    }
}

fn ask<'a>(body: &'a Value, schemas: &'a Schemas, seed: u64) -> Ask<'a> {
    let contents = list(body);
    let texts = |content: &Value| {
        let texts: Vec<&str> = turns::parts(content).iter().filter_map(|part| part["text"].as_str()).collect();
        texts.join("\n")
    };
    let prompts = contents.iter().rev().filter(|content| content["role"] != "model").map(texts);
    let results = contents.last().map(|content| turns::all(turns::parts(content), "functionResponse"));
    let declared = tools::declarations(body).zip(&schemas.tools);
    Ask {
        prompt: prompts.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
        results: results.unwrap_or_default().into_iter().map(|result| result_text(&result["response"])).collect(),
        tools: declared
            .filter_map(|(declaration, schema)| {
                Some(Tool { name: declaration["name"].as_str()?, schema: schema.as_ref(), custom: false })
            })
            .collect(),
        choice: choice(body),
        parallel: true,
        shape: match (body.at("/generationConfig/responseMimeType").as_str(), &schemas.answer) {
            (Some("application/json" | "text/x.enum"), Some(schema)) => Shape::JsonSchema(schema),
            (Some("application/json"), None) => Shape::JsonObject,
            _ => Shape::Text,
        },
        seed,
    }
}

/// What a function said: its output or its error, or else everything.
fn result_text(response: &Value) -> String {
    let said = response.get("output").or_else(|| response.get("error")).unwrap_or(response);
    said.as_str().map_or_else(|| said.to_string(), str::to_owned)
}

fn choice(body: &Value) -> Choice<'_> {
    let config = body.at("/toolConfig/functionCallingConfig");
    match (config["mode"].as_str(), config.at("/allowedFunctionNames/0").as_str()) {
        (Some("ANY"), Some(name)) => Choice::Named(name),
        (Some("ANY"), None) => Choice::Any,
        (Some("NONE"), _) => Choice::Never,
        _ => Choice::Auto,
    }
}
