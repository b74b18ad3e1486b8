use super::*;

fn embed(model: &str) -> Setup<'_> {
    Setup { operation: Operation::Embedding, ..converse(model) }
}

const TITAN: &str = "amazon.titan-embed-text-v2:0";
const COHERE: &str = "cohere.embed-english-v3";

#[test]
fn titan_takes_one_text() {
    let request = json!({"input": "a", "dimensions": 256});
    assert_eq!(embed(TITAN).sent(&request).0, json!({"inputText": "a", "dimensions": 256}));
    assert_eq!(embed(TITAN).outgoing(&request).path, "/model/amazon.titan-embed-text-v2%3A0/invoke");
    let image = embed("amazon.titan-embed-image-v1").sent(&request).0;
    assert_eq!(image, json!({"inputText": "a", "embeddingConfig": {"outputEmbeddingLength": 256}}));
    assert_eq!(embed("amazon.titan-embed-text-v1").refused(&request).0, "dimensions");
    assert_eq!(embed(TITAN).refused(&json!({"input": ["a", "b"]})).0, "input");

    let answer = json!({"embedding": [1.5, -2], "inputTextTokenCount": 3, "embeddingsByType": {"float": [1.5, -2]}});
    let whole = embed(TITAN).whole(&json!({"input": ["a"]}), &answer).expect("embeddings");
    assert_eq!(whole["data"], json!([{"object": "embedding", "index": 0, "embedding": [1.5, -2]}]));
    assert_eq!(whole["usage"], json!({"prompt_tokens": 3, "total_tokens": 3}));
}

#[test]
fn cohere_takes_many() {
    let request = json!({"input": ["a", "b"], "truncate": "END"});
    let (sent, warnings) = embed(COHERE).sent(&request);
    assert_eq!(sent, json!({"texts": ["a", "b"], "input_type": "search_document", "truncate": "END"}));
    assert_eq!(warnings, "");
    let query = json!({"input": "q", "input_type": "search_query", "dimensions": 512});
    assert_eq!(embed(COHERE).refused(&query).0, "dimensions");
    let sent = embed("us.cohere.embed-v4:0").sent(&query).0;
    assert_eq!(sent, json!({"texts": ["q"], "input_type": "search_query", "output_dimension": 512}));

    for embeddings in [json!([[1, 2], [3, 4]]), json!({"float": [[1, 2], [3, 4]]})] {
        let whole = embed(COHERE).whole(&request, &json!({"embeddings": embeddings, "id": "x"})).expect("embeddings");
        assert_eq!(whole["data"][1]["embedding"], json!([3, 4]));
    }
    for embeddings in [json!([[1]]), json!({}), json!(1)] {
        assert!(embed(COHERE).whole(&request, &json!({"embeddings": embeddings})).is_err(), "{embeddings}");
    }
}

#[test]
fn other_models_embed_nothing_that_is_known() {
    assert_eq!(embed(NOVA).refused(&json!({"input": "a"})), ("model".into(), "unsupported_parameter".into()));
}
