//! Amazon Bedrock's dialect over a real socket.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use llm_layers_sim::{Fault, Sim, SimHandle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::{Answer, client, h2_client, post, with};

const CLAUDE: &str = "anthropic.claude-sim-v1%3A0";
const NOVA: &str = "amazon.nova-lite-v1%3A0";

async fn start() -> SimHandle {
    Sim::bedrock().start().await.unwrap()
}

fn user(prompt: &str) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": prompt}]}]})
}

fn add() -> Value {
    json!({"tools": [{"toolSpec": {"name": "add", "inputSchema": {"json": {
        "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}}}]})
}

async fn call(sim: &SimHandle, model: &str, operation: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    post(&client(), &format!("{}/model/{model}/{operation}", sim.base_url()), body, headers).await
}

async fn converse(sim: &SimHandle, body: &Value) -> Answer {
    call(sim, CLAUDE, "converse", body, &[]).await
}

/// The name and the message of the error.
fn refusal(answer: &Answer) -> (String, String) {
    let name = answer.header("x-amzn-errortype");
    assert_eq!(answer.header("x-amzn-requestid").len(), 36, "{name}");
    (name.split(':').next().unwrap().to_owned(), answer.json()["message"].as_str().unwrap_or_default().to_owned())
}

/// A frame, read by the specification of the event stream encoding (Smithy 2.0, "Amazon event stream").
#[derive(Debug)]
struct Frame {
    headers: BTreeMap<String, String>,
    payload: Vec<u8>,
}

impl Frame {
    fn kind(&self) -> (&str, &str) {
        let kind = self.headers[":message-type"].as_str();
        (kind, &self.headers[&format!(":{kind}-type")])
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.payload).unwrap()
    }
}

/// CRC-32 as in IEEE 802.3, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().unwrap())
}

fn frames(mut bytes: &[u8]) -> Result<Vec<Frame>, &'static str> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        if bytes.len() < 16 || bytes.len() < number(bytes) as usize {
            return Err("cut");
        }
        let (frame, rest) = bytes.split_at(number(bytes) as usize);
        let (head, tail) = (number(&frame[4..]) as usize, frame.len() - 4);
        if crc(&frame[..8]) != number(&frame[8..]) {
            return Err("checksum of the prelude");
        }
        if crc(&frame[..tail]) != number(&frame[tail..]) {
            return Err("checksum of the frame");
        }
        let mut headers = BTreeMap::new();
        let mut left = &frame[12..12 + head];
        while let Some((length, more)) = left.split_first() {
            let (name, more) = more.split_at(usize::from(*length));
            assert_eq!(more[0], 7, "only strings are sent");
            let (value, more) = more[3..].split_at(usize::from(u16::from_be_bytes([more[1], more[2]])));
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            assert!(headers.insert(text(name), text(value)).is_none(), "twice");
            left = more;
        }
        frames.push(Frame { headers, payload: frame[12 + head..tail].to_vec() });
        bytes = rest;
    }
    Ok(frames)
}

fn read(answer: &Answer) -> Vec<Frame> {
    assert_eq!(answer.header("content-type"), "application/vnd.amazon.eventstream");
    frames(&answer.frames.concat()).unwrap()
}

#[test]
fn the_checksum_is_the_one_of_the_standard() {
    assert_eq!(crc(b"123456789"), 0xCBF4_3926);
}

#[tokio::test]
async fn a_plain_answer_has_all_members() {
    let sim = start().await;
    let answer = converse(&sim, &user("Hi")).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-amzn-requestid").len()), (200, 36));
    let expected = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "You said: Hi"}]}},
        "stopReason": "end_turn", "metrics": {"latencyMs": 310},
        "usage": {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8, "cacheReadInputTokens": 0,
            "cacheWriteInputTokens": 0},
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(converse(&start().await, &user("Hi")).await.text(), answer.text());
}

