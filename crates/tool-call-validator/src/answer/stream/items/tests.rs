//! Events in any order: whatever a client puts together is right.

use llm_layers_core::Operation;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use super::testing::{Case, stream};

const PIECES: [&str; 8] =
    ["", "{\"city\":", "\"Paris\"}", "{\"city\":\"Rome\"}", "{}", "{'city':'Oslo'}", "{\"days\":3}", "x"];

fn case(operation: Operation) -> Case {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
        "additionalProperties": false});
    let tool = match operation {
        Operation::Message => json!({"name": "see", "input_schema": schema}),
        _ => json!({"type": "function", "name": "see", "parameters": schema}),
    };
    let request = json!({"model": "m", "max_tokens": 9, "messages": [], "input": "?", "stream": true, "tools": [tool]});
    Case::new(operation, &request)
}

fn is_right(arguments: &str) -> bool {
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    arguments["city"].is_string() && arguments.as_object().is_some_and(|members| members.len() == 1)
}

fn messages() -> impl Strategy<Value = Vec<Value>> {
    let index = || 0..3_u8;
    let event = prop_oneof![
        Just(json!({"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 1}}})),
        (index(), select(vec!["a", "b", ""])).prop_map(|(index, id)| json!({"type": "content_block_start",
            "index": index, "content_block": {"type": "tool_use", "id": id, "name": "see", "input": {}}})),
        index().prop_map(|index| json!({"type": "content_block_start", "index": index,
            "content_block": {"type": "text", "text": ""}})),
        (index(), select(&PIECES)).prop_map(|(index, piece)| json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "input_json_delta", "partial_json": piece}})),
        index().prop_map(|index| json!({"type": "content_block_delta", "index": index,
            "delta": {"type": "text_delta", "text": "x"}})),
        index().prop_map(|index| json!({"type": "content_block_stop", "index": index})),
    ];
    let reason = select(vec![Value::Null, json!("tool_use"), json!("max_tokens")]);
    (vec(event, 0..12), reason).prop_map(|(mut events, reason)| {
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 1}}));
        events.push(json!({"type": "message_stop"}));
        events
    })
}

fn responses() -> impl Strategy<Value = Vec<Value>> {
    let item = || {
        (select(vec!["a", "b", ""]), select(&PIECES)).prop_map(
            |(id, arguments)| json!({"type": "function_call", "call_id": id, "name": "see", "arguments": arguments}),
        )
    };
    let index = || 0..3_u8;
    let event = prop_oneof![
        (index(), item()).prop_map(|(index, item)| json!({"type": "response.output_item.added",
            "output_index": index, "item": item})),
        (index(), item()).prop_map(|(index, item)| json!({"type": "response.output_item.done",
            "output_index": index, "item": item})),
        (index(), select(&PIECES)).prop_map(|(index, piece)| json!({"type": "response.function_call_arguments.delta",
            "output_index": index, "delta": piece})),
        (index(), select(&PIECES)).prop_map(|(index, piece)| json!({"type": "response.function_call_arguments.done",
            "output_index": index, "arguments": piece})),
        index().prop_map(|index| json!({"type": "response.output_text.delta", "output_index": index, "delta": "x"})),
    ];
    let end = select(vec!["completed", "incomplete", "failed"]);
    (vec(event, 0..12), vec(item(), 0..3), end).prop_map(|(mut events, output, end)| {
        let response = json!({"status": end, "output": output});
        events.push(json!({"type": format!("response.{end}"), "response": response}));
        events
    })
}

proptest! {
    #[test]
    fn every_block_that_is_seen_is_right(events in messages()) {
        let checked = case(Operation::Message).once(&stream(&events));
        // By block: its index, and its arguments, if it is a call.
        let mut blocks: Vec<(Value, Option<String>)> = Vec::new();
        for event in checked.data() {
            let index = event["index"].clone();
            let at = blocks.iter().rposition(|(block, text)| *block == index && text.is_some());
            match (event["type"].as_str(), at) {
                (Some("content_block_start"), _) => {
                    let is_call = event["content_block"]["type"] == "tool_use";
                    blocks.push((index, is_call.then(String::new)));
                }
                (Some("content_block_delta"), Some(at)) => {
                    if let (Some(text), Some(piece)) = (&mut blocks[at].1, event["delta"]["partial_json"].as_str()) {
                        text.push_str(piece);
                    }
                }
                _ => {}
            }
        }
        for arguments in blocks.iter().filter_map(|(_, arguments)| arguments.as_deref()) {
            prop_assert!(is_right(arguments), "{arguments}: {}", checked.text);
        }
    }

    /// As Anthropic's SDKs join them: `content[index]`.
    #[test]
    fn every_block_that_is_counted_is_right(events in messages()) {
        let checked = case(Operation::Message).once(&stream(&events));
        let mut blocks: Vec<Option<String>> = Vec::new();
        for event in checked.data() {
            match event["type"].as_str() {
                Some("content_block_start") => {
                    blocks.push((event["content_block"]["type"] == "tool_use").then(String::new));
                }
                Some("content_block_delta") => {
                    let place = event["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap();
                    if let (Some(Some(text)), Some(piece)) = (blocks.get_mut(place), event["delta"]["partial_json"].as_str()) {
                        text.push_str(piece);
                    }
                }
                _ => {}
            }
        }
        for arguments in blocks.iter().flatten().filter(|arguments| !arguments.is_empty()) {
            prop_assert!(is_right(arguments), "{arguments}: {}", checked.text);
        }
    }

    #[test]
    fn every_call_that_is_joined_is_right(events in responses()) {
        let checked = case(Operation::Response).once(&stream(&events));
        // By place: what a client has joined, and whether there was a piece.
        let mut joined: Vec<(Value, String, bool)> = Vec::new();
        let data = checked.data();
        for event in &data {
            let place = event["output_index"].clone();
            match event["type"].as_str() {
                Some("response.output_item.added") => {
                    let begun = event["item"]["arguments"].as_str().unwrap_or_default();
                    joined.push((place, begun.to_owned(), false));
                }
                Some("response.function_call_arguments.delta") => {
                    if let Some((_, text, has_pieces)) = joined.iter_mut().rfind(|(at, ..)| *at == place) {
                        text.push_str(event["delta"].as_str().unwrap_or_default());
                        *has_pieces = true;
                    }
                }
                _ => {}
            }
        }
        let is_whole = data.last().is_some_and(|event| event["type"] == "response.completed");
        for (_, text, _) in joined.iter().filter(|(_, text, has)| is_whole && (*has || !text.is_empty())) {
            prop_assert!(is_right(text), "{text}: {}", checked.text);
        }
    }

    #[test]
    fn every_call_that_is_seen_is_right(events in responses()) {
        let checked = case(Operation::Response).once(&stream(&events));
        let call = |item: &Value| item["arguments"].as_str().is_some_and(is_right);
        for event in checked.data() {
            let is_right = match event["type"].as_str() {
                Some("response.output_item.done") => call(&event["item"]),
                Some("response.function_call_arguments.done") => call(&event),
                _ => event["response"]["output"].as_array().is_none_or(|output| output.iter().all(call)),
            };
            prop_assert!(is_right, "{event}: {}", checked.text);
        }
    }
}
