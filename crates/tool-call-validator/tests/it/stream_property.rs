//! Whatever a valid stream says, and however it is cut, what comes out says the same.

use std::{collections::BTreeMap, convert::Infallible};

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_testkit::split::Split;
use llm_layers_tool_call_validator::ValidateLayer;
use proptest::prelude::*;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

/// What a model does: says something, or goes on with a call of a choice.
#[derive(Clone, Debug)]
enum Piece {
    Text(usize, String),
    Reasoning(usize, String),
    Call(usize, usize),
}

const CHOICES: usize = 2;

/// A stream's texts, and its calls by choice and index.
#[derive(Debug, Default, PartialEq)]
struct Assembled {
    texts: BTreeMap<(u64, &'static str), String>,
    calls: BTreeMap<(u64, u64), (String, String, String)>,
    finishes: BTreeMap<u64, String>,
    is_done: bool,
}

/// As a client puts it together.
fn assemble(body: &str) -> Assembled {
    let mut whole = Assembled { is_done: body.ends_with("data: [DONE]\n\n"), ..Assembled::default() };
    for data in body.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]") {
        let event: Value = serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}"));
        assert!(event.get("error").is_none(), "{event}");
        for choice in event["choices"].as_array().into_iter().flatten() {
            let at = choice["index"].as_u64().unwrap();
            for member in ["content", "reasoning_content"] {
                let text = choice["delta"][member].as_str().unwrap_or_default();
                if !text.is_empty() {
                    whole.texts.entry((at, member)).or_default().push_str(text);
                }
            }
            for delta in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
                let call = whole.calls.entry((at, delta["index"].as_u64().unwrap())).or_default();
                call.0.push_str(delta["id"].as_str().unwrap_or_default());
                call.1.push_str(delta["function"]["name"].as_str().unwrap_or_default());
                call.2.push_str(delta["function"]["arguments"].as_str().unwrap_or_default());
            }
            if let Some(finish) = choice["finish_reason"].as_str() {
                whole.finishes.insert(at, finish.to_owned());
            }
        }
    }
    whole
}

fn chunk(choice: usize, delta: &Value, finish: Option<&str>) -> String {
    let choice = json!({"index": choice, "delta": delta, "finish_reason": finish});
    format!("data: {}\n\n", json!({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}))
}

/// The calls of each choice in turn, cut into so many characters each time, among texts.
fn stream(pieces: &[Piece], calls: &[Vec<String>; CHOICES]) -> String {
    let mut body: String = (0..CHOICES).map(|choice| chunk(choice, &json!({"role": "assistant"}), None)).collect();
    let mut at = [(0, 0); CHOICES];
    // One step of a choice's calls; `None` when all are said.
    let mut step = |choice: usize, length: usize| {
        let (index, said) = &mut at[choice];
        let arguments = calls[choice].get(*index)?;
        let call = if *said == 0 {
            json!({"index": *index, "id": format!("call_{choice}_{index}"), "type": "function",
                "function": {"name": "note", "arguments": ""}})
        } else {
            let piece: String = arguments.chars().skip(*said - 1).take(length).collect();
            json!({"index": *index, "function": {"arguments": piece}})
        };
        *said += if *said == 0 { 1 } else { length };
        if *said > arguments.chars().count() {
            (*index, *said) = (*index + 1, 0);
        }
        Some(chunk(choice, &json!({"tool_calls": [call]}), None))
    };
    for piece in pieces {
        match piece {
            Piece::Text(choice, text) => body += &chunk(*choice, &json!({"content": text}), None),
            Piece::Reasoning(choice, text) => body += &chunk(*choice, &json!({"reasoning_content": text}), None),
            Piece::Call(choice, length) => body += &step(*choice, *length).unwrap_or_default(),
        }
    }
    for (choice, calls) in calls.iter().enumerate() {
        while let Some(rest) = step(choice, 9) {
            body += &rest;
        }
        body += &chunk(choice, &json!({}), Some(if calls.is_empty() { "stop" } else { "tool_calls" }));
    }
    body + "data: [DONE]\n\n"
}

async fn through(body: String, cuts: Vec<usize>) -> String {
    let parameters = json!({"type": "object", "properties": {"n": {"type": "integer"}, "text": {"type": "string"}},
        "required": ["n"], "additionalProperties": false});
    let request = json!({"model": "m", "stream": true, "n": CHOICES, "messages": [{"role": "user", "content": "Go on."}],
        "tools": [{"type": "function", "function": {"name": "note", "parameters": parameters}}]});
    let split = Split::at(body, cuts);
    let provider = service_fn(move |_: Request<Body>| {
        let body = Body::new(split.script(true).body());
        let response = Response::builder().header(CONTENT_TYPE, "text/event-stream").body(body).unwrap();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let head = Request::post("/v1/chat/completions").header(CONTENT_TYPE, "application/json");
    let request = head.body(Body::from(request.to_string())).unwrap();
    let mut response = ValidateLayer::default().layer(provider).oneshot(request).await.unwrap();
    let body = response.body_mut().bytes(16 << 20).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// Valid arguments, in whatever spelling.
fn arguments() -> impl Strategy<Value = String> {
    let compact = (any::<i64>(), any::<String>()).prop_map(|(n, text)| json!({"n": n, "text": text}).to_string());
    let pretty =
        (any::<i32>(), ".{0,12}").prop_map(|(n, text)| format!("{{\n  \"text\" : {},\n\"n\":\t{n} }} ", json!(text)));
    prop_oneof![compact, pretty]
}

fn piece() -> impl Strategy<Value = Piece> {
    let choice = || 0..CHOICES;
    prop_oneof![
        (choice(), ".{1,9}").prop_map(|(choice, text)| Piece::Text(choice, text)),
        (choice(), ".{1,9}").prop_map(|(choice, text)| Piece::Reasoning(choice, text)),
        (choice(), 1_usize..7).prop_map(|(choice, length)| Piece::Call(choice, length)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_comes_out_assembles_to_what_went_in(
        pieces in prop::collection::vec(piece(), 0..40),
        calls in prop::array::uniform2(prop::collection::vec(arguments(), 0..4)),
        cuts in prop::collection::vec(0_usize..8_000, 0..60),
    ) {
        let sent = stream(&pieces, &calls);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let came = runtime.block_on(through(sent.clone(), cuts));
        prop_assert_eq!(assemble(&came), assemble(&sent));
    }
}