#[tokio::test]
async fn models_are_found_by_profile_and_arn() {
    let sim = start().await;
    let arn = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-sim-v1%3A0";
    for model in ["anthropic.claude-sim-v1:0", "us.anthropic.claude-sim-v1%3A0", "global.amazon.nova-lite-v1%3A0", arn]
    {
        assert_eq!(call(&sim, model, "converse", &user("x"), &[]).await.status, 200, "{model}");
    }
    let unknown = call(&sim, "anthropic.nothing", "converse", &user("x"), &[]).await;
    assert_eq!(refusal(&unknown).1, "The provided model identifier is invalid.");
    // Slashes have to be encoded.
    let split = call(&sim, &arn.replace("%2F", "/"), "converse", &user("x"), &[]).await;
    assert_eq!((split.status.as_u16(), refusal(&split).0.as_str()), (404, "UnknownOperationException"));
    let own = Sim::bedrock().models(["eu.anthropic.mine"]).start().await.unwrap();
    for operation in ["converse", "invoke"] {
        let body = if operation == "invoke" { native("x") } else { user("x") };
        assert_eq!(call(&own, "eu.anthropic.mine", operation, &body, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn events_come_in_order() {
    let sim = start().await;
    let body = with(
        with(
            user("sim:think well then\nsim:tool add {\"a\": 12345678}\nsim:tool add\nsim:say Adding right now"),
            "toolConfig",
            add(),
        ),
        "additionalModelRequestFields",
        json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    );
    for http in [client(), h2_client()] {
        let url = format!("{}/model/{CLAUDE}/converse-stream", sim.base_url());
        let frames = read(&post(&http, &url, &body, &[]).await);
        assert!(
            frames
                .iter()
                .all(|frame| frame.kind().0 == "event" && frame.headers[":content-type"] == "application/json")
        );
        let names: Vec<&str> = frames.iter().map(|frame| frame.kind().1).collect();
        let delta = "contentBlockDelta";
        assert_eq!(
            names,
            [
                "messageStart",
                delta,
                delta,
                "contentBlockStop",
                delta,
                delta,
                "contentBlockStop",
                "contentBlockStart",
                delta,
                delta,
                "contentBlockStop",
                "contentBlockStart",
                "contentBlockStop",
                "messageStop",
                "metadata",
            ]
        );
        let events: Vec<Value> = frames.iter().map(Frame::json).collect();
        assert!(events.iter().all(|event| event["p"].is_string()), "padding");
        assert_eq!(events[0]["role"], "assistant");
        let of = |index: u64, member: &str| -> String {
            let deltas = events.iter().filter(|event| event["contentBlockIndex"] == index);
            deltas.filter_map(|event| event["delta"].pointer(member)?.as_str()).collect()
        };
        assert_eq!(of(0, "/reasoningContent/text"), "well then");
        assert!(!of(0, "/reasoningContent/signature").is_empty());
        assert_eq!(of(1, "/text"), "Adding right now");
        assert_eq!(of(2, "/toolUse/input"), "{\"a\": 12345678}");
        let start = &events[7]["start"]["toolUse"];
        assert!(start["toolUseId"].as_str().unwrap().starts_with("tooluse_") && start["name"] == "add");
        assert_eq!(events[13]["stopReason"], "tool_use");
        let usage = &events[14]["usage"];
        assert_eq!(
            usage["totalTokens"],
            usage["inputTokens"].as_u64().unwrap() + usage["outputTokens"].as_u64().unwrap()
        );
    }
}

#[tokio::test]
async fn a_tool_loop_with_thinking_round_trips() {
    let sim = start().await;
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    let body =
        with(with(user("sim:tool add {\"a\":1}"), "toolConfig", add()), "additionalModelRequestFields", thinking);
    let first = converse(&sim, &body).await.json();
    assert_eq!(first["stopReason"], "tool_use");
    let said = &first["output"]["message"]["content"];
    let id = said[1]["toolUse"]["toolUseId"].clone();
    assert_eq!(said[1]["toolUse"], json!({"toolUseId": id, "name": "add", "input": {"a": 1}}));
    let next = |content: Value, results: Value| {
        let mut body = body.clone();
        let messages = body["messages"].as_array_mut().unwrap();
        messages.push(json!({"role": "assistant", "content": content}));
        messages.push(json!({"role": "user", "content": results}));
        body
    };
    let result = json!({"toolResult": {"toolUseId": id, "content": [{"json": {"sum": 42}}, {"text": "ok"}]}});
    let text = json!({"text": "and?"});
    let good = converse(&sim, &next(said.clone(), json!([result, text]))).await.json();
    assert_eq!(good["output"]["message"]["content"][1]["text"], "The tool said: {\"sum\":42}\nok");

    let mut forged = said.clone();
    forged[0]["reasoningContent"]["reasoningText"]["signature"] = json!("forged");
    let mut other = result.clone();
    other["toolResult"]["toolUseId"] = json!("other");
    let mut failed = result.clone();
    failed["toolResult"]["content"] = json!([]);
    failed["toolResult"]["status"] = json!("error");
    for (body, expected) in [
        (next(forged, json!([result])), "Invalid `signature`"),
        (next(json!([said[1]]), json!([result])), "Expected `thinking`"),
        (next(said.clone(), json!([text, result])), "without `tool_result` blocks immediately after"),
        (
            next(said.clone(), json!([text])),
            "Expected toolResult blocks at messages.2.content for the following Ids: tooluse_",
        ),
        (next(said.clone(), json!([result, other])), "exceeds the number of toolUse blocks"),
        (next(said.clone(), json!([result, result])), "duplicate Ids"),
        (next(said.clone(), json!([failed])), "cannot be empty when status value is error"),
        (with(next(said.clone(), json!([result])), "toolConfig", Value::Null), "The toolConfig field must be defined"),
    ] {
        let (name, message) = refusal(&converse(&sim, &body).await);
        assert!(name == "ValidationException" && message.contains(expected), "{message} instead of {expected}");
    }
}

#[tokio::test]
async fn refuses_what_the_real_api_refuses() {
    let sim = start().await;
    let turn = |content: Value| json!({"messages": [{"role": "user", "content": content}]});
    let turns = |roles: &[&str]| {
        let turns: Vec<Value> = roles.iter().map(|role| json!({"role": role, "content": [{"text": "x"}]})).collect();
        json!({ "messages": turns })
    };
    let config = |config: Value| with(user("x"), "inferenceConfig", config);
    let tool = |spec: Value| with(user("x"), "toolConfig", json!({"tools": [{"toolSpec": spec}]}));
    let choice = |choice: Value| with(user("x"), "toolConfig", with(add(), "toolChoice", choice));
    let fields = |fields: Value| with(user("x"), "additionalModelRequestFields", fields);
    let object = json!({"json": {"type": "object"}});
    let document = |name: &str| json!({"document": {"format": "txt", "name": name, "source": {"text": "x"}}});
    let format =
        |schema: Value| json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}});
    for (body, expected) in [
        (json!({}), "Value null at 'messages' failed to satisfy constraint: Member must not be null"),
        (json!({"messages": []}), "must start with a user message"),
        (turns(&["assistant"]), "must start with a user message"),
        (turns(&["user", "user"]), "must alternate between user and assistant"),
        (turns(&["user", "tool"]), "'messages.2.member.role' failed to satisfy constraint: Member must satisfy enum"),
        (turns(&["user", "system"]), "doesn't support the system role"),
        (turn(json!([])), "The content field in the Message object at messages.0 is empty"),
        (turn(json!([{"text": ""}])), "messages.0.content.0 is blank"),
        (turn(json!([{"text": " \n"}])), "messages.0.content.0 is blank"),
        (turn(json!([{}])), "ContentBlock object at messages.0.content.0 must set one"),
        (turn(json!([{"text": "x", "cachePoint": {"type": "default"}}])), "must set one, and only one"),
        (turn(json!([{"text": "x", "type": "text"}])), "must set one, and only one"),
        (turn(json!([{"image_url": "x"}])), "#/messages/0/content/0: extraneous key [image_url]"),
        (turn(json!("x")), "STRING_VALUE can not be converted to List"),
        (
            turn(json!([{"toolUse": {"toolUseId": "a", "name": "b", "input": {}}}])),
            "not allowed in a message of the user role",
        ),
        (turn(json!([{"image": {"format": "bmp", "source": {"bytes": "AAAA"}}}])), "enum value set: [png, jpeg"),
        (turn(json!([{"image": {"format": "png", "source": {"bytes": "data:x"}}}])), "Invalid Base64"),
        (turn(json!([{"image": {"format": "png", "source": {"bytes": ""}}}])), "length greater than or equal to 1"),
        (
            turn(json!([{"image": {"format": "png", "source": {"bytes": "R0lGODlh"}}}])),
            "appears to be a image/gif image",
        ),
        (turn(json!([document("a")])), "A text block must be included"),
        (turn(json!([{"text": "x"}, document("a.txt")])), "document file name can only contain"),
        (turn(json!([{"text": "x"}, document("a  b")])), "document file name can only contain"),
        (turn(json!([{"text": "x"}, document("a"), document("a")])), "names must be unique"),
        (turn(json!([{"toolResult": {"toolUseId": "a", "content": []}}])), "exceeds the number of toolUse"),
        (
            config(json!({"temperature": 1.5})),
            "'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less",
        ),
        (config(json!({"maxTokens": 0})), "greater than or equal to 1"),
        (config(json!({"maxTokens": "9"})), "STRING_VALUE can not be converted to Integer"),
        (config(json!({"stopSequences": [""]})), "'inferenceConfig.stopSequences.1.member'"),
        (config(json!({"topK": 5})), "#/inferenceConfig: extraneous key [topK]"),
        (with(user("x"), "stream", json!(true)), "#: extraneous key [stream]"),
        (with(user("x"), "system", json!([{"text": ""}])), "'system.1.member.text'"),
        (with(user("x"), "requestMetadata", json!({})), "length greater than or equal to 1"),
        (tool(json!({"name": "has.dot", "inputSchema": object})), "regular expression pattern: [a-zA-Z0-9_-]+"),
        (tool(json!({"name": "a".repeat(65), "inputSchema": object})), "length less than or equal to 64"),
        (tool(json!({"name": "a", "description": "", "inputSchema": object})), "description' failed"),
        (tool(json!({"name": "a"})), "Value null at 'toolConfig.tools.1.member.toolSpec.inputSchema'"),
        (tool(json!({"name": "a", "inputSchema": {"json": {}}})), "inputSchema.json.type must be one of"),
        (with(user("x"), "toolConfig", json!({"tools": []})), "'toolConfig.tools' failed"),
        (choice(json!({"none": {}})), "#/toolConfig/toolChoice: extraneous key [none]"),
        (choice(json!({"auto": {}, "any": {}})), "ToolChoice object at toolConfig.toolChoice must set one"),
        (choice(json!({"tool": {"name": "sub"}})), "is not one of toolConfig.tools"),
        (
            with(user("x"), "outputConfig", format(json!({"type": "object"}))),
            "START_OBJECT can not be converted to String",
        ),
        (with(user("x"), "outputConfig", format(json!("{"))), "not a valid JSON schema"),
        (fields(json!({"seed": 1})), "seed: Extra inputs are not permitted"),
        (fields(json!({"thinking": {"type": "enabled", "budget_tokens": 5000}})), "must be greater than"),
        (
            with(choice(json!({"any": {}})), "additionalModelRequestFields", json!({"thinking": {"type": "adaptive"}})),
            "forces tool use",
        ),
    ] {
        let answer = converse(&sim, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        let (name, message) = refusal(&answer);
        let shape = message.contains("converted") || message.contains("Base64");
        assert_eq!(name, if shape { "SerializationException" } else { "ValidationException" });
        assert!(message.contains(expected), "{message} instead of {expected}");
    }
    let other = call(&sim, NOVA, "converse", &turns(&["user", "assistant"]), &[]).await;
    assert!(refusal(&other).1.contains("must end with a user message"));
    assert_eq!(converse(&sim, &turns(&["user", "assistant"])).await.status, 200);
    let llama = Sim::bedrock().models(["meta.llama"]).start().await.unwrap();
    let forced = call(&llama, "us.meta.llama", "converse", &choice(json!({"any": {}})), &[]).await;
    assert!(refusal(&forced).1.contains("doesn't support the toolConfig.toolChoice.any field"));
}

#[tokio::test]
async fn the_rest_of_converse() {
    let sim = start().await;
    let config = |prompt: &str, config: Value| with(user(prompt), "inferenceConfig", config);
    let cut = converse(&sim, &config("sim:words 9", json!({"maxTokens": 2}))).await.json();
    assert_eq!((&cut["stopReason"], &cut["usage"]["outputTokens"]), (&json!("max_tokens"), &json!(2)));
    let stop = with(
        config("sim:say a b c", json!({"stopSequences": [" b"]})),
        "additionalModelResponseFieldPaths",
        json!(["/stop_sequence"]),
    );
    let answer = converse(&sim, &stop).await.json();
    assert_eq!(
        (&answer["stopReason"], &answer["additionalModelResponseFields"]),
        (&json!("stop_sequence"), &json!({"stop_sequence": " b"}))
    );
    let frames = read(&call(&sim, CLAUDE, "converse-stream", &stop, &[]).await);
    assert_eq!(frames[frames.len() - 2].json()["additionalModelResponseFields"]["stop_sequence"], " b");
    let refused = converse(&sim, &user("sim:refuse")).await.json();
    assert_eq!(
        (&refused["stopReason"], &refused["output"]["message"]["content"]),
        (&json!("content_filtered"), &json!([]))
    );

    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}).to_string();
    let shape = json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}});
    let answer = converse(&sim, &with(user("x"), "outputConfig", shape)).await.json();
    assert_eq!(answer["output"]["message"]["content"][0]["text"], "{\"n\":1}");
    let forced = with(user("x"), "toolConfig", with(add(), "toolChoice", json!({"any": {}})));
    let answer = converse(&sim, &forced).await.json();
    assert_eq!(answer["output"]["message"]["content"][0]["toolUse"]["input"], json!({"a": 1}));

    // Claude's input leaves out what was read from the cache; that of other models does not.
    let cached = json!({"messages": [{"role": "user", "content": [{"text": "one two three four"}, {"cachePoint": {"type": "default"}}]}]});
    for (model, input) in [(CLAUDE, 4), (NOVA, 8)] {
        let usage = call(&sim, model, "converse", &cached, &[]).await.json()["usage"].clone();
        assert_eq!(
            (usage["inputTokens"].as_u64(), usage["cacheReadInputTokens"].as_u64()),
            (Some(input), Some(4)),
            "{model}"
        );
    }
}

