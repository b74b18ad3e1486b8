//! Google's dialect over a real socket: the Gemini Developer API and Vertex AI.

use http_body_util::BodyExt;
use llm_layers_sim::{Fault, Sim, SimHandle};
use serde_json::{Value, json};

use crate::common::{self, Answer, client, get, post, request, soon, with};

const OLD: &str = "gemini-2.5-flash";
const NEW: &str = "gemini-3-flash-preview";

async fn start() -> SimHandle {
    Sim::gemini().start().await.unwrap()
}

fn user(text: &str) -> Value {
    json!({"role": "user", "parts": [{"text": text}]})
}

fn prompt(text: &str) -> Value {
    json!({"contents": [user(text)]})
}

fn tools() -> Value {
    json!([{"functionDeclarations": [
        {"name": "add", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "INTEGER"}}, "required": ["a"]}},
        {"name": "now"},
    ]}])
}

async fn call(sim: &SimHandle, model: &str, verb: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    post(&client(), &format!("{}/v1beta/models/{model}:{verb}", sim.base_url()), body, headers).await
}

async fn generate(sim: &SimHandle, model: &str, body: &Value) -> Answer {
    call(sim, model, "generateContent", body, &[]).await
}

async fn stream(sim: &SimHandle, model: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    call(sim, model, "streamGenerateContent?alt=sse", body, headers).await
}

/// The message of the 400 that this request gets.
async fn refused(sim: &SimHandle, model: &str, body: &Value) -> String {
    let answer = generate(sim, model, body).await;
    let error = answer.json()["error"].clone();
    assert_eq!(answer.status, 400, "{body}");
    assert_eq!((&error["code"], &error["status"]), (&json!(400), &json!("INVALID_ARGUMENT")));
    error["message"].as_str().unwrap().to_owned()
}

fn text(events: &[Value]) -> String {
    let parts = events.iter().flat_map(|event| event["candidates"][0]["content"]["parts"].as_array());
    parts.flatten().filter(|part| part["thought"] != true).filter_map(|part| part["text"].as_str()).collect()
}

/// Without the id, which differs between the paths.
fn unnamed(mut events: Vec<Value>) -> Value {
    events.iter_mut().filter_map(Value::as_object_mut).for_each(|event| drop(event.remove("responseId")));
    Value::from(events)
}

fn elements(answer: &Answer) -> Vec<Value> {
    serde_json::from_value(answer.json()).unwrap()
}

