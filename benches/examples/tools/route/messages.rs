//! Anthropic's messages: whole arguments are JSON within the answer, streamed ones text.

use serde_json::{Value, json, value::RawValue};

use super::{cut, events, other, refused, slot, string};
use crate::{
    case::{Case, Choice, Outcome, Said},
    corpus::Tool,
};

const CODE: &str = "invalid_tool_call";

/// Whether the arguments can stand in a whole answer.
pub(super) fn can_say(said: &Said) -> bool {
    serde_json::from_str::<&RawValue>(&said.arguments).is_ok()
}

pub(super) fn request(case: &Case<'_>, tools: &[&Tool], stream: bool) -> Value {
    let offered = tools.iter().map(|tool| {
        let schema: Value = serde_json::from_str(&tool.schema).expect("a schema");
        json!({"name": tool.name, "input_schema": schema})
    });
    let mut choice = match case.choice {
        Choice::Auto => json!({"type": "auto"}),
        Choice::None => json!({"type": "none"}),
        Choice::Required => json!({"type": "any"}),
        Choice::Tool => json!({"type": "tool", "name": case.tool.name}),
        Choice::Other => json!({"type": "tool", "name": other(case, tools)}),
    };
    if !case.is_parallel {
        choice["disable_parallel_tool_use"] = json!(true);
    }
    json!({
        "model": "m", "max_tokens": 100, "stream": stream, "messages": [{"role": "user", "content": "Go on."}],
        "tools": offered.collect::<Vec<_>>(), "tool_choice": choice,
    })
}

fn stop(case: &Case<'_>) -> &'static str {
    match () {
        () if case.is_cut_off => "max_tokens",
        () if case.said.is_empty() => "end_turn",
        () => "tool_use",
    }
}

/// Put together by hand: the arguments stand as they are spelled.
pub(super) fn answer(case: &Case<'_>) -> String {
    let blocks = case.said.iter().map(|said| {
        let id = said.id.as_ref().map_or(String::new(), |id| format!("\"id\":{},", json!(id)));
        format!("{{\"type\":\"tool_use\",{id}\"name\":{},\"input\":{}}}", json!(said.name), said.arguments)
    });
    let content = blocks.collect::<Vec<_>>().join(",");
    format!(
        "{{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{content}],\
         \"stop_reason\":\"{}\",\"stop_sequence\":null,\"usage\":{{\"input_tokens\":1,\"output_tokens\":2}}}}",
        stop(case)
    )
}

pub(super) fn read(_: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    #[derive(serde::Deserialize)]
    struct Message<'a> {
        #[serde(borrow)]
        content: Vec<Block<'a>>,
    }
    #[derive(serde::Deserialize)]
    struct Block<'a> {
        id: Option<String>,
        name: Option<String>,
        #[serde(borrow)]
        input: Option<&'a RawValue>,
    }
    let message: Message<'_> = serde_json::from_str(body).ok()?;
    let said =
        |block: Block<'_>| Some(Said { id: block.id, name: block.name?, arguments: block.input?.get().to_owned() });
    message.content.into_iter().map(said).collect::<Option<_>>().map(Outcome::Came)
}

fn event(event: &Value) -> String {
    format!("event: {}\ndata: {event}\n\n", string(&event["type"]))
}

pub(super) fn stream(case: &Case<'_>, pieces: usize) -> String {
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1}});
    let mut body = event(&json!({"type": "message_start", "message": message}));
    for (index, said) in case.said.iter().enumerate() {
        let mut block = json!({"type": "tool_use", "name": said.name, "input": {}});
        if let Some(id) = &said.id {
            block["id"] = json!(id);
        }
        body += &event(&json!({"type": "content_block_start", "index": index, "content_block": block}));
        for piece in cut(&said.arguments, pieces) {
            let delta = json!({"type": "input_json_delta", "partial_json": piece});
            body += &event(&json!({"type": "content_block_delta", "index": index, "delta": delta}));
        }
        body += &event(&json!({"type": "content_block_stop", "index": index}));
    }
    let delta = json!({"stop_reason": stop(case), "stop_sequence": null});
    body += &event(&json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 2}}));
    body + &event(&json!({"type": "message_stop"}))
}

pub(super) fn read_stream(_: &Case<'_>, status: u16, body: &str) -> Option<Outcome> {
    if status != 200 {
        return refused(status, body, CODE);
    }
    let (mut came, mut is_over, events) = (Vec::<Said>::new(), false, events(body)?);
    for (at, event) in events.iter().enumerate() {
        match event["type"].as_str()? {
            "error" => return (at + 1 == events.len()).then_some(Outcome::Refused(came)),
            "content_block_start" => {
                let block = &event["content_block"];
                let said = slot(&mut came, usize::try_from(event["index"].as_u64()?).ok()?);
                said.id = block["id"].as_str().map(str::to_owned);
                said.name = string(&block["name"]);
            }
            "content_block_delta" => {
                let said = slot(&mut came, usize::try_from(event["index"].as_u64()?).ok()?);
                said.arguments.push_str(event["delta"]["partial_json"].as_str()?);
            }
            "message_stop" => is_over = true,
            _ => {}
        }
    }
    for said in came.iter_mut().filter(|said| said.arguments.is_empty()) {
        "{}".clone_into(&mut said.arguments);
    }
    is_over.then_some(Outcome::Came(came))
}
