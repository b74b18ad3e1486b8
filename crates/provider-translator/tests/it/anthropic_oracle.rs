//! What is sent to Anthropic is judged by somebody else: the simulator holds requests to the rules of the real API,
//! and checks the seals of reasoning that comes back.

use http::Request;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, Deployment, ErrorToResponseLayer};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_sim::{Sim, SimHandle};
use serde_json::{Value, json};
use tower::{ServiceBuilder, ServiceExt};

async fn ask(sim: &SimHandle, version: &str, request: &Value) -> (u16, Vec<u8>) {
    let provider = Provider::anthropic(&sim.origin())
        .expect("a URL")
        .with_name("claude")
        .with_api_version(version)
        .expect("Anthropic has versions");
    let service = ServiceBuilder::new()
        .layer(TranslatorLayer::new(provider))
        .layer(ErrorToResponseLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>());
    let mut call = Request::post("/v1/chat/completions").header("content-type", "application/json");
    let model = request["model"].as_str().expect("a model");
    call = call.extension(Deployment::new("claude", "claude", model));
    let response =
        service.oneshot(call.body(Body::from(request.to_string())).expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let bytes = response.into_body().bytes(1 << 20).await.expect("a body");
    (status, bytes.to_vec())
}

async fn answer(sim: &SimHandle, version: &str, request: &Value) -> Value {
    let (status, bytes) = ask(sim, version, request).await;
    assert_eq!(status, 200, "{request}\n{}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).expect("JSON")
}

fn tool() -> Value {
    json!({"type": "function", "function": {"name": "get.weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}})
}

fn call(id: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "get.weather", "arguments": ""}})
}

/// Requests that OpenAI takes and that Anthropic would refuse in one way or another as they are.
fn awkward() -> Vec<Value> {
    let user = |text: &str| json!({"role": "user", "content": text});
    let tool_turn = |calls: Value| json!({"role": "assistant", "content": "", "tool_calls": calls});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": ""});
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3, "not": {"const": 4}}, "o": {"oneOf": [{"type": "string"}]}}});
    vec![
        json!({"messages": [user("a")], "temperature": 1.9, "top_p": 0.5, "top_k": 3, "seed": 1, "logit_bias": {"1": 2}, "stop": ["", "\n", "x"]}),
        json!({"messages": [{"role": "assistant", "content": "first"}, user("a"), user("b"), {"role": "assistant", "content": "half \n"}]}),
        json!({"messages": [user("a"), {"role": "assistant", "content": ""}, {"role": "system", "content": "s"}, user("b")]}),
        json!({"messages": [{"role": "system", "content": ""}, user("a")], "user": "jane@example.com", "service_tier": "default"}),
        json!({"messages": [{"role": "system", "content": "alone"}]}),
        json!({"messages": [user("a"), tool_turn(json!([call("c:1"), call("c:2")])), result("c:2"), user("b"), result("c:1")], "tools": [tool()]}),
        json!({"messages": [user("a"), tool_turn(json!([call("c")])), {"role": "system", "content": "s"}, result("c")], "tools": [tool()]}),
        json!({"messages": [user("a"), tool_turn(json!([call("c"), call("d")])), result("c")], "tools": [tool()]}),
        json!({"messages": [user("a"), tool_turn(json!([call("c")])), result("c"), tool_turn(json!([call("c")])), result("c")]}),
        json!({"messages": [user("a"), tool_turn(json!([call("c"), call("c")])), result("c"), result("c")], "tools": [tool()], "reasoning_effort": "high"}),
        json!({"messages": [user("a")], "tools": [tool()], "tool_choice": "required", "reasoning_effort": "max", "max_tokens": 3000, "temperature": 0.2}),
        json!({"messages": [user("a")], "tools": [tool()], "tool_choice": {"type": "function", "function": {"name": "get.weather"}}, "parallel_tool_calls": false}),
        json!({"messages": [user("a")], "reasoning_effort": "xhigh", "max_tokens": 1025}),
        json!({"messages": [user("a")], "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": true}}}),
        json!({"messages": [user("a")], "response_format": {"type": "json_object"}}),
        json!({"messages": [user("a")], "tools": [{"type": "function", "function": {"name": "n", "strict": true, "parameters": schema}}]}),
        json!({"messages": [user("a")], "tools": [{"type": "function", "function": {"name": "n", "parameters": {"anyOf": [schema]}}}, {"type": "custom", "custom": {"name": "c"}}]}),
    ]
}

#[tokio::test]
async fn what_openai_takes_anthropic_takes() {
    let sim = Sim::anthropic().any_model().start().await.expect("a simulator");
    for model in ["claude-sonnet-4-5", "claude-3-5-haiku-20241022", "claude-opus-5", "something-else"] {
        for version in ["2023-06-01", "2026-10-21"] {
            for mut request in awkward() {
                request["model"] = json!(model);
                let answer = answer(&sim, version, &request).await;
                assert_eq!(answer["object"], "chat.completion");
            }
        }
    }
    sim.stop().await;
}

/// Two turns of a loop of calls, by a client that hands back the message as it got it.
#[tokio::test]
async fn reasoning_survives_a_loop_of_calls() {
    let sim = Sim::anthropic().any_model().start().await.expect("a simulator");
    let user = json!({"role": "user", "content": "sim:think hm, let me see\nsim:tool get.weather {\"city\":\"Rome\"}"});
    for model in ["claude-sonnet-4-5", "claude-opus-5"] {
        let mut request = json!({"model": model, "messages": [user], "tools": [tool()], "reasoning_effort": "high"});
        // The simulator calls tools by the name that it is told of, which is not the client's.
        answer(&sim, "2023-06-01", &request).await;
        let name =
            sim.received().last().expect("a call").json()["tools"][0]["name"].as_str().expect("a name").to_owned();
        request["messages"][0]["content"] =
            json!(user["content"].as_str().expect("text").replace("get.weather", &name));

        let first = answer(&sim, "2023-06-01", &request).await;
        let message = first["choices"][0]["message"].clone();
        assert_eq!(message["reasoning_content"], "hm, let me see");
        assert_eq!(message["tool_calls"][0]["function"]["name"], "get.weather");
        let id = message["tool_calls"][0]["id"].clone();
        let turns = request["messages"].as_array_mut().expect("messages");
        turns.extend([message, json!({"role": "tool", "tool_call_id": id, "content": "sunny"})]);
        let second = answer(&sim, "2023-06-01", &request).await;
        assert_eq!(second["choices"][0]["message"]["content"], "The tool said: sunny");
        assert_eq!(sim.received().last().expect("a call").json()["messages"][1]["content"][0]["type"], "thinking");
    }
    sim.stop().await;
}