fn native(prompt: &str) -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": [{"role": "user", "content": prompt}]})
}

#[tokio::test]
async fn claude_s_own_bodies_are_wrapped() {
    let sim = start().await;
    let answer = call(&sim, CLAUDE, "invoke", &native("sim:say one two three"), &[]).await;
    assert_eq!(
        (answer.header("x-amzn-bedrock-input-token-count"), answer.header("x-amzn-bedrock-output-token-count")),
        ("8", "3")
    );
    let message = answer.json();
    assert_eq!((&message["type"], &message["content"][0]["text"]), (&json!("message"), &json!("one two three")));

    let beta = with(native("sim:say one two three"), "anthropic_beta", json!(["x-2026-01-01"]));
    let frames = read(&call(&sim, CLAUDE, "invoke-with-response-stream", &beta, &[]).await);
    assert!(frames.iter().all(|frame| frame.kind() == ("event", "chunk")));
    let inner = |frame: &Frame| -> Value {
        serde_json::from_slice(&STANDARD.decode(frame.json()["bytes"].as_str().unwrap()).unwrap()).unwrap()
    };
    let events: Vec<Value> = frames.iter().map(inner).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "ping",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    let metrics = &events[7]["amazon-bedrock-invocationMetrics"];
    assert_eq!((&metrics["inputTokenCount"], &metrics["outputTokenCount"]), (&json!(8), &json!(3)));

    let url = json!([{"type": "image", "source": {"type": "url", "url": "https://x"}}]);
    for (body, expected) in [
        (with(native("x"), "model", json!("m")), "model: Extra inputs are not permitted"),
        (with(native("x"), "stream", json!(true)), "stream: Extra inputs are not permitted"),
        (with(native("x"), "seed", json!(1)), "seed: Extra inputs are not permitted"),
        (with(native("x"), "anthropic_version", json!("2023-06-01")), "not a valid version"),
        (with(native("x"), "anthropic_beta", json!("x")), "expected type: JSONArray"),
        (with(native("x"), "max_tokens", Value::Null), "max_tokens: Field required"),
        (with(native("x"), "messages", json!([{"role": "user", "content": url}])), "messages.0.content.0.source.type"),
        (json!({"max_tokens": 1, "messages": []}), "required key [anthropic_version] not found"),
        (
            with(with(native("x"), "anthropic_version", json!("2026-10-21")), "temperature", json!(1)),
            "temperature: Extra",
        ),
    ] {
        let (name, message) = refusal(&call(&sim, CLAUDE, "invoke", &body, &[]).await);
        assert!(name == "ValidationException" && message.contains(expected), "{message} instead of {expected}");
    }
    assert_eq!(call(&sim, NOVA, "invoke", &native("x"), &[]).await.status, 400);
}

