//! Cohere's dialect over a real socket.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use llm_layers_sim::{Fault, Sim, SimHandle};
use serde_json::{Value, json};

use crate::common::{Answer, client, get, post, streamed, with};

async fn start() -> SimHandle {
    Sim::cohere().start().await.unwrap()
}

fn chat(prompt: &str) -> Value {
    json!({"model": "command-sim", "messages": [{"role": "user", "content": prompt}]})
}

fn tools() -> Value {
    json!([{"type": "function", "function": {"name": "add", "parameters": {
        "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}}])
}

async fn ask(sim: &SimHandle, body: &Value) -> Answer {
    ask_with(sim, body, &[]).await
}

async fn ask_with(sim: &SimHandle, body: &Value, headers: &[(&str, &str)]) -> Answer {
    post(&client(), &format!("{}/v2/chat", sim.base_url()), body, headers).await
}

fn refusal(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(body["id"].as_str().map(str::len), Some(36), "{body}");
    (answer.status.as_u16(), body["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_plain_answer_has_all_members() {
    let sim = start().await;
    let answer = ask(&sim, &chat("Hi you")).await;
    let body = answer.json();
    assert_eq!(
        body["message"],
        json!({"role": "assistant", "content": [{"type": "text", "text": "You said: Hi you"}]})
    );
    assert_eq!(body["finish_reason"], "COMPLETE");
    // Fractions by type, and less is billed than read.
    let usage = json!({
        "billed_units": {"input_tokens": 2.0, "output_tokens": 4.0}, "tokens": {"input_tokens": 6.0, "output_tokens": 4.0},
        "cached_tokens": 0.0,
    });
    assert_eq!(body["usage"], usage);
    assert!(answer.text().contains("\"output_tokens\":4.0"));
    assert_eq!(ask(&start().await, &chat("Hi you")).await.text(), answer.text());
}

#[tokio::test]
async fn events_come_in_order() {
    let sim = start().await;
    let body =
        with(streamed(chat("sim:tool add {\"a\": 12345678}\nsim:tool add\nsim:say I plan to add")), "tools", tools());
    let answer = ask(&sim, &body).await;
    let (text, events) = (answer.text(), answer.events());
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert!(names.iter().zip(&events).all(|(name, event)| event["type"] == *name));
    assert_eq!(
        names,
        [
            "message-start",
            "tool-plan-delta",
            "tool-plan-delta",
            "tool-call-start",
            "tool-call-delta",
            "tool-call-delta",
            "tool-call-end",
            "tool-call-start",
            "tool-call-delta",
            "tool-call-end",
            "message-end",
        ]
    );
    let joined = |pointer: &str, index: Option<u64>| -> String {
        let of = events.iter().filter(|event| index.is_none() || event["index"].as_u64() == index);
        of.filter_map(|event| event.pointer(pointer)?.as_str()).collect()
    };
    assert_eq!(joined("/delta/message/tool_plan", None), "I plan to add");
    assert_eq!(joined("/delta/message/tool_calls/function/arguments", Some(0)), "{\"a\": 12345678}");
    assert_eq!(joined("/delta/message/tool_calls/function/arguments", Some(1)), "{}");
    assert!(joined("/delta/message/tool_calls/id", Some(0)).starts_with("add_"));
    let end = events.last().unwrap();
    assert_eq!((&end["delta"]["finish_reason"], end["id"] == events[0]["id"]), (&json!("TOOL_CALL"), true));
    assert!(end["delta"]["usage"]["tokens"]["output_tokens"].is_f64());

    let thinking = with(
        with(streamed(chat("sim:think hm so\nsim:say one two three")), "thinking", json!({"type": "enabled"})),
        "documents",
        json!(["a document"]),
    );
    let events = ask(&sim, &thinking).await.events();
    let kinds: Vec<(&str, Option<u64>)> =
        events.iter().map(|event| (event["type"].as_str().unwrap(), event["index"].as_u64())).collect();
    assert_eq!(
        kinds,
        [
            ("message-start", None),
            ("content-start", Some(0)),
            ("content-delta", Some(0)),
            ("content-end", Some(0)),
            ("content-start", Some(1)),
            ("content-delta", Some(1)),
            ("content-delta", Some(1)),
            ("citation-start", Some(0)),
            ("citation-end", Some(0)),
            ("content-end", Some(1)),
            ("message-end", None),
        ]
    );
    assert_eq!(events[2]["delta"]["message"]["content"], json!({"thinking": "hm so"}));
    assert_eq!(events[4]["delta"]["message"]["content"], json!({"type": "text", "text": ""}));
    let citation = &events[7]["delta"]["message"]["citations"];
    assert_eq!((&citation["text"], &citation["content_index"]), (&json!("one"), &json!(1)));
    assert_eq!(citation["sources"][0]["document"]["text"], "a document");
}

#[tokio::test]
async fn a_tool_loop_round_trips() {
    let sim = start().await;
    let body = with(chat("sim:tool add {\"a\":1}"), "tools", tools());
    let first = ask(&sim, &body).await.json();
    let message = &first["message"];
    assert_eq!(
        (&first["finish_reason"], &message["tool_plan"]),
        (&json!("TOOL_CALL"), &json!("I will use the tool add."))
    );
    assert!(message.get("content").is_none());
    assert_eq!(message["tool_calls"][0]["function"], json!({"name": "add", "arguments": "{\"a\":1}"}));
    let next = |more: &[Value]| {
        let mut body = body.clone();
        body["messages"].as_array_mut().unwrap().extend(more.iter().cloned());
        body
    };
    let parts = json!([{"type": "document", "document": {"data": "{\"sum\":42}"}}]);
    let result = json!({"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": parts});
    let good = ask(&sim, &next(&[message.clone(), result.clone()])).await.json();
    assert_eq!(good["message"]["content"][0]["text"], "The tool said: {\"sum\":42}");
    assert_eq!(good["message"]["citations"][0]["sources"][0]["type"], "tool");

    let mut broken = message.clone();
    broken["tool_calls"][0]["function"]["arguments"] = json!("{");
    let user = json!({"role": "user", "content": "x"});
    for (more, expected) in [
        (vec![message.clone()], "must be followed by tool messages"),
        (vec![message.clone(), user], "must be followed by tool messages"),
        (vec![message.clone(), result.clone(), result.clone()], "answers no tool call"),
        (vec![result.clone()], "answers no tool call"),
        (vec![broken, result], "must be the JSON of an object"),
    ] {
        let (status, text) = refusal(&ask(&sim, &next(&more)).await);
        assert!(status == 400 && text.contains(expected), "{text} instead of {expected}");
    }
}

#[tokio::test]
async fn refuses_what_the_real_api_refuses() {
    let sim = start().await;
    let said = |message: Value| with(chat("x"), "messages", json!([message]));
    let tool = |function: Value| with(chat("x"), "tools", json!([{"type": "function", "function": function}]));
    let object = json!({"type": "object", "properties": {}});
    let strict = json!([{"type": "function", "function": {"name": "a", "parameters": object, "strict": true}}]);
    for (status, body, expected) in [
        (422, with(chat("x"), "top_p", json!(0.5)), "unknown field: parameter 'top_p' is not a valid field."),
        (422, with(chat("x"), "stream_options", json!({})), "parameter 'stream_options'"),
        (422, said(json!({"role": "user", "content": "x", "name": "n"})), "parameter 'name'"),
        (422, with(chat("x"), "tools", strict), "parameter 'strict'"),
        (400, json!({"messages": []}), "model is required"),
        (400, with(chat("x"), "messages", json!([])), "at least one message"),
        (400, said(json!({"role": "developer", "content": "x"})), "invalid role 'developer'"),
        (400, said(json!({"role": "user", "content": ""})), "at least 1 token long"),
        (400, said(json!({"role": "user", "content": [{"type": "input_audio"}]})), "type 'input_audio'"),
        (400, said(json!({"role": "assistant", "content": null})), "must have a message"),
        (400, with(chat("x"), "p", json!(1.0)), "between 0.01 and 0.99"),
        (400, with(chat("x"), "frequency_penalty", json!(-1)), "between 0 and 1"),
        (400, with(chat("x"), "temperature", json!(-0.1)), "at least 0"),
        (400, with(chat("x"), "stop_sequences", json!(["a", "b", "c", "d", "e", "f"])), "at most 5"),
        (400, with(chat("x"), "tool_choice", json!("REQUIRED")), "requires tools"),
        (400, with(with(chat("x"), "tools", tools()), "tool_choice", json!("auto")), "must be one of REQUIRED, NONE"),
        (400, tool(json!({"name": "a.b", "parameters": object})), "'a.b' must be of letters"),
        (400, tool(json!({"name": "a"})), "must be an object schema"),
        (
            400,
            with(tool(json!({"name": "a", "parameters": object})), "strict_tools", json!(true)),
            "one required parameter",
        ),
        (
            400,
            with(with(chat("x"), "tools", tools()), "response_format", json!({"type": "json_object"})),
            "not supported with tools or documents",
        ),
        (400, with(chat("x"), "thinking", json!({"type": "auto"})), "thinking.type must be one of"),
        (404, with(chat("x"), "model", json!("gpt")), "model 'gpt' not found"),
    ] {
        let (given, text) = refusal(&ask(&sim, &body).await);
        assert!(given == status && text.contains(expected), "{given} {text} instead of {expected}");
    }
}

#[tokio::test]
async fn the_rest_of_chat() {
    let sim = start().await;
    let reason = async |body: Value| ask(&sim, &body).await.json()["finish_reason"].clone();
    assert_eq!(reason(with(chat("sim:words 9"), "max_tokens", json!(2))).await, "MAX_TOKENS");
    assert_eq!(reason(with(chat("sim:say a b c"), "stop_sequences", json!([" b"]))).await, "STOP_SEQUENCE");
    let refused = ask(&sim, &chat("sim:refuse")).await.json();
    assert!(refused["message"]["content"][0]["text"].as_str().unwrap().starts_with("I'm sorry"));
    let forced = with(with(chat("x"), "tools", tools()), "tool_choice", json!("REQUIRED"));
    let forced = ask(&sim, &forced).await.json();
    assert_eq!(forced["message"]["tool_calls"][0]["function"]["arguments"], "{\"a\":1}");
    let none = with(with(chat("sim:tool add\nsim:say no"), "tools", tools()), "tool_choice", json!("NONE"));
    assert_eq!(ask(&sim, &none).await.json()["message"]["content"][0]["text"], "no");
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let format = json!({"type": "json_object", "json_schema": schema});
    let shaped = ask(&sim, &with(chat("x"), "response_format", format)).await.json();
    assert_eq!(shaped["message"]["content"][0]["text"], "{\"n\":1}");
    let logprobs = ask(&sim, &with(chat("sim:say one two"), "logprobs", json!(true))).await.json();
    assert_eq!((&logprobs["logprobs"][1]["text"], logprobs["logprobs"].as_array().unwrap().len()), (&json!(" two"), 2));
    let reasoning = with(chat("x"), "model", json!("command-a-reasoning-08-2025"));
    assert_eq!(ask(&sim, &reasoning).await.json()["message"]["content"][0]["type"], "thinking");
    let quiet = with(reasoning, "thinking", json!({"type": "disabled"}));
    assert_eq!(ask(&sim, &quiet).await.json()["message"]["content"][0]["type"], "text");
}

#[tokio::test]
async fn embeddings_come_in_all_types() {
    let sim = start().await;
    let url = format!("{}/v2/embed", sim.base_url());
    let body = json!({
        "model": "embed-v4.0", "input_type": "search_query", "texts": ["a b", "c"], "output_dimension": 256,
        "embedding_types": ["float", "int8", "uint8", "binary", "ubinary", "base64"],
    });
    let answer = post(&client(), &url, &body, &[]).await.json();
    let of = |kind: &str| answer["embeddings"][kind][0].clone();
    let floats: Vec<f64> = serde_json::from_value(of("float")).unwrap();
    assert!((floats.iter().map(|value| value * value).sum::<f64>() - 1.0).abs() < 1e-4);
    let [int8, uint8, binary, ubinary] =
        ["int8", "uint8", "binary", "ubinary"].map(|kind| serde_json::from_value::<Vec<i64>>(of(kind)).unwrap());
    assert!(int8.iter().zip(&floats).all(|(small, value)| (*small as f64 - value * 127.0).abs() <= 0.5001));
    assert!(uint8.iter().zip(&int8).all(|(unsigned, signed)| *unsigned == signed + 128));
    let first = floats[..8].iter().fold(0, |bits, value| bits * 2 + i64::from(*value > 0.0));
    assert_eq!((ubinary[0], binary[0], ubinary.len()), (first, first - 128, 32));
    let bytes = STANDARD.decode(of("base64").as_str().unwrap()).unwrap();
    assert_eq!(f64::from(f32::from_le_bytes(bytes[..4].try_into().unwrap())) as f32, floats[0] as f32);
    assert_eq!(answer["texts"], json!(["a b", "c"]));
    assert_eq!(answer["meta"]["billed_units"]["input_tokens"], json!(3.0));

    for (body, expected) in [
        (with(body.clone(), "input_type", Value::Null), "valid input_type must be provided"),
        (with(body.clone(), "input_type", json!("query")), "input_type must be one of"),
        (with(body.clone(), "texts", json!(vec!["x"; 97])), "at most 96 - received 97"),
        (with(body.clone(), "images", json!(["x"])), "exactly one of texts, images or inputs"),
        (with(body.clone(), "output_dimension", json!(7)), "output_dimension must be one of"),
        (with(body.clone(), "embedding_types", json!(["double"])), "embedding_types must be one of"),
        (with(body.clone(), "model", json!("command-sim")), "does not support the endpoint embed"),
    ] {
        let (status, text) = refusal(&post(&client(), &url, &body, &[]).await);
        assert!(status == 400 && text.contains(expected), "{text} instead of {expected}");
    }
}

#[tokio::test]
async fn models_keys_and_faults() {
    let sim = Sim::cohere().api_key("key").start().await.unwrap();
    let key = ("authorization", "Bearer key");
    let models = get(&client(), &format!("{}/v1/models", sim.base_url()), &[key]).await.json();
    assert_eq!(
        (&models["models"][0]["name"], &models["models"][0]["endpoints"]),
        (&json!("command-sim"), &json!(["chat"]))
    );
    assert_eq!(refusal(&ask(&sim, &chat("x")).await), (401, "no api key supplied".to_owned()));
    let wrong = ask_with(&sim, &chat("x"), &[("authorization", "Bearer other")]).await;
    assert_eq!(refusal(&wrong), (401, "invalid api token".to_owned()));

    for status in ["400", "402", "403", "404", "422", "429", "498", "499", "500", "503", "504"] {
        let answer = ask_with(&sim, &chat("x"), &[key, ("x-sim-fault", status)]).await;
        assert_eq!(refusal(&answer).0.to_string(), status);
    }
    let model = with(streamed(chat("x")), "model", json!("fault-error-in-stream-2"));
    let events = ask_with(&sim, &model, &[key]).await.events();
    let end = &events[2];
    assert_eq!(
        (events.len(), &end["type"], &end["delta"]["finish_reason"]),
        (3, &json!("message-end"), &json!("ERROR"))
    );
    let talk = streamed(chat("sim:say one two three four"));
    let bare = ask_with(&sim, &talk, &[key, ("x-sim-fault", "no-usage;no-role")]).await.events();
    assert!(bare.last().unwrap()["delta"].get("usage").is_none());
    assert!(bare[0]["delta"]["message"].get("role").is_none());
    let endless = ask_with(&sim, &talk, &[key, ("x-sim-fault", "no-done")]).await.events();
    assert_eq!(endless.last().unwrap()["type"], "content-end");
    let torn = ask_with(&sim, &talk, &[key, ("x-sim-fault", "tear;crlf;bom;comments")]).await;
    assert_eq!(torn.events(), ask_with(&sim, &talk, &[key]).await.events());
    sim.fail_next(1, Fault::cut_after(2));
    assert_eq!(ask_with(&sim, &talk, &[key]).await.events().len(), 2);
}