#[tokio::test]
async fn a_plain_answer_has_all_members() {
    let sim = start().await;
    let answer = generate(&sim, OLD, &prompt("Hi")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json; charset=UTF-8"));
    let body = answer.json();
    let candidate = json!({
        "index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [{"text": "You said: Hi"}]},
    });
    assert_eq!(body["candidates"], json!([candidate]));
    assert_eq!((&body["modelVersion"], body["responseId"].as_str().unwrap().len()), (&json!(OLD), 22));
    let usage = &body["usageMetadata"];
    assert_eq!(usage["promptTokenCount"], 5);
    assert_eq!((&usage["candidatesTokenCount"], &usage["totalTokenCount"]), (&json!(3), &json!(8)));
    assert!(usage.get("thoughtsTokenCount").is_none());
    let again = generate(&start().await, OLD, &prompt("Hi")).await;
    assert_eq!(again.text(), answer.text());
    let snake = json!({"contents": {"parts": {"text": "sim:words 9"}}, "generation_config": {"max_output_tokens": 2}});
    let cut = generate(&sim, OLD, &snake).await.json();
    assert_eq!(cut["candidates"][0]["finishReason"], "MAX_TOKENS");
}

#[tokio::test]
async fn streams_are_server_sent_events_or_an_array() {
    let sim = start().await;
    for model in [OLD, NEW] {
        let body = prompt("sim:say one two three four five");
        let sse = stream(&sim, model, &body, &[]).await;
        assert_eq!(sse.header("content-type"), "text/event-stream");
        let lines = sse.text();
        assert!(lines.ends_with("\r\n\r\n") && !lines.replace("\r\n", "").contains('\n'));
        let events = sse.events();
        assert_eq!(text(&events), "one two three four five");
        let (last, others) = events.split_last().unwrap();
        assert!(others.iter().all(|event| event["candidates"][0].get("finishReason").is_none()));
        assert_eq!(last["candidates"][0]["finishReason"], "STOP");
        assert_eq!(last["usageMetadata"]["candidatesTokenCount"], 5);
        let counts: Vec<u64> =
            events.iter().map(|event| event["usageMetadata"]["candidatesTokenCount"].as_u64().unwrap()).collect();
        assert!(counts.is_sorted() && counts[0] == 2, "snapshots that grow: {counts:?}");
        // From Gemini 3 on the end is an empty text with the signature.
        let part = &last["candidates"][0]["content"]["parts"][0];
        assert_eq!((part["text"] == "", part["thoughtSignature"].is_string()), (model == NEW, model == NEW));

        let array = call(&sim, model, "streamGenerateContent", &body, &[]).await;
        assert_eq!(array.header("content-type"), "application/json; charset=UTF-8");
        assert_eq!(unnamed(elements(&array)), unnamed(sse.events()));
    }
    let refused = call(&sim, OLD, "streamGenerateContent", &json!({"x": 1}), &[]).await;
    assert_eq!(refused.json()[0]["error"]["code"], 400);
    let refused = stream(&sim, OLD, &json!({"x": 1}), &[]).await;
    assert_eq!(refused.json()["error"]["code"], 400);
}

#[tokio::test]
async fn thoughts_are_parts_of_their_own() {
    let sim = start().await;
    let shown = json!({"thinkingConfig": {"includeThoughts": true}});
    let body = with(prompt("sim:think let me see\nsim:say done"), "generationConfig", shown);
    let plain = generate(&sim, OLD, &body).await.json();
    let parts = json!([{"text": "let me see", "thought": true}, {"text": "done"}]);
    assert_eq!(plain["candidates"][0]["content"]["parts"], parts);
    let usage = &plain["usageMetadata"];
    assert_eq!((&usage["thoughtsTokenCount"], &usage["candidatesTokenCount"]), (&json!(3), &json!(1)));
    let events = stream(&sim, OLD, &body, &[]).await.events();
    assert_eq!(text(&events), "done");
    assert_eq!(events[0]["candidates"][0]["content"]["parts"], json!([{"text": "let me", "thought": true}]));
    // Thoughts that are not shown are counted all the same, and against the limit too.
    let hidden = generate(&sim, OLD, &with(prompt("sim:think a b c\nsim:say d"), "generationConfig", json!({}))).await;
    assert_eq!(hidden.json()["usageMetadata"]["thoughtsTokenCount"], 3);
    let small = json!({"maxOutputTokens": 3});
    let none = generate(&sim, OLD, &with(prompt("sim:think a b c\nsim:say d"), "generationConfig", small)).await.json();
    assert_eq!(none["candidates"], json!([{"index": 0, "finishReason": "MAX_TOKENS"}]));
    let off = json!({"thinkingConfig": {"thinkingBudget": 0}});
    let off = generate(&sim, OLD, &with(prompt("sim:think a b c"), "generationConfig", off)).await.json();
    assert!(off["usageMetadata"].get("thoughtsTokenCount").is_none());
}

#[tokio::test]
async fn calls_come_whole_and_before_the_end() {
    let sim = start().await;
    let body = with(prompt("sim:tool add {\"a\": 1}\nsim:tool now\nsim:tool add {\"a\":2}"), "tools", tools());
    let events = stream(&sim, NEW, &body, &[]).await.events();
    let parts: Vec<Vec<Value>> =
        events.iter().map(|event| event["candidates"][0]["content"]["parts"].as_array().unwrap().clone()).collect();
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(parts[0][0]["functionCall"]["args"], json!({"a": 1}));
    assert_eq!(parts[0][1]["functionCall"]["args"], json!({}));
    let ids: Vec<&str> = parts[..2].iter().flatten().map(|part| part["functionCall"]["id"].as_str().unwrap()).collect();
    assert!(ids.iter().all(|id| id.len() == 8) && ids[0] != ids[1] && ids[0] != ids[2]);
    let signed: Vec<bool> = parts.iter().flatten().map(|part| part.get("thoughtSignature").is_some()).collect();
    assert_eq!(signed, [true, false, false, false], "the first call alone");
    assert!(events[..2].iter().all(|event| event["candidates"][0].get("finishReason").is_none()));
    assert_eq!(events[2]["candidates"][0]["finishReason"], "STOP");
    assert_eq!(parts[2], [json!({"text": ""})]);

    // Before Gemini 3: no ids, and the end together with the last call.
    let events = stream(&sim, OLD, &body, &[]).await.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["candidates"][0]["finishReason"], "STOP");
    assert!(events[0]["candidates"][0]["content"]["parts"][0]["functionCall"].get("id").is_none());

    let forced = json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["add"]}});
    let forced = generate(&sim, OLD, &with(with(prompt("x"), "tools", tools()), "toolConfig", forced)).await.json();
    let call = &forced["candidates"][0]["content"]["parts"][0]["functionCall"];
    assert_eq!(*call, json!({"name": "add", "args": {"a": 1}}));

    let broken = generate(&sim, OLD, &with(prompt("sim:tool add {\"a\""), "tools", tools())).await.json();
    let candidate = &broken["candidates"][0];
    assert_eq!((&candidate["finishReason"], candidate.get("content")), (&json!("MALFORMED_FUNCTION_CALL"), None));
    assert!(candidate["finishMessage"].as_str().unwrap().contains("add"));
}

