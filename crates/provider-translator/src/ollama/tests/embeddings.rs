use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::testing::said;

fn run(request: &Value, answer: &Value) -> Result<Value, String> {
    let outgoing = BENCH.call(Operation::Embedding, request, false).expect("it is translated");
    let whole = outgoing.answer.whole(Bytes::from(answer.to_string()));
    let whole = whole.map_err(|failure| failure.error().code.clone().unwrap_or_default())?;
    Ok(serde_json::from_slice(&whole).expect("JSON"))
}

#[test]
fn what_is_sent_is_what_ollama_knows() {
    let request = json!({
        "model": "alias", "input": "a", "dimensions": 64, "truncate": false, "options": {"num_ctx": 512},
        "keep_alive": 60, "encoding_format": "float", "made_up": 1,
    });
    let outgoing = BENCH.call(Operation::Embedding, &request, false).expect("it is translated");
    assert_eq!(outgoing.path, "/api/embed");
    let (sent, warnings) = said(outgoing);
    assert_eq!(
        sent,
        json!({"model": "m1", "input": ["a"], "dimensions": 64, "truncate": false, "options": {"num_ctx": 512}, "keep_alive": 60})
    );
    assert_eq!(warnings, "dropped;param=made_up;reason=unknown");
    let (param, code) = BENCH.refused_by(Operation::Embedding, &json!({"input": "a", "options": 1}), false);
    assert_eq!((param.as_str(), code.as_str()), ("options", "invalid_type"));
}

#[test]
fn vectors_come_back_in_openais_list() {
    let answer = json!({"model": "nomic", "embeddings": [[0.5, -1.25]], "prompt_eval_count": 4});
    let list = |embedding: Value, tokens: u64| {
        json!({
            "object": "list", "model": "nomic", "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            "data": [{"object": "embedding", "index": 0, "embedding": embedding}],
        })
    };
    assert_eq!(run(&json!({"input": "a"}), &answer), Ok(list(json!([0.5, -1.25]), 4)));
    let uncounted = json!({"model": "nomic", "embeddings": [[0.5, -1.25]]});
    let base64 = json!({"input": ["a"], "encoding_format": "base64"});
    assert_eq!(run(&base64, &uncounted), Ok(list(json!("AAAAPwAAoL8="), 0)));
    for answer in [json!({"embeddings": []}), json!({}), json!({"embeddings": ["x"]})] {
        assert_eq!(run(&json!({"input": "a"}), &answer), Err("upstream_protocol_error".into()), "{answer}");
    }
}

#[test]
fn models_are_those_that_the_server_has() {
    let outgoing = BENCH.call(Operation::Models, &json!({}), false).expect("it is translated");
    assert_eq!((outgoing.method.clone(), outgoing.path.as_str()), (Method::GET, "/api/tags"));
    let answer = r#"{"models":[{"name":"a:latest","model":"a:latest","modified_at":"2026-11-21T01:43:24.5-07:00","size":1},{"name":"b"},{}]}"#;
    let list: Value =
        serde_json::from_slice(&outgoing.answer.whole(Bytes::from_static(answer.as_bytes())).expect("a list"))
            .expect("JSON");
    let model = |id: &str, created: u64| json!({"id": id, "object": "model", "created": created, "owned_by": "here"});
    assert_eq!(list, json!({"object": "list", "data": [model("a:latest", 1_795_250_604), model("b", 0)]}));
}
