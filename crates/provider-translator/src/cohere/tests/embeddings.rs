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
fn what_is_sent_is_what_cohere_must_be_told() {
    let request = json!({
        "model": "alias", "input": ["a", "b"], "dimensions": 256, "input_type": "search_query", "truncate": "END",
        "encoding_format": "base64", "user": "u", "made_up": 1,
    });
    let outgoing = BENCH.call(Operation::Embedding, &request, false).expect("it is translated");
    assert_eq!(outgoing.path, "/v2/embed");
    let (sent, warnings) = said(outgoing);
    assert_eq!(
        sent,
        json!({
            "model": "m1", "texts": ["a", "b"], "input_type": "search_query", "embedding_types": ["float"],
            "output_dimension": 256, "truncate": "END",
        })
    );
    assert_eq!(warnings, "dropped;param=made_up;reason=unknown");
    let (sent, _) = said(BENCH.call(Operation::Embedding, &json!({"input": "a"}), false).expect("it is translated"));
    assert_eq!(sent["input_type"], "search_document");
}

#[test]
fn vectors_come_back_in_openais_list() {
    let answer = json!({
        "id": "e", "embeddings": {"float": [[1.0, -2.5], [0.5, 0.25]]}, "texts": ["a", "b"],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2.0}}, "response_type": "embeddings_by_type",
    });
    let request = json!({"input": ["a", "b"], "encoding_format": "base64"});
    assert_eq!(
        run(&request, &answer),
        Ok(json!({
            "object": "list", "model": "m1", "usage": {"prompt_tokens": 2, "total_tokens": 2},
            "data": [
                {"object": "embedding", "index": 0, "embedding": "AACAPwAAIMA="},
                {"object": "embedding", "index": 1, "embedding": "AAAAPwAAgD4="},
            ],
        }))
    );
    let fewer = json!({"embeddings": {"float": [[1.0]]}});
    for answer in [fewer, json!({}), json!({"embeddings": []}), json!({"embeddings": {"float": ["a", "b"]}})] {
        assert_eq!(run(&request, &answer), Err("upstream_protocol_error".into()), "{answer}");
    }
}

#[test]
fn models_are_listed_but_for_the_outgoing_ones() {
    let outgoing = BENCH.call(Operation::Models, &json!({}), false).expect("it is translated");
    assert_eq!((outgoing.method.clone(), outgoing.path.as_str()), (Method::GET, "/v1/models?page_size=1000"));
    let answer = r#"{"models":[{"name":"command-a","endpoints":["chat"],"is_deprecated":false},{"name":"command","is_deprecated":true},{"name":"embed-v4"}],"next_page_token":""}"#;
    let list: Value =
        serde_json::from_slice(&outgoing.answer.whole(Bytes::from_static(answer.as_bytes())).expect("a list"))
            .expect("JSON");
    let model = |id: &str| json!({"id": id, "object": "model", "created": 0, "owned_by": "here"});
    assert_eq!(list, json!({"object": "list", "data": [model("command-a"), model("embed-v4")]}));
}
