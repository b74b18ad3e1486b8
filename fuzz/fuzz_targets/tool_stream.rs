//! Any bytes as a stream of each shape through the layer that checks tool calls: nothing panics, nothing waits, and no more
//! comes out than went in, but for an error. A stream of right calls comes out as it went in, however it is cut.

#![no_main]

use std::{convert::Infallible, sync::LazyLock};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::Frame;
use http_body_util::StreamBody;
use libfuzzer_sys::fuzz_target;
use llm_layers_core::{Body, BoxError};
use llm_layers_tool_call_validator::{OnInvalid, Policy, ValidateLayer};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, ServiceExt, service_fn};

const MAX: usize = 64 << 20;

static LAYERS: LazyLock<[ValidateLayer; 4]> = LazyLock::new(|| {
    [
        ValidateLayer::default(),
        ValidateLayer::new(Policy::new().max_reasks(1)).hold_text(true).max_held(64 << 10),
        ValidateLayer::new(Policy::new().on_invalid(OnInvalid::Report)).written_calls(true),
        ValidateLayer::new(Policy::new().repair(false).on_invalid(OnInvalid::Report)).max_held(64 << 10),
    ]
});

thread_local! {
    /// For what asks for the time; nothing is run on it.
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

fuzz_target!(|input: (Vec<Vec<u8>>, String, Vec<(String, u8)>, Vec<u8>, bool)| {
    let (pieces, said, calls, cuts, is_structured) = input;
    let any = pieces.concat();
    for (path, request) in requests(is_structured) {
        for layer in &*LAYERS {
            let out = through(layer, path, &request, pieces.iter().cloned().map(Bytes::from).collect());
            assert!(out.len() <= 4 * any.len() + (16 << 10), "{} bytes became {}", any.len(), out.len());
        }
    }
    for ((path, request), stream) in requests(false).into_iter().zip(streams(&said, &calls)) {
        // But for the one that makes calls of text.
        for layer in LAYERS.iter().filter(|layer| !std::ptr::eq(*layer, &LAYERS[2])) {
            let out = through(layer, path, &request, cut(&stream, &cuts));
            // What is too long to be held is an error: an item weighs more than its bytes.
            assert!(out == stream || stream.len() > 4 << 10, "{}", String::from_utf8_lossy(&out));
        }
    }
});

/// A request of each shape, with a tool that takes one string; or for an object of one.
fn requests(is_structured: bool) -> [(&'static str, Value); 3] {
    let schema = json!({"type": "object", "properties": {"words": {"type": "string"}}, "required": ["words"],
        "additionalProperties": false});
    let mut chat = json!({"model": "m", "stream": true, "messages": [],
        "tools": [{"type": "function", "function": {"name": "say", "parameters": schema}}]});
    let mut message = json!({"model": "m", "stream": true, "messages": [], "max_tokens": 9,
        "tools": [{"name": "say", "input_schema": schema}]});
    let mut response = json!({"model": "m", "stream": true, "input": "?",
        "tools": [{"type": "function", "name": "say", "parameters": schema}]});
    if is_structured {
        let format = json!({"type": "json_schema", "name": "said", "schema": schema});
        chat["response_format"] = json!({"type": "json_schema", "json_schema": format});
        message["output_config"] = json!({"format": format});
        response["text"] = json!({"format": format});
        message["tools"] = json!([]);
    }
    [("/v1/chat/completions", chat), ("/v1/messages", message), ("/v1/responses", response)]
}

/// A stream of each shape with these words, and then a call with each of those, cut where it says.
fn streams(said: &str, calls: &[(String, u8)]) -> [Vec<u8>; 3] {
    let calls: Vec<_> = calls
        .iter()
        .map(|(words, at)| {
            let arguments = json!({"words": words}).to_string();
            let mut at = usize::from(*at).min(arguments.len());
            while !arguments.is_char_boundary(at) {
                at -= 1;
            }
            let (head, rest) = arguments.split_at(at);
            [head.to_owned(), rest.to_owned()]
        })
        .collect();
    [chat(said, &calls), message(said, &calls), response(said, &calls)]
}

fn chat(said: &str, calls: &[[String; 2]]) -> Vec<u8> {
    let chunk = |delta: Value, reason: Option<&str>| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    };
    let mut events = vec![chunk(json!({"role": "assistant", "content": said}), None)];
    for (index, pieces) in calls.iter().enumerate() {
        let begin = json!({"index": index, "id": format!("call_{index}"), "type": "function",
            "function": {"name": "say", "arguments": ""}});
        events.push(chunk(json!({"tool_calls": [begin]}), None));
        for piece in pieces {
            events.push(chunk(json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}), None));
        }
    }
    events.push(chunk(json!({}), Some(if calls.is_empty() { "stop" } else { "tool_calls" })));
    let data: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    format!("{data}data: [DONE]\n\n").into_bytes()
}

