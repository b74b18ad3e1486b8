//! A loop of calls works for clients that lose what they do not know.

use http::Request;
use llm_layers_core::{Body, Caller};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_sim::{Sim, SimHandle};
use serde_json::{Value, json};
use tower::{ServiceBuilder, ServiceExt};

use crate::simulated::read;

/// A layer that lives as long as the loop.
struct Loop {
    layer: TranslatorLayer,
    sim: SimHandle,
}

impl Loop {
    async fn ask(&self, request: &Value, caller: &'static str) -> (u16, Value) {
        let service = ServiceBuilder::new()
            .layer(self.layer.clone())
            .layer(llm_layers_core::ErrorToResponseLayer::new())
            .service(
                hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http::<Body>(),
            );
        let call = Request::post("/v1/chat/completions").header("content-type", "application/json");
        let mut call = call.body(Body::from(request.to_string())).expect("a request");
        call.extensions_mut().insert(Caller::new(caller));
        let (status, body) = read(service.oneshot(call).await.expect("an answer")).await;
        (status, body)
    }
}

fn first(model: &str) -> Value {
    let parameters = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let tool = json!({"type": "function", "function": {"name": "add", "parameters": parameters}});
    let prompt = "sim:think hm\nsim:tool add {\"a\":1}";
    json!({"model": model, "max_tokens": 4000, "reasoning_effort": "low", "tools": [tool], "messages": [{"role": "user", "content": prompt}]})
}

/// The request that hands back a result, by a client that keeps nothing but OpenAI's own members.
fn second(first: &Value, answer: &Value) -> Value {
    let mut request = first.clone();
    let calls = answer["choices"][0]["message"]["tool_calls"].as_array().expect("calls");
    let plain: Vec<Value> =
        calls.iter().map(|call| json!({"id": call["id"], "type": "function", "function": call["function"]})).collect();
    let messages = request["messages"].as_array_mut().expect("messages");
    messages.push(json!({"role": "assistant", "content": null, "tool_calls": plain}));
    messages.extend(calls.iter().map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "2"})));
    request
}

/// Both turns of a loop, the second by who has called first and by somebody else: what the provider gets of each.
async fn second_turns(sim: Sim, provider: impl Fn(&SimHandle) -> Provider, model: &str) -> [Value; 2] {
    let sim = sim.any_model().start().await.expect("a simulator");
    let layer = TranslatorLayer::new(provider(&sim));
    let run = Loop { layer, sim };
    let request = first(model);
    let (status, answer) = run.ask(&request, "team-a").await;
    assert_eq!(status, 200, "{answer}");
    let request = second(&request, &answer);
    let mut sent = [Value::Null, Value::Null];
    for (caller, sent) in ["team-a", "team-b"].into_iter().zip(&mut sent) {
        let (status, answer) = run.ask(&request, caller).await;
        assert_eq!(status, 200, "{answer}");
        *sent = run.sim.received().last().expect("a call").json();
    }
    sent
}

/// Without its reasoning the translator can only give up thinking for that turn.
#[tokio::test]
async fn on_claude_with_thinking() {
    let provider = |sim: &SimHandle| Provider::anthropic(&sim.base_url()).expect("a URL");
    let [own, others] = second_turns(Sim::anthropic(), provider, "claude-sonnet-4-5").await;
    for (sent, thinks) in [(own, true), (others, false)] {
        assert_eq!(sent["thinking"]["type"] == "enabled", thinks, "{sent}");
        assert_eq!(sent["messages"][1]["content"][0]["type"] == "thinking", thinks, "{sent}");
    }
}

/// Without its signature a call is sent with the value that Google has documented for calls of others.
#[tokio::test]
async fn on_gemini_3() {
    let provider = |sim: &SimHandle| Provider::gemini(&sim.base_url()).expect("a URL");
    let [own, others] = second_turns(Sim::gemini(), provider, "gemini-3-pro").await;
    let signature = |sent: &Value| sent["contents"][1]["parts"][0]["thoughtSignature"].as_str().map(str::to_owned);
    let (own, others) = (signature(&own).expect("a signature"), signature(&others).expect("a signature"));
    assert_ne!(own, others);
}
