//! Ollama's own dialect over a real socket.

use llm_layers_sim::{Fault, Sim, SimHandle};
use serde_json::{Value, json};

use crate::common::{Answer, client, get, post, with};

async fn start() -> SimHandle {
    Sim::ollama().start().await.unwrap()
}

fn stream(prompt: &str) -> Value {
    json!({"model": "sim-small", "messages": [{"role": "user", "content": prompt}]})
}

fn chat(prompt: &str) -> Value {
    with(stream(prompt), "stream", json!(false))
}

fn tools() -> Value {
    json!([{"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}])
}

async fn ask(sim: &SimHandle, body: &Value) -> Answer {
    ask_with(sim, body, &[]).await
}

async fn ask_with(sim: &SimHandle, body: &Value, headers: &[(&str, &str)]) -> Answer {
    post(&client(), &format!("{}/api/chat", sim.base_url()), body, headers).await
}

/// The lines of a stream; what is no JSON as a string.
fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let text = answer.text();
    let lines = text.trim_start_matches('\u{feff}').lines();
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|_| json!(line))).collect()
}

fn refusal(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    (answer.status.as_u16(), body["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_plain_answer_has_all_members() {
    let sim = start().await;
    let answer = ask(&sim, &with(chat("sim:think hm so\nsim:say Hello there"), "think", json!("low"))).await;
    let expected = json!({
        "model": "sim-small", "created_at": "2026-11-21T01:43:24.276Z",
        "message": {"role": "assistant", "content": "Hello there", "thinking": "hm so"},
        "done": true, "done_reason": "stop", "total_duration": 42_000_000, "load_duration": 1_000_000,
        "prompt_eval_count": 10, "prompt_eval_duration": 1_000_000, "eval_count": 4, "eval_duration": 40_000_000,
    });
    assert_eq!((answer.header("content-type"), answer.json()), ("application/json", expected));
    let quiet = ask(&sim, &chat("sim:think hm\nsim:say Hello there")).await.json();
    assert!(quiet["message"].get("thinking").is_none());
}

#[tokio::test]
async fn a_stream_is_what_one_gets_who_does_not_say() {
    let sim = start().await;
    let prompt = "sim:think hm\nsim:tool add {\"a\": 1}\nsim:tool add no object\nsim:say one two three";
    let answer = ask(&sim, &with(with(stream(prompt), "tools", tools()), "think", json!(true))).await;
    let lines = lines(&answer);
    let messages: Vec<&Value> = lines.iter().map(|line| &line["message"]).collect();
    let said = |message: &Value, member: &str| message[member].as_str().unwrap_or_default().to_owned();
    assert_eq!(messages.iter().map(|message| said(message, "thinking")).collect::<String>(), "hm");
    assert_eq!(messages.iter().map(|message| said(message, "content")).collect::<String>(), "one two three");
    // Each call is whole, in a line of its own, before the last one.
    let calls: Vec<&Value> = messages.iter().filter_map(|message| message.get("tool_calls")).collect();
    assert_eq!(calls[0][0]["function"], json!({"index": 0, "name": "add", "arguments": {"a": 1}}));
    assert_eq!(calls[1][0]["function"], json!({"index": 1, "name": "add", "arguments": {}}));
    assert_ne!(calls[0][0]["id"], calls[1][0]["id"]);
    let (last, others) = lines.split_last().unwrap();
    assert!(others.iter().all(|line| line["done"] == false && line.get("eval_count").is_none()));
    assert_eq!(
        (&last["done"], &last["done_reason"], &last["message"]["content"]),
        (&json!(true), &json!("stop"), &json!(""))
    );
    assert!(last["eval_count"].as_u64() > Some(3) && last["prompt_eval_count"].is_u64());
}

#[tokio::test]
async fn a_tool_loop_round_trips() {
    let sim = start().await;
    let mut body = with(chat("sim:tool add {\"a\":1}"), "tools", tools());
    let first = ask(&sim, &body).await.json()["message"].clone();
    assert_eq!(first["tool_calls"][0]["function"]["arguments"], json!({"a": 1}));
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(first);
    messages.push(json!({"role": "tool", "tool_name": "add", "content": "42"}));
    assert_eq!(ask(&sim, &body).await.json()["message"]["content"], "The tool said: 42");
    body["messages"][1]["tool_calls"][0]["function"]["arguments"] = json!("{\"a\":1}");
    let (status, text) = refusal(&ask(&sim, &body).await);
    assert!(status == 400 && text.contains("cannot unmarshal string into Go struct field ToolCallFunction"), "{text}");
}

#[tokio::test]
async fn refuses_what_the_real_server_refuses() {
    let sim = start().await;
    let said = |message: Value| with(chat("x"), "messages", json!([message]));
    let options = |options: Value| with(chat("x"), "options", options);
    let plain = |key: &str, value: Value| with(with(chat("x"), "model", json!("sim-plain")), key, value);
    let image = |data: &str| json!([{"role": "user", "content": "x", "images": [data]}]);
    for (status, body, expected) in [
        (400, json!({"messages": []}), "model is required"),
        (404, with(chat("x"), "model", json!("nope")), "model 'nope' not found"),
        (404, with(chat("x"), "model", json!("sim-small:7b")), "model 'sim-small:7b' not found"),
        (
            400,
            said(json!({"role": "user", "content": [{"type": "text"}]})),
            "cannot unmarshal array into Go struct field ChatRequest.messages.content of type string",
        ),
        (400, said(json!({"role": "developer", "content": "x"})), "invalid role"),
        (400, with(chat("x"), "messages", image("data:image/png;base64,AAAA")), "illegal base64 data at input byte 4"),
        (400, with(chat("x"), "format", json!("yaml")), "invalid format: \"yaml\""),
        (400, with(chat("x"), "think", json!("much")), "invalid think value: \"much\""),
        (400, options(json!({"num_ctx": "big"})), "option \"num_ctx\" must be of type integer"),
        (400, options(json!({"temperature": "hot"})), "option \"temperature\" must be of type float32"),
        (400, options(json!({"stop": "x"})), "option \"stop\" must be of type array"),
        (400, plain("tools", tools()), "\"sim-plain\" does not support tools"),
        (400, plain("think", json!(true)), "\"sim-plain\" does not support thinking"),
        (400, plain("messages", image("AAAA")), "\"sim-plain\" does not support images"),
        (400, with(chat("x"), "model", json!("nomic-embed-text")), "\"nomic-embed-text\" does not support chat"),
    ] {
        let (given, text) = refusal(&ask(&sim, &body).await);
        assert!(given == status && text.contains(expected), "{given} {text} instead of {expected}");
    }
    // Members and options that nobody knows pass without a word.
    let stray = with(options(json!({"wibble": "x"})), "tool_choice", json!("required"));
    assert_eq!(ask(&sim, &stray).await.json()["message"]["content"], "You said: x");
    assert_eq!(ask(&sim, &with(chat("x"), "model", json!("sim-small:latest"))).await.status, 200);
}

#[tokio::test]
async fn the_rest_of_the_dialect() {
    let sim = start().await;
    let options = |prompt: &str, options: Value| with(chat(prompt), "options", options);
    let cut = ask(&sim, &options("sim:words 9", json!({"num_predict": 2}))).await.json();
    assert_eq!((&cut["done_reason"], &cut["eval_count"]), (&json!("length"), &json!(2)));
    let whole = ask(&sim, &options("sim:words 9", json!({"num_predict": -1}))).await.json();
    assert_eq!(whole["eval_count"], 9);
    let stopped = ask(&sim, &options("sim:say a b c", json!({"stop": [" b"]}))).await.json();
    assert_eq!((&stopped["done_reason"], &stopped["message"]["content"]), (&json!("stop"), &json!("a")));
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    assert_eq!(ask(&sim, &with(chat("x"), "format", schema)).await.json()["message"]["content"], "{\"n\":1}");
    let json = ask(&sim, &with(chat("x"), "format", json!("json"))).await.json();
    assert!(json["message"]["content"].as_str().unwrap().starts_with('{'));
    let load = ask(&sim, &with(chat("x"), "messages", json!([]))).await.json();
    assert_eq!((&load["done_reason"], load.get("eval_count")), (&json!("load"), None));

    let url = |path: &str| format!("{}{path}", sim.base_url());
    let http = client();
    let embed = json!({"model": "nomic-embed-text", "input": ["a b", "c"], "dimensions": 64});
    let vectors = post(&http, &url("/api/embed"), &embed, &[]).await.json();
    assert_eq!((vectors["embeddings"][1].as_array().unwrap().len(), &vectors["prompt_eval_count"]), (64, &json!(3)));
    let single = post(&http, &url("/api/embed"), &with(embed, "input", json!("a b")), &[]).await.json();
    assert_eq!(single["embeddings"][0], vectors["embeddings"][0]);
    let wrong = post(&http, &url("/api/embed"), &json!({"model": "qwen3", "input": "x"}), &[]).await;
    assert_eq!(refusal(&wrong), (400, "\"qwen3\" does not support embeddings".to_owned()));
    let tags = get(&http, &url("/api/tags"), &[]).await.json();
    assert_eq!(tags["models"][0]["model"], "sim-small:latest");
    assert!(get(&http, &url("/api/version"), &[]).await.json()["version"].is_string());
    let show = post(&http, &url("/api/show"), &json!({"model": "sim-plain"}), &[]).await.json();
    assert_eq!(show["capabilities"], json!(["completion"]));
    assert_eq!(get(&http, &url("/api/chat"), &[]).await.status, 405);
    assert_eq!(get(&http, &url("/v1/models"), &[]).await.status, 404);
}

#[tokio::test]
async fn keys_and_faults() {
    let sim = Sim::ollama().api_key("key").start().await.unwrap();
    assert_eq!(refusal(&ask(&sim, &chat("x")).await), (401, "unauthorized".to_owned()));
    let key = ("authorization", "Bearer key");
    for status in ["400", "401", "403", "404", "429", "500", "502", "503"] {
        let answer = ask_with(&sim, &chat("x"), &[key, ("x-sim-fault", status)]).await;
        assert_eq!(refusal(&answer).0.to_string(), status);
    }
    let talk = stream("sim:say héllo 🌍 wörld and more words");
    let faulty = async |spec: &str| ask_with(&sim, &talk, &[key, ("x-sim-fault", spec)]).await;
    let good = lines(&ask_with(&sim, &talk, &[key]).await);
    for legal in ["tear", "crlf", "bom", "comments", "pace=0", "tear;crlf;bom"] {
        assert_eq!(lines(&faulty(legal).await), good, "{legal}");
    }
    assert!(faulty("crlf").await.text().ends_with("}\r\n"));
    let broken = lines(&faulty("error-in-stream=1").await);
    assert!(broken.len() == 2 && broken[1]["error"].is_string());
    assert_eq!(lines(&faulty("no-done").await), good[..good.len() - 1]);
    let last = lines(&faulty("no-usage;no-role").await).pop().unwrap();
    assert!(last.get("eval_count").is_none() && last.get("prompt_eval_count").is_none());
    assert!(last["message"].get("role").is_none());
    assert_eq!(lines(&faulty("garbage").await).iter().filter(|line| line.is_string()).count(), 1);
    assert_eq!(lines(&faulty("invalid-json").await).iter().filter(|line| line.is_string()).count(), 1);
    sim.fail_next(1, Fault::reset_after(2));
    let reset = ask_with(&sim, &talk, &[key]).await;
    assert!(reset.broken && lines(&reset).len() == 2);
    let model = with(talk, "model", json!("fault-503"));
    assert_eq!(refusal(&ask_with(&sim, &model, &[key]).await).0, 503);
}