fn message(said: &str, calls: &[[String; 2]]) -> Vec<u8> {
    let mut events =
        vec![json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
        "model": "m", "content": [], "stop_reason": null, "usage": {"input_tokens": 1, "output_tokens": 1}}})];
    let mut block = |index: usize, block: Value, deltas: Vec<Value>| {
        events.push(json!({"type": "content_block_start", "index": index, "content_block": block}));
        let delta = |delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
        events.extend(deltas.into_iter().map(delta));
        events.push(json!({"type": "content_block_stop", "index": index}));
    };
    block(0, json!({"type": "text", "text": ""}), vec![json!({"type": "text_delta", "text": said})]);
    for (index, pieces) in calls.iter().enumerate() {
        let begin = json!({"type": "tool_use", "id": format!("toolu_{index}"), "name": "say", "input": {}});
        let piece = |piece| json!({"type": "input_json_delta", "partial_json": piece});
        block(index + 1, begin, pieces.iter().map(piece).collect());
    }
    let reason = if calls.is_empty() { "end_turn" } else { "tool_use" };
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 9}}));
    events.push(json!({"type": "message_stop"}));
    named(&events)
}

fn response(said: &str, calls: &[[String; 2]]) -> Vec<u8> {
    let response = |status: &str, output: &[Value]| json!({"id": "resp_1", "status": status, "output": output});
    let mut events = vec![json!({"type": "response.created", "response": response("in_progress", &[])})];
    let item = |content: &[Value]| json!({"type": "message", "id": "msg_1", "content": content});
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
    let done = item(&[part(said)]);
    events.extend([
        json!({"type": "response.output_item.added", "output_index": 0, "item": item(&[])}),
        json!({"type": "response.content_part.added", "output_index": 0, "content_index": 0, "part": part("")}),
        json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": said}),
        json!({"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": said}),
        json!({"type": "response.content_part.done", "output_index": 0, "content_index": 0, "part": part(said)}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": done}),
    ]);
    let mut output = vec![done];
    for (at, pieces) in (1..).zip(calls) {
        let item = |arguments: &str| {
            json!({"type": "function_call", "id": format!("fc_{at}"), "call_id": format!("call_{at}"), "name": "say",
                "arguments": arguments})
        };
        let done = item(&pieces.concat());
        events.push(json!({"type": "response.output_item.added", "output_index": at, "item": item("")}));
        for piece in pieces {
            events.push(json!({"type": "response.function_call_arguments.delta", "output_index": at, "delta": piece}));
        }
        let whole = pieces.concat();
        events.push(json!({"type": "response.function_call_arguments.done", "output_index": at, "arguments": whole}));
        events.push(json!({"type": "response.output_item.done", "output_index": at, "item": done}));
        output.push(done);
    }
    events.push(json!({"type": "response.completed", "response": response("completed", &output)}));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    named(&events)
}

fn named(events: &[Value]) -> Vec<u8> {
    let event = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default());
    events.iter().map(event).collect::<String>().into_bytes()
}

fn cut(stream: &[u8], cuts: &[u8]) -> Vec<Bytes> {
    let (mut pieces, mut rest) = (Vec::new(), Bytes::copy_from_slice(stream));
    for cut in cuts {
        pieces.push(rest.split_to(usize::from(*cut).min(rest.len())));
    }
    pieces.push(rest);
    pieces
}

/// What becomes of a stream that comes in these pieces, each time the model is asked.
fn through(layer: &ValidateLayer, path: &str, request: &Value, pieces: Vec<Bytes>) -> Vec<u8> {
    let model = service_fn(move |_: Request<Body>| {
        let frames: Vec<Result<_, BoxError>> = pieces.iter().cloned().map(|piece| Ok(Frame::data(piece))).collect();
        async move {
            let mut response = Response::new(Body::new(StreamBody::new(futures_util::stream::iter(frames))));
            response.headers_mut().insert(CONTENT_TYPE, "text/event-stream".parse().expect("a media type"));
            Ok::<_, Infallible>(response)
        }
    });
    let request = Request::post(path).body(Body::from(request.to_string())).expect("a request");
    let answered = async {
        let mut response = layer.layer(model).oneshot(request).await.expect("infallible");
        response.body_mut().bytes(MAX).await.map(|bytes| bytes.to_vec()).unwrap_or_default()
    };
    RUNTIME.with(|runtime| {
        let _entered = runtime.enter();
        answered.now_or_never().expect("nothing to wait for")
    })
}