#[tokio::test]
async fn statuses_carry_aws_s_own_errors() {
    let sim = start().await;
    for (spec, name) in [
        ("400", "ValidationException"),
        ("401", "UnrecognizedClientException"),
        ("403", "AccessDeniedException"),
        ("404", "ResourceNotFoundException"),
        ("408", "ModelTimeoutException"),
        ("424", "ModelErrorException"),
        ("429", "ThrottlingException"),
        ("500", "InternalServerException"),
        ("503", "ServiceUnavailableException"),
    ] {
        let by_header = call(&sim, CLAUDE, "converse", &user("x"), &[("x-sim-fault", spec)]).await;
        let by_model = call(&sim, &format!("fault-{spec}"), "converse-stream", &user("x"), &[]).await;
        for answer in [by_header, by_model] {
            assert_eq!((answer.status.as_str(), refusal(&answer).0.as_str()), (spec, name));
        }
    }
    let quota = call(&sim, CLAUDE, "converse", &user("x"), &[("x-sim-fault", "insufficient-quota")]).await;
    assert_eq!((quota.status.as_u16(), refusal(&quota).0.as_str()), (400, "ServiceQuotaExceededException"));
    sim.fail_next(1, Fault::status(429).retry_after(3));
    let limited = converse(&sim, &user("x")).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, "3"));
    let unknown = call(&sim, "fault-wibble", "converse", &user("x"), &[]).await;
    assert_eq!(refusal(&unknown).0, "ValidationException");
}

