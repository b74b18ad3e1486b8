//! A translator before a simulated provider, over a real socket.

use std::time::Duration;

use futures_util::StreamExt;
use http::{Request, Response};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use llm_layers_core::{Body, ErrorToResponseLayer};
use llm_layers_provider_translator::{Provider, TranslatorLayer};
use llm_layers_sim::{Counts, SimHandle};
use llm_layers_wire::{assemble::Assembler, openai::Chunk, sse};
use serde_json::{Value, json};
use tower::{ServiceBuilder, ServiceExt};

/// The translator, and what it stands before.
pub(crate) struct Translated {
    pub(crate) sim: SimHandle,
    provider: Provider,
}

impl Translated {
    pub(crate) fn new(sim: SimHandle, provider: Provider) -> Self {
        Self { sim, provider }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        let service = ServiceBuilder::new()
            .layer(TranslatorLayer::new(self.provider.clone()))
            .layer(ErrorToResponseLayer::new())
            .service(Client::builder(TokioExecutor::new()).build_http::<Body>());
        service.oneshot(request).await.expect("an answer")
    }

    pub(crate) async fn post(&self, path: &str, request: &Value) -> Response<Body> {
        let call = Request::post(path).header("content-type", "application/json");
        self.send(call.body(Body::from(request.to_string())).expect("a request")).await
    }

    pub(crate) async fn chat(&self, request: &Value) -> Response<Body> {
        self.post("/v1/chat/completions", request).await
    }

    /// A whole answer that goes well.
    pub(crate) async fn answer(&self, request: &Value) -> Value {
        let (status, body) = read(self.chat(request).await).await;
        assert_eq!(status, 200, "{request}\n{body}");
        body
    }

    /// An answer that is an error: its status and code.
    pub(crate) async fn refused(&self, request: &Value) -> (u16, String) {
        let (status, body) = read(self.chat(request).await).await;
        assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The data of a stream's events.
    pub(crate) async fn stream(&self, request: &Value) -> Vec<String> {
        let mut request = request.clone();
        request["stream"] = json!(true);
        request["stream_options"] = json!({"include_usage": true});
        let response = self.chat(&request).await;
        assert_eq!(response.status(), 200, "{request}");
        let media_type = response.headers()["content-type"].to_str().expect("text");
        assert!(media_type.starts_with("text/event-stream"), "{media_type}");
        let mut events = response.into_body().into_events(sse::Limits::DEFAULT);
        let mut data = Vec::new();
        while let Some(event) = events.next().await {
            let event = event.expect("an event");
            data.push(String::from_utf8(event.data().expect("data").to_vec()).expect("UTF-8"));
        }
        data
    }

    /// A stream that goes well, put together as a client would.
    pub(crate) async fn assembled(&self, request: &Value) -> Value {
        let mut data = self.stream(request).await;
        assert_eq!(data.pop().as_deref(), Some("[DONE]"));
        let mut assembler = Assembler::new();
        for chunk in data {
            assembler.push(&Chunk::parse(chunk).expect("a chunk")).expect("it joins");
        }
        let assembled = assembler.finish().expect("a completion").to_bytes();
        serde_json::from_slice(&assembled).expect("JSON")
    }

    /// What the provider was asked last.
    pub(crate) fn sent(&self) -> Value {
        self.sim.received().last().expect("a call").json()
    }

    /// Gives the next call a fault.
    pub(crate) fn fail(&self, fault: &str) {
        self.sim.fail_next(1, fault.parse().expect("a fault"));
    }

    /// Takes the beginning of a stream and hangs up; what the provider makes of it.
    pub(crate) async fn hang_up(&self, request: &Value) -> Counts {
        let mut request = request.clone();
        request["stream"] = json!(true);
        let mut events = self.chat(&request).await.into_body().into_events(sse::Limits::DEFAULT);
        events.next().await.expect("an event").expect("no error");
        drop(events);
        tokio::time::timeout(Duration::from_secs(30), self.sim.cancelled()).await.expect("the provider is let go")
    }
}

pub(crate) async fn read(response: Response<Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.into_body().bytes(1 << 24).await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body))))
}

/// Without what differs from call to call.
pub(crate) fn same(mut answer: Value) -> Value {
    for name in ["id", "created"] {
        answer.as_object_mut().expect("an object").remove(name);
    }
    for call in answer["choices"][0]["message"]["tool_calls"].as_array_mut().into_iter().flatten() {
        call["id"] = json!("");
    }
    answer
}

/// Requests that OpenAI takes and that others would refuse in one way or another as they are.
pub(crate) fn awkward() -> Vec<Value> {
    let tool = json!({"type": "function", "function": {"name": "get.weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}});
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "get.weather", "arguments": ""}});
    let user = |text: &str| json!({"role": "user", "content": text});
    let calls = |calls: Value| json!({"role": "assistant", "content": "", "tool_calls": calls});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "r"});
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]});
    vec![
        json!({"messages": [user("a")], "temperature": 1.9, "top_p": 1, "top_k": 3, "seed": 1, "frequency_penalty": -1, "logit_bias": {"1": 2}, "stop": ["", "\n", "x"]}),
        json!({"messages": [{"role": "developer", "content": "d"}, {"role": "assistant", "content": "first"}, user("a"), user("b")]}),
        json!({"messages": [user("a"), {"role": "assistant", "content": ""}, {"role": "system", "content": "s"}, user("b")]}),
        json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": " "}, {"type": "text", "text": "b"}]}], "user": "u"}),
        json!({"messages": [user("a"), calls(json!([call("c:1"), call("c:2")])), result("c:2"), user("b"), result("c:1")], "tools": [tool]}),
        json!({"messages": [user("a"), calls(json!([call("c"), call("d")])), result("c")], "tools": [tool], "tool_choice": "auto"}),
        json!({"messages": [user("a"), calls(json!([call("c"), call("c")])), result("c"), result("c")], "tools": [tool]}),
        json!({"messages": [user("a")], "tools": [tool], "tool_choice": "none", "max_tokens": 3000}),
        json!({"messages": [user("a")], "tools": [tool], "tool_choice": {"type": "function", "function": {"name": "get.weather"}}, "parallel_tool_calls": false}),
        json!({"messages": [user("a")], "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": true}}}),
        json!({"messages": [user("a")], "response_format": {"type": "json_object"}}),
        json!({"messages": [user("a")], "tools": [{"type": "function", "function": {"name": "n", "strict": true, "parameters": schema}}, {"type": "custom", "custom": {"name": "c"}}, {"type": "function", "function": {"name": "l", "parameters": {"type": "array"}}}]}),
        json!({"messages": [user("a")], "reasoning_effort": "low", "max_completion_tokens": 2000}),
    ]
}
