//! OpenAI's responses.

use serde_json::{Value, json};

use super::{cut, events, other, refused, slot, string};
use crate::{
    case::{Case, Choice, Outcome, Said},
    corpus::Tool,
};

const CODE: &str = "invalid_tool_call";

pub(super) fn request(case: &Case<'_>, tools: &[&Tool], stream: bool) -> Value {
    let offered = tools.iter().map(|tool| {
        let schema: Value = serde_json::from_str(&tool.schema).expect("a schema");
        json!({"type": "function", "name": tool.name, "parameters": schema})
    });
    let one = |name: &str| json!({"type": "function", "name": name});
    let choice = match case.choice {
        Choice::Auto => json!("auto"),
        Choice::None => json!("none"),
        Choice::Required => json!("required"),
        Choice::Tool => one(&case.tool.name),
        Choice::Other => one(other(case, tools)),
    };
    json!({
        "model": "m", "stream": stream, "input": "Go on.", "tools": offered.collect::<Vec<_>>(), "tool_choice": choice,
        "parallel_tool_calls": case.is_parallel,
    })
}

fn item(index: usize, said: &Said, arguments: &str, status: &str) -> Value {
    let mut item = json!({"id": format!("fc_{index}"), "type": "function_call", "status": status, "name": said.name,
        "arguments": arguments});
    if let Some(id) = &said.id {
        item["call_id"] = json!(id);
    }
    item
}

/// How the items of an answer end.
fn status(case: &Case<'_>) -> &'static str {
    if case.is_cut_off { "incomplete" } else { "completed" }
}

pub(super) fn answer(case: &Case<'_>) -> Value {
    let items = case.said.iter().enumerate().map(|(index, said)| item(index, said, &said.arguments, status(case)));
    let details = if case.is_cut_off { json!({"reason": "max_output_tokens"}) } else { Value::Null };
    json!({"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": status(case), "error": null,
        "incomplete_details": details, "output": items.collect::<Vec<_>>(),
        "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}})
}

fn said(item: &Value) -> Said {
    Said {
        id: item["call_id"].as_str().map(str::to_owned),
        name: string(&item["name"]),
        arguments: string(&item["arguments"]),
    }
}

fn output(response: &Value) -> Option<Vec<Said>> {
    Some(response["output"].as_array()?.iter().filter(|item| item["type"] == "function_call").map(said).collect())
}

pub(super) fn read(_: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    output(&serde_json::from_str(body).ok()?).map(Outcome::Came)
}

pub(super) fn stream(case: &Case<'_>, pieces: usize) -> String {
    let (mut body, mut number) = (String::new(), 0);
    let mut event = |mut event: Value| {
        event["sequence_number"] = json!(number);
        number += 1;
        body += &format!("event: {}\ndata: {event}\n\n", string(&event["type"]));
    };
    let mut begun = answer(case);
    begun["status"] = json!("in_progress");
    begun["incomplete_details"] = Value::Null;
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    event(json!({"type": "response.created", "response": begun}));
    event(json!({"type": "response.in_progress", "response": begun}));
    for (index, said) in case.said.iter().enumerate() {
        let id = format!("fc_{index}");
        let added = item(index, said, "", "in_progress");
        event(json!({"type": "response.output_item.added", "output_index": index, "item": added}));
        for piece in cut(&said.arguments, pieces) {
            event(json!({"type": "response.function_call_arguments.delta", "item_id": id, "output_index": index,
                "delta": piece}));
        }
        event(json!({"type": "response.function_call_arguments.done", "item_id": id, "output_index": index,
            "arguments": said.arguments}));
        let done = item(index, said, &said.arguments, status(case));
        event(json!({"type": "response.output_item.done", "output_index": index, "item": done}));
    }
    event(json!({"type": format!("response.{}", status(case)), "response": answer(case)}));
    body
}

/// The deltas, the items and the whole answer must say the same.
pub(super) fn read_stream(_: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    let (mut deltas, mut done, mut whole, events) = (Vec::<Said>::new(), Vec::new(), None, events(body)?);
    let mut last = None;
    for (at, event) in events.iter().enumerate() {
        // Some are left out where a call is mended, and one that is put in has the number before it; their order stands.
        let number = event["sequence_number"].as_u64()?;
        if last.replace(number).is_some_and(|last| last > number) {
            return None;
        }
        match event["type"].as_str()? {
            "error" | "response.failed" => {
                return (at + 1 == events.len() && event["code"] == CODE).then_some(Outcome::Refused(deltas));
            }
            "response.output_item.added" => {
                let index = usize::try_from(event["output_index"].as_u64()?).ok()?;
                *slot(&mut deltas, index) = said(&event["item"]);
            }
            "response.function_call_arguments.delta" => {
                let index = usize::try_from(event["output_index"].as_u64()?).ok()?;
                slot(&mut deltas, index).arguments.push_str(event["delta"].as_str()?);
            }
            "response.output_item.done" => done.push(said(&event["item"])),
            "response.completed" | "response.incomplete" => whole = output(&event["response"]),
            _ => {}
        }
    }
    let whole = whole?;
    (deltas == done && done == whole).then_some(Outcome::Came(whole))
}