/// The request of the turn after `first`, with these parts as the model's and these as the user's.
fn next(first: &Value, model: &[Value], user: &[Value]) -> Value {
    let mut body = first.clone();
    let contents = body["contents"].as_array_mut().unwrap();
    contents.push(json!({"role": "model", "parts": model}));
    contents.push(json!({"role": "user", "parts": user}));
    body
}

fn result(call: &Value, output: &str) -> Value {
    let mut response = json!({"name": call["name"], "response": {"output": output}});
    if let Some(id) = call.get("id") {
        response["id"] = id.clone();
    }
    json!({"functionResponse": response})
}

#[tokio::test]
async fn signatures_must_come_back_to_gemini_3() {
    let sim = start().await;
    let first = with(prompt("sim:tool add {\"a\":1}\nsim:tool now"), "tools", tools());
    let answer = generate(&sim, NEW, &first).await.json();
    let calls: Vec<Value> = answer["candidates"][0]["content"]["parts"].as_array().unwrap().clone();
    let results: Vec<Value> = calls.iter().map(|part| result(&part["functionCall"], "42")).collect();
    let good = generate(&sim, NEW, &next(&first, &calls, &results)).await.json();
    assert_eq!(text(&[good]), "The tool said: 42; 42");

    let signed = |at: usize, signature: Value| {
        let mut calls = calls.clone();
        calls[0].as_object_mut().unwrap().remove("thoughtSignature");
        calls[at]["thoughtSignature"] = signature;
        calls
    };
    let own = calls[0]["thoughtSignature"].clone();
    for bypass in ["skip_thought_signature_validator", "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="] {
        let body = next(&first, &signed(0, json!(bypass)), &results);
        assert_eq!(generate(&sim, NEW, &body).await.status, 200, "{bypass}");
    }
    let missing = "Function call is missing a thought_signature in functionCall parts.";
    let mut unsigned = calls.clone();
    unsigned[0].as_object_mut().unwrap().remove("thoughtSignature");
    let mut copied = calls.clone();
    copied[1]["thoughtSignature"] = own.clone();
    let mut changed = calls.clone();
    changed[0]["functionCall"]["args"] = json!({"a": 2});
    let cases = [
        (unsigned.clone(), missing),
        (signed(1, own.clone()), missing),
        (copied, "Corrupted thought signature"),
        (changed, "Corrupted thought signature"),
        (signed(0, json!("Zm9yZ2Vk")), "Corrupted thought signature"),
        (signed(0, json!("no base64!")), "Base64 decoding failed"),
    ];
    for (calls, expected) in cases {
        let message = refused(&sim, NEW, &next(&first, &calls, &results)).await;
        assert!(message.contains(expected), "{message} instead of {expected}");
    }
    assert!(refused(&sim, NEW, &next(&first, &unsigned, &results)).await.contains("`default_api:add` , position 2."));

    // Google's SDK sends a streamed answer back chunk by chunk, the empty text of its end included.
    let mut apart = next(&first, &calls, &results);
    let end = json!({"role": "model", "parts": [{"text": ""}]});
    apart["contents"].as_array_mut().unwrap().insert(2, end);
    assert_eq!(generate(&sim, NEW, &apart).await.status, 200);

    // The turn is over with the next prompt: nobody asks for its signatures any more.
    let mut later = next(&first, &unsigned, &results);
    later["contents"].as_array_mut().unwrap().push(json!({"role": "model", "parts": [{"text": "42"}]}));
    later["contents"].as_array_mut().unwrap().push(user("thanks"));
    assert_eq!(generate(&sim, NEW, &later).await.status, 200);
}