#[tokio::test]
async fn streams_go_wrong_in_frames() {
    let sim = start().await;
    let talk = user("sim:say one two three four five six seven eight");
    let ask = async |operation: &str, fault: &str| {
        let body = if operation == "converse-stream" { talk.clone() } else { native("sim:say one two three four") };
        call(&sim, CLAUDE, operation, &body, &[("x-sim-fault", fault)]).await
    };
    for operation in ["converse-stream", "invoke-with-response-stream"] {
        let good = ask(operation, "slow=0").await.frames.concat();
        for legal in ["tear", "bom", "comments", "crlf", "pace=0"] {
            assert_eq!(ask(operation, legal).await.frames.concat(), good, "{legal}");
        }
        let frames_of = |answer: &Answer| read(answer).len();
        assert_eq!(frames_of(&ask(operation, "cut=3").await), 3);
        let broken = ask(operation, "reset-after=3").await;
        assert!(broken.broken && frames_of(&broken) == 3);
        assert_eq!(frames_of(&ask(operation, "no-done").await), frames(&good).unwrap().len() - 1);
        assert_eq!(frames(&ask(operation, "bad-crc").await.frames.concat()).unwrap_err(), "checksum of the frame");
        let frames = read(&ask(operation, "error-in-stream=2").await);
        assert_eq!((frames.len(), frames[2].kind()), (3, ("exception", "throttlingException")));
        assert!(frames[2].json()["message"].is_string());
    }
    let garbage = read(&ask("converse-stream", "garbage").await);
    assert_eq!(garbage.iter().filter(|frame| serde_json::from_slice::<Value>(&frame.payload).is_err()).count(), 1);
    let bare = read(&ask("converse-stream", "no-usage;no-role").await);
    assert!(bare.iter().all(|frame| frame.json().get("usage").is_none() && frame.json().get("role").is_none()));
    assert_eq!(bare.last().unwrap().kind().1, "metadata");
    let plain = call(&sim, CLAUDE, "converse", &user("x"), &[("x-sim-fault", "no-usage;no-role")]).await.json();
    assert!(plain.get("usage").is_none() && plain["output"]["message"].get("role").is_none());
    let shapeless = call(&sim, CLAUDE, "converse", &user("x"), &[("x-sim-fault", "error-in-stream=0")]).await;
    assert!(shapeless.status == 200 && shapeless.json().get("output").is_none());
}

