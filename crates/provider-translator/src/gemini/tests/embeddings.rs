use serde_json::json;

use super::*;

fn embed(surface: Surface, model: &str, members: &Value) -> Outgoing {
    run(surface, Operation::Embedding, model, members).expect("it is translated")
}

fn body(outgoing: &Outgoing) -> Value {
    serde_json::from_slice(&outgoing.body).expect("JSON")
}

fn answer(outgoing: Outgoing, native: &Value) -> Value {
    let answer = outgoing.answer.whole(Bytes::from(native.to_string())).expect("an answer");
    serde_json::from_slice(&answer).expect("JSON")
}

fn content(text: &str) -> Value {
    json!({"parts": [{"text": text}]})
}

#[test]
fn the_gemini_api_embeds_in_batches() {
    let outgoing = embed(
        developer(),
        "gemini-embedding-x",
        &json!({"input": ["a", "b"], "dimensions": 2, "task_type": "CLUSTERING"}),
    );
    assert_eq!(outgoing.path, "/v1beta/models/gemini-embedding-x:batchEmbedContents");
    let one = |text: &str| json!({"model": "models/gemini-embedding-x", "content": content(text), "taskType": "CLUSTERING", "outputDimensionality": 2});
    assert_eq!(body(&outgoing), json!({"requests": [one("a"), one("b")]}));
    // Cut vectors are made as long as whole ones.
    let answer = answer(outgoing, &json!({"embeddings": [{"values": [3, 4]}, {"values": [0, 0]}]}));
    assert_eq!(
        answer["data"],
        json!([
            {"object": "embedding", "index": 0, "embedding": [0.6, 0.8]},
            {"object": "embedding", "index": 1, "embedding": [0, 0]},
        ])
    );
    assert_eq!(
        (&answer["model"], &answer["usage"]),
        (&json!("gemini-embedding-x"), &json!({"prompt_tokens": 0, "total_tokens": 0}))
    );
}

#[test]
fn vertex_embeds_in_three_ways() {
    let at = "/v1/projects/p/locations/global/publishers/google/models";
    let single = embed(vertex(), "gemini-embedding-x", &json!({"input": "a", "dimensions": 2}));
    assert_eq!(single.path, format!("{at}/gemini-embedding-x:embedContent"));
    assert_eq!(body(&single), json!({"content": content("a"), "embedContentConfig": {"outputDimensionality": 2}}));
    let native = json!({"embedding": {"values": [1.5]}, "usageMetadata": {"promptTokenCount": 3}});
    assert_eq!(answer(single, &native)["usage"]["prompt_tokens"], 3);

    let batch = embed(vertex(), "gemini-embedding-x", &json!({"input": ["a", "b"]}));
    assert_eq!(batch.path, format!("{at}/gemini-embedding-x:batchEmbedContents"));
    assert_eq!(body(&batch), json!({"requests": [{"content": content("a")}, {"content": content("b")}]}));

    let old = embed(vertex(), "text-embedding-005", &json!({"input": ["a", "b"], "dimensions": 2, "title": "t"}));
    assert_eq!(old.path, format!("{at}/text-embedding-005:predict"));
    let instance = |text: &str| json!({"content": text, "title": "t"});
    assert_eq!(
        body(&old),
        json!({"instances": [instance("a"), instance("b")], "parameters": {"outputDimensionality": 2}})
    );
    let vector =
        |value: f64| json!({"embeddings": {"values": [value], "statistics": {"token_count": 2.0, "truncated": false}}});
    let answer = answer(old, &json!({"predictions": [vector(0.5), vector(1.0)]}));
    assert_eq!((&answer["usage"]["total_tokens"], &answer["data"][1]["embedding"]), (&json!(4), &json!([1.0])));
}

#[test]
fn what_is_not_as_many_vectors_is_no_answer() {
    for native in [
        json!({}),
        json!({"embeddings": []}),
        json!({"embeddings": [{"values": "x"}]}),
        json!({"embeddings": [{}, {}]}),
    ] {
        let outgoing = embed(developer(), "e", &json!({"input": "a"}));
        assert!(outgoing.answer.whole(Bytes::from(native.to_string())).is_err(), "{native}");
    }
    let failure =
        run(vertex(), Operation::Embedding, "x-maas", &json!({"input": ["a", "b"]})).map(|_| ()).expect_err("refused");
    assert_eq!(failure.error().param.as_deref(), Some("input"));
}