#[tokio::test]
async fn a_tool_loop_before_gemini_3_has_no_ids() {
    let sim = start().await;
    let first = with(prompt("sim:tool add {\"a\":1}"), "tools", tools());
    let answer = generate(&sim, OLD, &first).await.json();
    let mut calls: Vec<Value> = answer["candidates"][0]["content"]["parts"].as_array().unwrap().clone();
    let good = generate(&sim, OLD, &next(&first, &calls, &[result(&calls[0]["functionCall"], "42")])).await.json();
    assert_eq!(text(&[good]), "The tool said: 42");
    calls[0].as_object_mut().unwrap().remove("thoughtSignature");
    let unsigned = next(&first, &calls, &[result(&calls[0]["functionCall"], "42")]);
    assert_eq!(generate(&sim, OLD, &unsigned).await.status, 200, "not asked for");
    calls[0]["functionCall"]["id"] = json!("fc1");
    let message = refused(&sim, OLD, &next(&first, &calls, &[result(&json!({"name": "add"}), "42")])).await;
    assert!(message.contains("Unknown name \"id\" at 'contents[1].parts[0].function_call'"), "{message}");
}

#[tokio::test]
async fn refuses_what_the_real_api_refuses() {
    let sim = start().await;
    let x = || prompt("x");
    let config = |config: Value| with(x(), "generationConfig", config);
    let declared = |declaration: Value| with(x(), "tools", json!([{"functionDeclarations": [declaration]}]));
    let schema =
        |schema: Value| declared(json!({"name": "f", "parameters": {"type": "OBJECT", "properties": {"a": schema}}}));
    let contents = |contents: Value| json!({"contents": contents});
    let add = json!({"functionCall": {"name": "add", "args": {}}});
    let added = json!({"functionResponse": {"name": "add", "response": {"output": "1"}}});
    let now = json!({"functionResponse": {"name": "now", "response": {"output": "1"}}});
    let loop_of = |calls: Value, results: Value| json!([user("x"), {"role": "model", "parts": calls}, {"role": "user", "parts": results}]);
    let both = json!({"name": "f", "parameters": {"type": "OBJECT"}, "parametersJsonSchema": {"type": "object"}});
    let cases = [
        (with(x(), "messages", json!([])), "Unknown name \"messages\": Cannot find field."),
        (with(x(), "modelArmorConfig", json!({})), "Unknown name \"modelArmorConfig\""),
        (config(json!({"max_tokens": 1})), "Unknown name \"max_tokens\" at 'generation_config'"),
        (config(json!({"maxOutputTokens": "x"})), "generation_config.max_output_tokens"),
        (json!({}), "contents is not specified"),
        (contents(json!([{"role": "assistant", "parts": [{"text": "x"}]}])), "valid role: user, model"),
        (contents(json!([user("x"), user("y")])), "alternate between user and model"),
        (contents(json!([{"role": "model", "parts": [{"text": "x"}]}])), "alternate between user and model"),
        (contents(json!([{"role": "user", "parts": []}])), "must not be empty"),
        (contents(json!([{"parts": [{"thought": true}]}])), "required oneof field 'data'"),
        (contents(json!([{"parts": [{"text": "x", "inlineData": {"mimeType": "a/b", "data": ""}}]}])), "already set"),
        (contents(json!([{"parts": [{"text": ""}]}])), "empty text parameter"),
        (contents(json!([{"parts": [{"inlineData": {"mimeType": "a/b", "data": "%"}}]}])), "Base64 decoding failed"),
        (contents(json!([user("x"), {"role": "model", "parts": [add]}])), "number of function response parts"),
        (
            contents(json!([user("x"), {"role": "model", "parts": [add]}, user("y")])),
            "number of function response parts",
        ),
        (contents(loop_of(json!([add, add]), json!([added]))), "number of function response parts"),
        (contents(loop_of(json!([{"text": "x"}]), json!([added]))), "immediately after a function call turn"),
        (contents(loop_of(json!([add]), json!([now]))), "has the name"),
        (contents(json!([{"parts": [added]}])), "immediately after a function call turn"),
        (with(x(), "systemInstruction", json!({"parts": [add]})), "only supports text"),
        (declared(both), "only one of `parameters` and `parameters_json_schema`"),
        (declared(json!({"name": "1f"})), "Invalid function name"),
        (declared(json!({"name": "f", "strict": true})), "Unknown name \"strict\""),
        (declared(json!({"name": "f", "parameters": {"type": "OBJECT", "properties": {}}})), "non-empty for OBJECT"),
        (declared(json!({"name": "f", "parametersJsonSchema": {"type": "string"}})), "should be of type OBJECT"),
        (schema(json!({"$ref": "#/x"})), "Unknown name \"$ref\""),
        (schema(json!({"type": ["STRING", "NULL"]})), "Proto field is not repeating, cannot start list."),
        (schema(json!({"type": "ARRAY"})), "properties[a].items: missing field."),
        (schema(json!({"type": "STRING", "enum": [""]})), "enum[0]: cannot be empty"),
        (schema(json!({"type": "STRING", "anyOf": [{"type": "STRING"}]})), "alongside any_of"),
        (with(x(), "tools", json!([{"functionDeclarations": [{"name": "f"}, {"name": "f"}]}])), "Duplicate function"),
        (with(x(), "tools", json!([{"functionDeclarations": [{"name": "f"}], "googleSearch": {}}])), "is unsupported"),
        (with(x(), "toolConfig", json!({"functionCallingConfig": {"mode": "ANY"}})), "without function_declarations"),
        (config(json!({"temperature": 2.5})), "temperature"),
        (config(json!({"stopSequences": ["1", "2", "3", "4", "5", "6"]})), "stop_sequences"),
        (config(json!({"candidateCount": 9})), "candidate_count"),
        (config(json!({"responseJsonSchema": {"type": "object"}})), "only supported with response mime type"),
        (config(json!({"thinkingConfig": {"thinkingLevel": "LOW"}})), "Thinking level is not supported"),
        (config(json!({"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 1}})), "only one of thinking"),
        (with(with(x(), "tools", tools()), "cachedContent", json!("cachedContents/1")), "CachedContent can not"),
    ];
    for (body, expected) in cases {
        let message = refused(&sim, OLD, &body).await;
        assert!(message.contains(expected), "{message} instead of {expected}");
    }
    let pro = config(json!({"thinkingConfig": {"thinkingBudget": 0}}));
    assert!(refused(&sim, "gemini-2.5-pro", &pro).await.contains("only works in thinking mode"));
    assert!(refused(&sim, NEW, &config(json!({"presencePenalty": 1}))).await.contains("Penalty is not enabled"));
    let unknown = generate(&sim, OLD, &json!({"x": 1})).await.json();
    let violation = &unknown["error"]["details"][0];
    assert_eq!(violation["@type"], "type.googleapis.com/google.rpc.BadRequest");
    assert!(violation["fieldViolations"][0]["description"].as_str().unwrap().contains("Unknown name \"x\""));
}

#[tokio::test]
async fn structured_outputs_and_candidates() {
    let sim = start().await;
    let schema = json!({"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}, "required": ["n"]});
    let ask = |config: Value| with(prompt("x"), "generationConfig", config);
    let said = |body: Value| {
        let sim = &sim;
        async move { text(&[generate(sim, OLD, &body).await.json()]) }
    };
    let json_type = "application/json";
    assert_eq!(said(ask(json!({"responseMimeType": json_type, "responseSchema": schema}))).await, "{\"n\":1}");
    let schema = json!({"type": "object", "properties": {"n": {"const": 7}}, "required": ["n"]});
    assert_eq!(said(ask(json!({"responseMimeType": json_type, "responseJsonSchema": schema}))).await, "{\"n\":7}");
    assert!(said(ask(json!({"responseMimeType": json_type}))).await.starts_with('{'));
    let choice = json!({"type": "STRING", "enum": ["red", "blue"]});
    assert_eq!(said(ask(json!({"responseMimeType": "text/x.enum", "responseSchema": choice}))).await, "red");
    let three = generate(&sim, OLD, &ask(json!({"candidateCount": 3}))).await.json();
    assert_eq!(three["candidates"][2]["content"]["parts"][0]["text"], "You said: x [2]");
    let stopped = with(prompt("sim:say a b c"), "generationConfig", json!({"stopSequences": [" b"]}));
    assert_eq!(said(stopped).await, "a");
}

#[tokio::test]
async fn refusals_block_the_prompt_or_end_the_answer() {
    let sim = start().await;
    let blocked = generate(&sim, OLD, &prompt("sim:refuse")).await.json();
    assert_eq!(blocked["promptFeedback"]["blockReason"], "PROHIBITED_CONTENT");
    assert!(blocked.get("candidates").is_none());
    let streamed = stream(&sim, OLD, &prompt("sim:refuse"), &[]).await.events();
    assert_eq!(unnamed(streamed), unnamed(vec![blocked]));
    for reason in ["SAFETY", "RECITATION", "MISSING_THOUGHT_SIGNATURE"] {
        let body = prompt(&format!("sim:refuse {reason}"));
        let plain = generate(&sim, OLD, &body).await.json();
        assert_eq!(plain["candidates"], json!([{"index": 0, "finishReason": reason}]));
        let events = stream(&sim, OLD, &body, &[]).await.events();
        assert!(!text(&events).is_empty());
        assert_eq!(events.last().unwrap()["candidates"], plain["candidates"]);
    }
}

#[tokio::test]
async fn keys_and_models() {
    let sim = Sim::gemini().api_key("AIza").start().await.unwrap();
    let key = ("x-goog-api-key", "AIza");
    assert_eq!(call(&sim, OLD, "generateContent", &prompt("x"), &[key]).await.status, 200);
    let none = call(&sim, OLD, "generateContent", &prompt("x"), &[]).await;
    assert_eq!((none.status.as_u16(), &none.json()["error"]["status"]), (403, &json!("PERMISSION_DENIED")));
    let wrong = call(&sim, OLD, "generateContent", &prompt("x"), &[("x-goog-api-key", "y")]).await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.json()["error"]["details"][0]["reason"]),
        (400, &json!("API_KEY_INVALID"))
    );
    let missing = call(&sim, "gemini-9", "generateContent", &prompt("x"), &[key]).await;
    assert_eq!((missing.status.as_u16(), &missing.json()["error"]["status"]), (404, &json!("NOT_FOUND")));
    let http = client();
    let list = get(&http, &format!("{}/v1beta/models", sim.base_url()), &[key]).await.json();
    assert_eq!(list["models"][0]["name"], "models/gemini-sim");
    let one = get(&http, &format!("{}/v1beta/models/{NEW}", sim.base_url()), &[key]).await.json();
    assert_eq!(one["supportedGenerationMethods"][0], "generateContent");
    for path in ["/v1beta/models/nope", "/v9/models", "/v1beta/files"] {
        assert_eq!(get(&http, &format!("{}{path}", sim.base_url()), &[key]).await.status, 404, "{path}");
    }
    for body in ["{", "[]", "\"x\"", ""] {
        let url = format!("{}/v1/models/{OLD}:generateContent", sim.base_url());
        let answer = common::finish(http.request(common::request(&url, body.as_bytes(), &[key])).await.unwrap()).await;
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[tokio::test]
async fn counts_and_embeddings() {
    let sim = start().await;
    let count = call(&sim, OLD, "countTokens", &prompt("one two"), &[]).await.json();
    assert_eq!(count["totalTokens"], 6);
    let inner = call(&sim, OLD, "countTokens", &json!({"generateContentRequest": prompt("one two")}), &[]).await.json();
    assert_eq!(inner, count);

    let model = "gemini-embedding-001";
    let embed = |text: &str| json!({"model": format!("models/{model}"), "content": {"parts": [{"text": text}]}});
    let length = |values: &Value| {
        values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap().powi(2)).sum::<f64>().sqrt()
    };
    let one = call(&sim, model, "embedContent", &embed("hello world"), &[]).await.json();
    assert_eq!(one["embedding"]["values"].as_array().unwrap().len(), 3072);
    assert!((length(&one["embedding"]["values"]) - 1.0).abs() < 1e-3);
    assert_eq!(one["usageMetadata"]["promptTokenCount"], 2);
    let short = with(embed("hello world"), "outputDimensionality", json!(16));
    let batch = json!({"requests": [short, embed("hello world")]});
    let batch = call(&sim, model, "batchEmbedContents", &batch, &[]).await.json();
    assert_eq!(batch["embeddings"][1], one["embedding"]);
    let short = &batch["embeddings"][0]["values"];
    assert_eq!(short.as_array().unwrap().len(), 16);
    assert!((length(short) - 0.75).abs() < 1e-3, "shortened vectors are not normalised");
    let wrong = json!({"requests": [{"model": "models/other", "content": {"parts": [{"text": "x"}]}}]});
    for body in [json!({"requests": []}), wrong, json!({"input": "x"})] {
        assert_eq!(call(&sim, model, "batchEmbedContents", &body, &[]).await.status, 400, "{body}");
    }
    assert_eq!(call(&sim, model, "predict", &json!({}), &[]).await.status, 404, "Vertex AI's");
}

#[tokio::test]
async fn vertex_has_the_same_bodies_under_its_own_paths() {
    let sim = Sim::vertex().api_key("ya29").start().await.unwrap();
    let http = client();
    let root = format!("{}/v1/projects/p/locations/global/publishers/google/models", sim.base_url());
    let token = ("authorization", "Bearer ya29");
    let url = |model: &str, verb: &str| format!("{root}/{model}:{verb}");
    let plain = post(&http, &url(OLD, "generateContent"), &prompt("Hi"), &[token]).await;
    assert_eq!(text(&[plain.json()]), "You said: Hi");
    let sse = post(&http, &url(NEW, "streamGenerateContent?alt=sse"), &prompt("sim:say a b c"), &[token]).await;
    assert_eq!(text(&sse.events()), "a b c");
    for headers in [&[][..], &[("authorization", "Bearer no")], &[("x-goog-api-key", "ya29")]] {
        let refused = post(&http, &url(OLD, "generateContent"), &prompt("Hi"), headers).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["error"]["status"]), (401, &json!("UNAUTHENTICATED")));
    }
    let developer = format!("{}/v1beta/models/{OLD}:generateContent", sim.base_url());
    assert_eq!(post(&http, &developer, &prompt("Hi"), &[token]).await.status, 404);
    let unknown = post(&http, &url("gemini-9", "generateContent"), &prompt("Hi"), &[token]).await;
    assert!(unknown.json()["error"]["message"].as_str().unwrap().starts_with("Publisher Model"));

    let call = json!({"functionCall": {"name": "add", "args": {}}});
    let answer = json!({"functionResponse": {"name": "add", "response": {}}});
    let body =
        json!({"contents": [user("x"), {"role": "model", "parts": [call]}, {"role": "user", "parts": [answer]}]});
    let unsigned = post(&http, &url(NEW, "generateContent"), &body, &[token]).await.json();
    let message = unsigned["error"]["message"].as_str().unwrap();
    assert!(message.contains("function call `add` in the 2. content block is missing a `thought_signature`"));

    let body = json!({
        "instances": [{"content": "one two", "task_type": "RETRIEVAL_QUERY"}], "parameters": {"outputDimensionality": 8},
    });
    let predicted = post(&http, &url("gemini-embedding-001", "predict"), &body, &[token]).await.json();
    let embeddings = &predicted["predictions"][0]["embeddings"];
    assert_eq!(embeddings["values"].as_array().unwrap().len(), 8);
    assert_eq!(embeddings["statistics"], json!({"token_count": 2, "truncated": false}));
    let config = json!({"outputDimensionality": 4, "taskType": "RETRIEVAL_DOCUMENT", "title": "t"});
    let request = json!({"content": {"parts": [{"text": "x"}]}, "embedContentConfig": config});
    let embedded = post(&http, &url("gemini-embedding-001", "embedContent"), &request, &[token]).await.json();
    assert_eq!(embedded["embedding"]["values"].as_array().unwrap().len(), 4);
    let batch = json!({"requests": [request]});
    let batch = post(&http, &url("gemini-embedding-001", "batchEmbedContents"), &batch, &[token]).await.json();
    assert_eq!(batch["embeddings"], json!([embedded["embedding"]]));
    let models = format!("{}/v1beta1/publishers/google/models", sim.base_url());
    let list = get(&http, &models, &[token]).await.json();
    assert_eq!(list["publisherModels"][0]["name"], "publishers/google/models/gemini-sim");
}

#[tokio::test]
async fn errors_are_google_s() {
    let sim = start().await;
    for (status, name) in [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (409, "ABORTED"),
        (429, "RESOURCE_EXHAUSTED"),
        (499, "CANCELLED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ] {
        let answer = call(&sim, OLD, "generateContent", &prompt("x"), &[("x-sim-fault", &status.to_string())]).await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status.as_u16(), &error["status"], &error["code"]), (status, &json!(name), &json!(status)));
    }
    let limited = generate(&sim, "fault-429+retry-after-7", &prompt("x")).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, ""), "the delay is in the body");
    let details = limited.json()["error"]["details"].clone();
    let of = |name: &str| {
        let kind = format!("type.googleapis.com/google.rpc.{name}");
        details.as_array().unwrap().iter().find(|detail| detail["@type"] == kind.as_str()).unwrap().clone()
    };
    assert_eq!(of("RetryInfo")["retryDelay"], "7s");
    assert!(of("QuotaFailure")["violations"][0]["quotaId"].as_str().unwrap().contains("PerMinute"));
    let quota = call(&sim, OLD, "generateContent", &prompt("x"), &[("x-sim-fault", "insufficient-quota")]).await.json();
    let id = quota["error"]["details"][0]["violations"][0]["quotaId"].as_str().unwrap();
    assert!(id.contains("PerDay"));
    sim.fail_next(1, Fault::status(503));
    assert_eq!(generate(&sim, OLD, &prompt("x")).await.status, 503);
    let unknown = call(&sim, OLD, "generateContent", &prompt("x"), &[("x-sim-fault", "wibble")]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
}

#[tokio::test]
async fn streams_go_wrong() {
    let sim = start().await;
    let body = prompt("sim:say héllo 🌍 two three four five");
    let with_fault = |fault: &'static str| {
        let (sim, body) = (&sim, &body);
        async move { stream(sim, OLD, body, &[("x-sim-fault", fault)]).await }
    };
    let expected = stream(&sim, OLD, &body, &[]).await.events();
    for spec in ["tear", "bom", "comments", "tear;crlf;bom;comments", "pace=0", "slow=1"] {
        let answer = with_fault(spec).await;
        assert_eq!(answer.events(), expected, "{spec}");
        assert!(answer.text().contains("\r\n\r\n"));
    }
    let cut = with_fault("cut=2").await;
    assert_eq!((cut.events(), cut.broken), (expected[..2].to_vec(), false));
    let reset = with_fault("reset-after=1").await;
    assert_eq!((reset.events().len(), reset.broken), (1, true));
    let failed = with_fault("error-in-stream=1").await.events();
    assert_eq!((failed.len(), &failed[1]["error"]["status"]), (2, &json!("UNAVAILABLE")));
    let garbage = with_fault("garbage").await.events();
    assert_eq!((garbage.len(), garbage.iter().filter(|event| event.is_string()).count()), (expected.len() + 1, 1));
    assert!(with_fault("invalid-json").await.events().iter().any(Value::is_string));
    assert!(with_fault("no-usage").await.events().iter().all(|event| event.get("usageMetadata").is_none()));
    let roles = with_fault("no-role").await.events();
    assert!(roles.iter().all(|event| event["candidates"][0]["content"].get("role").is_none()));
    assert_eq!(with_fault("empty").await.text(), "");

    let array = |fault: &'static str| {
        let (sim, body) = (&sim, &body);
        async move { call(sim, OLD, "streamGenerateContent", body, &[("x-sim-fault", fault)]).await }
    };
    assert_eq!(unnamed(elements(&array("tear").await)), unnamed(expected));
    assert_eq!(array("503").await.json()[0]["error"]["status"], "UNAVAILABLE");
    let failed = array("error-in-stream=1").await.json();
    assert_eq!(failed[1]["error"]["code"], 503, "the array is closed behind it");
    for spec in ["no-done", "cut=2", "garbage"] {
        assert!(serde_json::from_str::<Value>(&array(spec).await.text()).is_err(), "{spec}");
    }
}