/// The time as `20261121T063000Z`.
fn stamp(seconds: u64) -> String {
    let days = i64::try_from(seconds / 86_400).unwrap();
    // The year begins in March, so that the leap day is its last; 146,097 days are four hundred years.
    let z = days + 719_468;
    let (era, day) = (z / 146_097, z % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    let time = seconds % 86_400;
    format!("{:04}{month:02}{date:02}T{:02}{:02}{:02}Z", year + era * 400, time / 3600, time / 60 % 60, time % 60)
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

/// The headers of a request to this canonical path, signed by the rules in AWS's guide.
fn signed(sim: &SimHandle, secret: &str, seconds: u64, path: &str, body: &Value) -> [(&'static str, String); 2] {
    let stamp = stamp(seconds);
    let scope = format!("{}/eu-west-1/bedrock/aws4_request", &stamp[..8]);
    let hash = hex(&Sha256::digest(body.to_string()));
    let names = "content-type;host;x-amz-date";
    let request = format!(
        "POST\n{path}\n\ncontent-type:application/json\nhost:{}\nx-amz-date:{stamp}\n\n{names}\n{hash}",
        sim.addr()
    );
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let key = [&stamp[..8], "eu-west-1", "bedrock", "aws4_request"]
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
    let signature = hex(&hmac(&key, &text));
    let value = format!("AWS4-HMAC-SHA256 Credential=AKID/{scope}, SignedHeaders={names}, Signature={signature}");
    [("x-amz-date", stamp), ("authorization", value)]
}

#[tokio::test]
async fn signatures_are_verified() {
    let sim = Sim::bedrock().sigv4("AKID", "secret", "eu-west-1").start().await.unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (body, url) = (user("x"), format!("{}/model/{CLAUDE}/converse", sim.base_url()));
    let send = async |headers: &[(&'static str, String)], body: &Value| {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        post(&client(), &url, body, &headers).await
    };
    // What is encoded on the wire is encoded once more where it is signed.
    let path = format!("/model/{}/converse", CLAUDE.replace('%', "%25"));
    let good = signed(&sim, "secret", now, &path, &body);
    assert_eq!(send(&good, &body).await.status, 200);
    let headers = [("x-amz-date", good[0].1.as_str()), ("authorization", good[1].1.as_str())];
    assert_eq!(post(&h2_client(), &url, &body, &headers).await.status, 200);
    for (headers, sent, name) in [
        (good.to_vec(), user("y"), "InvalidSignatureException"),
        (
            signed(&sim, "secret", now, &format!("/model/{CLAUDE}/converse"), &body).to_vec(),
            body.clone(),
            "InvalidSignatureException",
        ),
        (signed(&sim, "other", now, &path, &body).to_vec(), body.clone(), "InvalidSignatureException"),
        (signed(&sim, "secret", now - 3600, &path, &body).to_vec(), body.clone(), "InvalidSignatureException"),
        (signed(&sim, "secret", now + 3600, &path, &body).to_vec(), body.clone(), "InvalidSignatureException"),
        (
            vec![("authorization", good[1].1.replace("AKID", "OTHER")), good[0].clone()],
            body.clone(),
            "UnrecognizedClientException",
        ),
        (vec![("authorization", "AWS4-HMAC-SHA256 nothing".to_owned())], body.clone(), "IncompleteSignatureException"),
        (vec![("authorization", "Bearer key".to_owned())], body.clone(), "AccessDeniedException"),
        (vec![], body.clone(), "MissingAuthenticationTokenException"),
    ] {
        let answer = send(&headers, &sent).await;
        assert_eq!((answer.status.as_u16(), refusal(&answer).0.as_str()), (403, name), "{headers:?}");
    }
}

#[tokio::test]
async fn keys_are_checked() {
    let sim = Sim::bedrock().api_key("key").start().await.unwrap();
    let with_key = |value: &'static str| [("authorization", value)];
    assert_eq!(call(&sim, CLAUDE, "converse", &user("x"), &with_key("Bearer key")).await.status, 200);
    let wrong = call(&sim, CLAUDE, "converse", &user("x"), &with_key("Bearer other")).await;
    assert_eq!((wrong.status.as_u16(), refusal(&wrong).0.as_str()), (403, "AccessDeniedException"));
    let none = converse(&sim, &user("x")).await;
    assert_eq!((none.status.as_u16(), refusal(&none).0.as_str()), (403, "MissingAuthenticationTokenException"));
    let signed = call(
        &sim,
        CLAUDE,
        "converse",
        &user("x"),
        &with_key("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00"),
    )
    .await;
    assert_eq!(refusal(&signed).0, "UnrecognizedClientException");
}
