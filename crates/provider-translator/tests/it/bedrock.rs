//! Bedrock, over a real socket: what is sent is judged by a simulator that holds requests to the service model.

use aws_credential_types::Credentials;
use llm_layers_core::Secret;
use llm_layers_provider_translator::Provider;
use llm_layers_sim::Sim;
use serde_json::{Value, json};

use crate::simulated::{Translated, awkward, same};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA: &str = "amazon.nova-lite-v1:0";
const ARN: &str = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0";
const REGION: &str = "us-east-1";

/// Claude by InvokeModel, Claude by Converse, and another model: each a way of its own.
const WAYS: [(&str, bool); 3] = [(CLAUDE, true), (CLAUDE, false), (NOVA, true)];

async fn start(invokes_claude: bool) -> Translated {
    let sim = Sim::bedrock().start().await.expect("a simulator");
    let provider = Provider::bedrock_at(REGION, &sim.origin()).expect("a URL");
    Translated::new(sim, if invokes_claude { provider } else { provider.by_converse() })
}

fn chat(model: &str, prompt: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": prompt}]})
}

fn tool() -> Value {
    json!({"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}})
}

#[tokio::test]
async fn a_plain_answer_comes_whole_and_streamed() {
    for (model, invokes) in WAYS {
        let translated = start(invokes).await;
        let request = chat(model, "sim:say one two three \u{1f600}");
        let whole = translated.answer(&request).await;
        assert_eq!(whole["choices"][0]["message"]["content"], "one two three \u{1f600}");
        assert_eq!(whole["choices"][0]["finish_reason"], "stop");
        assert!(whole["usage"]["completion_tokens"].as_u64() > Some(0));
        assert_eq!(same(translated.assembled(&request).await), same(whole), "{model}");
        let mut short = chat(model, "sim:words 9");
        short["max_tokens"] = json!(2);
        assert_eq!(translated.answer(&short).await["choices"][0]["finish_reason"], "length");
    }
}

#[tokio::test]
async fn several_choices_come_of_several_calls() {
    for (model, invokes) in WAYS {
        let translated = start(invokes).await;
        let mut request = chat(model, "x");
        request["n"] = json!(2);
        assert_eq!(translated.answer(&request).await["choices"].as_array().map(Vec::len), Some(2), "{model}");
        assert_eq!(translated.sim.received().len(), 2);
    }
}

#[tokio::test]
async fn every_call_is_signed() {
    let sim = Sim::bedrock().sigv4("AKIDEXAMPLE", "sekrit/KEY", REGION).start().await.expect("a simulator");
    let credentials = |secret: &str| {
        let builder = Credentials::builder().access_key_id("AKIDEXAMPLE").secret_access_key(secret);
        builder.session_token("token").provider_name("test").build()
    };
    let provider = Provider::bedrock_at(REGION, &sim.origin()).expect("a URL");
    let wrong = provider.clone().with_credentials(credentials("wrong")).expect("Bedrock");
    let nobody = provider.clone();
    let good = provider.with_credentials(credentials("sekrit/KEY")).expect("Bedrock");
    let translated = Translated::new(sim, good.clone());
    for model in [CLAUDE, NOVA, ARN] {
        assert_eq!(translated.answer(&chat(model, "x")).await["object"], "chat.completion", "{model}");
        translated.assembled(&chat(model, "x")).await;
    }
    let own = (http::HeaderName::from_static("x-amz-own"), http::HeaderValue::from_static("also signed"));
    let own = good.with_header(own.0, own.1);
    let translated = Translated::new(translated.sim, own);
    assert_eq!(translated.answer(&chat(NOVA, "x")).await["object"], "chat.completion");
    let Translated { sim, .. } = translated;
    let translated = Translated::new(sim, wrong);
    assert_eq!(translated.refused(&chat(NOVA, "x")).await, (401, "invalid_api_key".into()));
    let Translated { sim, .. } = translated;
    assert_eq!(Translated::new(sim, nobody).refused(&chat(NOVA, "x")).await, (401, "invalid_api_key".into()));
}

#[tokio::test]
async fn a_key_is_sent_where_there_is_one() {
    let sim = Sim::bedrock().api_key("key").start().await.expect("a simulator");
    let provider = Provider::bedrock_at(REGION, &sim.origin()).expect("a URL");
    let wrong = provider.clone().with_key(&Secret::new("other")).expect("a key");
    let translated = Translated::new(sim, provider.with_key(&Secret::new("key")).expect("a key"));
    assert_eq!(translated.answer(&chat(NOVA, "x")).await["object"], "chat.completion");
    let Translated { sim, .. } = translated;
    assert_eq!(Translated::new(sim, wrong).refused(&chat(NOVA, "x")).await, (401, "invalid_api_key".into()));
}

#[tokio::test]
async fn what_openai_takes_bedrock_takes() {
    for (model, invokes) in WAYS {
        let translated = start(invokes).await;
        for mut request in awkward() {
            request["model"] = json!(model);
            assert_eq!(translated.answer(&request).await["object"], "chat.completion", "{model}");
        }
    }
}

#[tokio::test]
async fn a_loop_of_calls_goes_round() {
    for (model, invokes) in WAYS {
        let translated = start(invokes).await;
        let mut request = chat(model, "sim:think hm\nsim:tool add {\"a\": 1}\nsim:tool add {}");
        request["tools"] = json!([tool()]);
        if model == CLAUDE {
            request["reasoning_effort"] = json!("medium");
            request["max_tokens"] = json!(8000);
        } else {
            request["messages"][0]["content"] = json!("sim:tool add {\"a\": 1}\nsim:tool add {}");
        }
        let first = translated.assembled(&request).await;
        assert_eq!(first["choices"][0]["finish_reason"], "tool_calls");
        let message = first["choices"][0]["message"].clone();
        let calls = message["tool_calls"].as_array().expect("calls").clone();
        assert_eq!(calls.len(), 2);
        let arguments = calls[0]["function"]["arguments"].as_str().expect("text");
        assert_eq!(serde_json::from_str::<Value>(arguments).expect("JSON"), json!({"a": 1}));
        assert_eq!(message["reasoning_details"].is_array(), model == CLAUDE);
        let turns = request["messages"].as_array_mut().expect("messages");
        turns.push(message);
        turns.extend(calls.iter().map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": "42"})));
        let second = translated.answer(&request).await;
        let said = second["choices"][0]["message"]["content"].as_str().expect("text");
        assert!(said.contains("42"), "{said}");
        let first_block = translated.sent()["messages"][1]["content"][0].clone();
        match (model, invokes) {
            (CLAUDE, true) => assert_eq!(first_block["type"], "thinking"),
            (CLAUDE, false) => assert_eq!(first_block["reasoningContent"]["reasoningText"]["text"], "hm"),
            _ => assert_eq!(first_block["toolUse"]["name"], "add"),
        }
        assert_eq!(same(translated.assembled(&request).await), same(second));
    }
}

#[tokio::test]
async fn errors_have_openais_shape() {
    for (model, invokes) in WAYS {
        let translated = start(invokes).await;
        assert_eq!(translated.refused(&chat("amazon.nope-v1:0", "x")).await, (404, "model_not_found".into()));
        for (fault, status, code) in [
            ("400", 400, ""),
            ("401", 401, "invalid_api_key"),
            ("403", 403, ""),
            ("404", 404, "model_not_found"),
            ("408", 504, "upstream_timeout"),
            ("424", 502, "upstream_error"),
            ("429", 429, "rate_limit_exceeded"),
            ("insufficient-quota", 429, "insufficient_quota"),
            ("500", 502, "upstream_error"),
            ("503", 503, "server_is_overloaded"),
            ("html", 502, "upstream_error"),
            ("empty", 502, "upstream_protocol_error"),
        ] {
            translated.fail(fault);
            assert_eq!(translated.refused(&chat(model, "x")).await, (status, code.into()), "{fault}");
        }
        let mut streamed = chat(model, "x");
        streamed["stream"] = json!(true);
        translated.fail("error-in-stream=0");
        assert_eq!(translated.refused(&streamed).await, (429, "rate_limit_exceeded".into()));
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_so() {
    for (model, invokes) in WAYS {
        let translated = start(invokes).await;
        let request = chat(model, "sim:say one two three four five six seven");
        for (fault, code) in [
            ("error-in-stream=4", "rate_limit_exceeded"),
            ("cut=4", "upstream_incomplete_stream"),
            ("reset-after=4", "upstream_incomplete_stream"),
            ("bad-crc", "upstream_protocol_error"),
        ] {
            translated.fail(fault);
            let data = translated.stream(&request).await;
            let last: Value = serde_json::from_str(data.last().expect("an event")).expect("JSON");
            assert_eq!(last["error"]["code"], code, "{fault} {model}");
        }
        let good = same(translated.assembled(&request).await);
        translated.fail("tear");
        assert_eq!(same(translated.assembled(&request).await), good);
    }
}

#[tokio::test]
async fn an_answer_bound_to_a_schema_is_one() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    for (model, invokes) in WAYS {
        let translated = start(invokes).await;
        let mut request = chat(model, "x");
        request["response_format"] = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
        let answer = translated.answer(&request).await;
        let content = answer["choices"][0]["message"]["content"].as_str().expect("text");
        assert!(serde_json::from_str::<Value>(content).expect("JSON").is_object(), "{model}: {content}");
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    }
}

#[tokio::test]
async fn whoever_hangs_up_lets_the_provider_go() {
    for (model, invokes) in WAYS {
        let sim = Sim::bedrock().pace(std::time::Duration::from_millis(20)).start().await.expect("a simulator");
        let provider = Provider::bedrock_at(REGION, &sim.origin()).expect("a URL");
        let translated = Translated::new(sim, if invokes { provider } else { provider.by_converse() });
        translated.hang_up(&chat(model, "sim:words 2000")).await;
    }
}
