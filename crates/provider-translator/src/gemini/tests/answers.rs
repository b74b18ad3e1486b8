use serde_json::json;

use super::*;

fn finish(answer: &Value) -> Value {
    whole(&with(&json!({})), answer)["choices"][0]["finish_reason"].clone()
}

#[test]
fn reasons() {
    let text = json!([{"text": "x"}]);
    for (reason, expected) in [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("TOO_MANY_TOOL_CALLS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("MODEL_ARMOR", "content_filter"),
        ("OTHER", "stop"),
        ("NO_IMAGE", "stop"),
        ("MADE_UP_LATER", "stop"),
    ] {
        assert_eq!(finish(&answered(&text, reason)), expected, "{reason}");
    }
    assert_eq!(finish(&answered(&json!([]), "OTHER")), "content_filter");
    assert_eq!(finish(&answered(&json!([{"functionCall": {"name": "a"}}]), "MAX_TOKENS")), "length");
    assert_eq!(finish(&json!({"candidates": [{}]})), "stop");
}

#[test]
fn what_is_malformed_is_no_answer() {
    for (reason, status, code) in [
        ("MALFORMED_FUNCTION_CALL", 502, "upstream_malformed_output"),
        ("UNEXPECTED_TOOL_CALL", 502, "upstream_malformed_output"),
        ("MISSING_THOUGHT_SIGNATURE", 400, "missing_thought_signature"),
    ] {
        let mut answer = answered(&json!([]), reason);
        answer["candidates"][0]["finishMessage"] = json!("call: secret(1)");
        let failure = tried(&with(&json!({})), &answer).expect_err("no answer");
        assert_eq!((failure.status().as_u16(), failure.error().code.as_deref()), (status, Some(code)));
        assert!(!failure.error().message.contains("secret"));
        assert_eq!(failure.error().more["native"]["type"], reason);
    }
}

#[test]
fn a_blocked_prompt_is_a_refusal() {
    let blocked = |feedback: Value| {
        let answer = json!({"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3}, "responseId": "r1"});
        whole(&with(&json!({})), &answer)
    };
    let answer = blocked(json!({"blockReason": "SAFETY"}));
    let choice = &answer["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["refusal"]),
        (&json!("content_filter"), &json!("The prompt was blocked: SAFETY."))
    );
    assert_eq!(answer["usage"]["prompt_tokens"], 3);
    let answer = blocked(json!({"blockReason": "OTHER", "blockReasonMessage": "Not this."}));
    assert_eq!(answer["choices"][0]["message"]["refusal"], "Not this.");
}

#[test]
fn thoughts_are_no_content() {
    let parts =
        json!([{"text": "hm", "thought": true, "thoughtSignature": "YQ=="}, {"text": "x"}, {"executableCode": {}}]);
    let message = whole(&with(&json!({})), &answered(&parts, "STOP"))["choices"][0]["message"].clone();
    assert_eq!((&message["content"], &message["reasoning_content"]), (&json!("x"), &json!("hm")));
    assert_eq!(message["reasoning_details"][0]["data"], "YQ==");
}

#[test]
fn choices_keep_their_numbers() {
    let candidate = |index: u32, text: &str| json!({"index": index, "content": {"parts": [{"text": text}]}, "finishReason": "STOP"});
    let answer = json!({"candidates": [candidate(1, "b"), candidate(0, "a"), candidate(4_000_000_000, "far")]});
    let choices = whole(&with(&json!({"n": 2})), &answer)["choices"].clone();
    assert_eq!(
        (choices.as_array().map(Vec::len), &choices[0]["message"]["content"], &choices[1]["message"]["content"]),
        (Some(2), &json!("a"), &json!("b"))
    );
}

#[test]
fn probabilities() {
    let token = |token: &str, value: f64| json!({"token": token, "tokenId": 1, "logProbability": value});
    let mut answer = answered(&json!([{"text": "hé"}]), "STOP");
    answer["candidates"][0]["logprobsResult"] = json!({
        "chosenCandidates": [token("h", -0.5), token("é", -1.0)],
        "topCandidates": [{"candidates": [token("h", -0.5)]}],
    });
    let logprobs = whole(&with(&json!({"logprobs": true})), &answer)["choices"][0]["logprobs"].clone();
    assert_eq!(
        logprobs,
        json!({"refusal": null, "content": [
            {"token": "h", "logprob": -0.5, "bytes": [104], "top_logprobs": [{"token": "h", "logprob": -0.5, "bytes": [104]}]},
            {"token": "é", "logprob": -1.0, "bytes": [195, 169], "top_logprobs": []},
        ]})
    );
}

#[test]
fn thoughts_are_counted_once() {
    let usage = |usage: Value| {
        let mut answer = answered(&json!([{"text": "x"}]), "STOP");
        answer["usageMetadata"] = usage;
        whole(&with(&json!({})), &answer)["usage"].clone()
    };
    let told = |total: u32| json!({"promptTokenCount": 10, "candidatesTokenCount": 20, "thoughtsTokenCount": 5, "toolUsePromptTokenCount": 2, "totalTokenCount": total});
    let apart = usage(told(37));
    assert_eq!(
        (&apart["prompt_tokens"], &apart["completion_tokens"], &apart["total_tokens"]),
        (&json!(12), &json!(25), &json!(37))
    );
    let within = usage(told(32));
    assert_eq!(
        (&within["completion_tokens"], &within["completion_tokens_details"]["reasoning_tokens"]),
        (&json!(20), &json!(5))
    );
    assert_eq!(usage(Value::Null), Value::Null);
}

#[test]
fn what_only_google_says_is_not_lost() {
    let ratings = json!([{"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW", "blocked": true}]);
    let looked = json!({"urlMetadata": [{"retrievedUrl": "https://a.example", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"}]});
    let candidate = json!({
        "index": 1, "content": {"parts": [{"text": "x"}]}, "finishReason": "SAFETY", "finishMessage": "Not this.",
        "safetyRatings": ratings, "urlContextMetadata": looked, "avgLogprobs": -0.25, "groundingMetadata": {"webSearchQueries": ["q"]},
    });
    let plain = json!({"index": 0, "content": {"parts": [{"text": "y"}]}, "finishReason": "STOP", "safetyRatings": []});
    let feedback = json!({"safetyRatings": ratings});
    let answer = whole(&with(&json!({"n": 2})), &json!({"candidates": [candidate, plain], "promptFeedback": feedback}));
    let told = json!({
        "index": 1, "finishReason": "SAFETY", "finishMessage": "Not this.", "safetyRatings": ratings,
        "urlContextMetadata": looked, "avgLogprobs": -0.25, "groundingMetadata": {"webSearchQueries": ["q"]},
    });
    assert_eq!(answer["native"], json!({"promptFeedback": feedback, "candidates": [told]}));
    assert_eq!(whole(&with(&json!({})), &json!({"candidates": [plain]})).get("native"), None);
}

#[test]
fn sources_are_found_by_their_old_name_too() {
    let mut answer = answered(&json!([{"text": "hé"}]), "STOP");
    let cited =
        json!({"citationSources": [{"startIndex": 1, "endIndex": 3, "uri": "https://a.example", "license": "mit"}]});
    answer["candidates"][0]["citationMetadata"] = cited.clone();
    let answer = whole(&with(&json!({})), &answer);
    let citation = &answer["choices"][0]["message"]["annotations"][0]["url_citation"];
    assert_eq!(*citation, json!({"start_index": 1, "end_index": 2, "title": "", "url": "https://a.example"}));
    assert_eq!(answer["native"]["candidates"][0]["citationMetadata"], cited);
}

#[test]
fn what_is_no_answer_is_told_as_such() {
    for answer in
        [json!({}), json!({"candidates": []}), json!({"candidates": 1}), json!("x"), json!({"usageMetadata": {}})]
    {
        let failure = tried(&with(&json!({})), &answer).expect_err("no answer");
        assert_eq!(
            (failure.status().as_u16(), failure.error().code.as_deref()),
            (502, Some("upstream_protocol_error")),
            "{answer}"
        );
    }
    let error = json!({"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}});
    for answer in [error.clone(), json!([error])] {
        assert_eq!(tried(&with(&json!({})), &answer).expect_err("an error").status(), 503);
    }
}

#[test]
fn the_list_of_models() {
    for (surface, native) in [
        (
            developer(),
            json!({"models": [{"name": "models/gemini-x", "version": "1"}, {"name": "tunedModels/y"}], "nextPageToken": "t"}),
        ),
        (
            vertex(),
            json!({"publisherModels": [{"name": "publishers/google/models/gemini-x"}, {"name": "tunedModels/y"}]}),
        ),
    ] {
        let outgoing = run(surface, Operation::Models, "", &json!({})).expect("a list");
        assert_eq!(outgoing.method, "GET");
        assert!(outgoing.path.ends_with("models?pageSize=1000"), "{}", outgoing.path);
        let list = outgoing.answer.whole(Bytes::from(native.to_string())).expect("a list");
        let list: Value = serde_json::from_slice(&list).expect("JSON");
        let model = |id: &str| json!({"id": id, "object": "model", "created": 0, "owned_by": "google"});
        assert_eq!(list, json!({"object": "list", "data": [model("gemini-x"), model("tunedModels/y")]}));
    }
}