#[tokio::test]
async fn hanging_and_stalling_end_by_the_client() {
    let sim = start().await;
    let url = format!("{}/v1beta/models/{OLD}:streamGenerateContent?alt=sse", sim.base_url());
    let body = prompt("sim:say one two three four").to_string();
    let http = client();
    let hanging = http.request(request(&url, body.as_bytes(), &[("x-sim-fault", "hang")]));
    tokio::select! {
        _ = hanging => panic!("answered"),
        _ = soon(sim.wait_for(|counts| counts.requests > 0)) => {}
    }
    soon(sim.wait_for(|counts| counts.cancelled == 1)).await;
    let stalling = request(&url, body.as_bytes(), &[("x-sim-fault", "stall=1")]);
    let mut body = soon(http.request(stalling)).await.unwrap().into_body();
    let first = soon(body.frame()).await.unwrap().unwrap().into_data().unwrap();
    assert!(first.ends_with(b"\r\n\r\n"));
    assert_eq!(sim.counts().in_flight, 1);
    drop(body);
    soon(sim.wait_for(|counts| counts.cancelled == 2)).await;
    let reset = http.request(request(&url, b"{}", &[("x-sim-fault", "reset")]));
    assert!(soon(reset).await.is_err());
}

#[tokio::test]
async fn the_model_bench_is_answered_without_a_look() {
    let sim = start().await;
    let plain = call(&sim, "bench", "generateContent", &json!({}), &[("x-sim-bytes", "2000")]).await;
    assert_eq!(plain.text().len(), 2000);
    assert_eq!(plain.json()["candidates"][0]["finishReason"], "STOP");
    let events = stream(&sim, "bench", &json!({}), &[("x-sim-chunks", "3")]).await.events();
    assert_eq!(events.len(), 4);
    assert_eq!(text(&events), " sixteen letters".repeat(3));
    assert!(sim.received().is_empty());
}
