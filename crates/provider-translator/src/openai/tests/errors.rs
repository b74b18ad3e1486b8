//! Errors, in each of the shapes that providers have for them.

use super::*;

const REQUEST: &str = r#"{"model":"m","messages":[]}"#;

/// Status, code, message.
fn seen(status: u16, body: &'static str) -> (u16, Option<String>, String) {
    let provider = Provider::openai("http://p.example/v1").unwrap();
    let (_, answered) = chat(provider, REQUEST, status, "application/json", move || Body::from(body));
    let error = answered.json()["error"].clone();
    for name in ["message", "type"] {
        assert!(error[name].as_str().is_some_and(|text| !text.is_empty()), "{name} of {body}");
    }
    for name in ["param", "code"] {
        assert!(error.get(name).is_some_and(|value| value.is_string() || value.is_null()), "{name} of {body}");
    }
    let text = |name: &str| error[name].as_str().map(str::to_owned);
    (answered.status, text("code"), text("message").unwrap())
}

#[test]
fn every_shape_is_read() {
    for (who, status, body, expected, code, message) in [
        (
            "mistral",
            400,
            r#"{"object":"error","message":"m","type":"invalid_request_message_order","param":null,"code":"3230"}"#,
            400,
            None,
            "m",
        ),
        (
            "mistral's checks, which quote the prompt",
            422,
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","store"],"msg":"Extra inputs are not permitted","input":"secret prompt"}]},"type":"invalid_request_error","param":null,"code":null}"#,
            400,
            None,
            "body.store: Extra inputs are not permitted",
        ),
        (
            "fastapi",
            422,
            r#"{"detail":[{"loc":["body","messages",0],"msg":"Field required","type":"missing"}]}"#,
            400,
            None,
            "body.messages.0: Field required",
        ),
        (
            "deepseek",
            402,
            r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
            429,
            Some("insufficient_quota"),
            "Insufficient Balance",
        ),
        (
            "qwen",
            400,
            r#"{"error":{"code":"data_inspection_failed","param":null,"message":"m","type":"data_inspection_failed"},"request_id":"r"}"#,
            400,
            Some("content_filter"),
            "m",
        ),
        (
            "xai",
            403,
            r#"{"code":"The caller does not have permission","error":"Your team has used all available credits."}"#,
            429,
            Some("insufficient_quota"),
            "Your team has used all available credits.",
        ),
        (
            "xai",
            400,
            r#"{"code":"Client specified an invalid argument","error":"m"}"#,
            400,
            Some("Client specified an invalid argument"),
            "m",
        ),
        (
            "groq",
            498,
            r#"{"error":{"message":"flex","type":"x","code":"capacity_exceeded"}}"#,
            503,
            Some("server_is_overloaded"),
            "flex",
        ),
        (
            "openrouter",
            402,
            r#"{"error":{"code":402,"message":"m","metadata":{"raw":"secret"}}}"#,
            429,
            Some("insufficient_quota"),
            "m",
        ),
        (
            "cerebras",
            400,
            r#"{"message":"m","type":"invalid_request_error","param":"validation_error","code":"wrong_api_format"}"#,
            400,
            Some("wrong_api_format"),
            "m",
        ),
        (
            "nvidia",
            429,
            r#"{"status":429,"title":"Too Many Requests"}"#,
            429,
            Some("rate_limit_exceeded"),
            "Too Many Requests",
        ),
        (
            "huggingface",
            503,
            r#"{"error":"Model is loading","estimated_time":20.0}"#,
            503,
            Some("server_is_overloaded"),
            "Model is loading",
        ),
        (
            "moonshot",
            429,
            r#"{"error":{"message":"m","type":"exceeded_current_quota_error"}}"#,
            429,
            Some("insufficient_quota"),
            "m",
        ),
        (
            "moonshot",
            429,
            r#"{"error":{"message":"m","type":"engine_overloaded_error"}}"#,
            503,
            Some("server_is_overloaded"),
            "m",
        ),
        ("zhipu", 429, r#"{"error":{"code":"1113","message":"m"}}"#, 429, Some("insufficient_quota"), "m"),
        ("zhipu", 400, r#"{"error":{"code":"1261","message":"m"}}"#, 400, Some("context_length_exceeded"), "m"),
        ("deepinfra", 402, r#"{"detail":{"error":"m"}}"#, 429, Some("insufficient_quota"), "m"),
        ("fireworks", 500, r#"{"fault":{"faultstring":"m"}}"#, 502, Some("upstream_error"), "m"),
        ("novita", 400, r#"{"code":400,"reason":"R","message":"m","metadata":{}}"#, 400, None, "m"),
        (
            "novita",
            403,
            r#"{"code":403,"reason":"NOT_ENOUGH_BALANCE","message":"m","metadata":{}}"#,
            429,
            Some("insufficient_quota"),
            "m",
        ),
        (
            "vllm",
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"BadRequestError","param":null,"code":400}}"#,
            400,
            Some("context_length_exceeded"),
            "This model's maximum context length is 8192 tokens.",
        ),
        (
            "llama.cpp",
            400,
            r#"{"error":{"code":400,"message":"m","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}}"#,
            400,
            Some("context_length_exceeded"),
            "m",
        ),
        (
            "llama.cpp",
            503,
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            503,
            Some("server_is_overloaded"),
            "Loading model",
        ),
        (
            "tgi",
            424,
            r#"{"error":"Request failed during generation","error_type":"generation"}"#,
            502,
            Some("upstream_error"),
            "Request failed during generation",
        ),
        (
            "litellm",
            429,
            r#"{"error":{"message":"litellm.RateLimitError: m","type":null,"param":null,"code":"429"}}"#,
            429,
            Some("rate_limit_exceeded"),
            "litellm.RateLimitError: m",
        ),
        (
            "litellm",
            400,
            r#"{"error":{"message":"Budget has been exceeded!","type":"budget_exceeded","param":null,"code":"400"}}"#,
            429,
            Some("insufficient_quota"),
            "Budget has been exceeded!",
        ),
        (
            "openrouter",
            403,
            r#"{"error":{"code":403,"message":"m","metadata":{"reasons":["violence"],"provider_name":"p"}}}"#,
            400,
            Some("content_filter"),
            "m",
        ),
        ("openrouter", 403, r#"{"error":{"code":403,"message":"m","metadata":{}}}"#, 403, None, "m"),
        (
            "together",
            403,
            r#"{"error":{"message":"`inputs` tokens + `max_new_tokens` must be <= 4097","type":"invalid_request_error","param":null,"code":null}}"#,
            400,
            Some("context_length_exceeded"),
            "`inputs` tokens + `max_new_tokens` must be <= 4097",
        ),
        (
            "a list",
            503,
            r#"[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]"#,
            503,
            Some("server_is_overloaded"),
            "m",
        ),
        ("text", 500, "upstream connect error", 502, Some("upstream_error"), "upstream connect error"),
        (
            "a page",
            401,
            "<html>secret</html>",
            401,
            Some("invalid_api_key"),
            "The provider answered 401 without saying why.",
        ),
        ("nothing", 500, "", 502, Some("upstream_error"), "The provider answered 500 without saying why."),
    ] {
        let (seen, seen_code, seen_message) = seen(status, body);
        assert_eq!((seen, seen_code.as_deref(), seen_message.as_str()), (expected, code, message), "{who}");
    }
}

#[test]
fn words_do_not_outweigh_the_status() {
    let (status, code, _) = seen(429, r#"{"error":{"message":"rate limited: maximum context length","type":"t"}}"#);
    assert_eq!((status, code.as_deref()), (429, Some("rate_limit_exceeded")));
    let (status, code, _) = seen(500, r#"{"error":{"message":"429 rate limit","type":"t"}}"#);
    assert_eq!((status, code.as_deref()), (502, Some("upstream_error")));
}

#[test]
fn a_wait_is_read_from_the_message() {
    for (message, wait) in [
        ("Please try again in 7.66s. Visit", Some("8")),
        ("retry after 6 seconds", Some("6")),
        ("Please try again in 2m59.56s.", Some("180")),
        ("Rate limit of 15 per 60s exceeded. Please wait 9 seconds before retrying.", Some("9")),
        ("Please wait a while", None),
        ("try again in a while", None),
        ("retry after", None),
    ] {
        let body = format!(r#"{{"error":{{"message":"{message}","type":"t","code":1}}}}"#);
        let provider = Provider::known("groq").unwrap();
        let (_, answered) = chat(provider, REQUEST, 429, "application/json", move || Body::from(body.clone()));
        let told = answered.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(told.as_deref(), wait, "{message}");
    }
}

#[test]
fn a_wait_is_read_from_the_estimate_of_a_model_that_loads() {
    for (time, wait) in [("20.0", Some("20")), ("\"soon\"", None), ("-1", None), ("1e300", None)] {
        let body = format!(r#"{{"error":"Model is loading","estimated_time":{time}}}"#);
        let provider = Provider::known("huggingface").unwrap();
        let (_, answered) = chat(provider, REQUEST, 503, "application/json", move || Body::from(body.clone()));
        let told = answered.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!((answered.status, told.as_deref()), (503, wait), "{time}");
    }
}

#[test]
fn a_small_answer_is_looked_at_where_an_error_may_hide() {
    for who in ["fireworks", "deepinfra", "vllm", "lambda"] {
        let answered = |body: &'static str| {
            chat(Provider::known(who).unwrap(), REQUEST, 200, "application/json", move || Body::from(body)).1
        };
        let error = answered(r#"{"error":{"message":"boom","type":"y","code":"x"}}"#);
        assert_eq!((error.status, error.json()["error"]["message"].as_str()), (502, Some("boom")), "{who}");
        let error = answered(r#"{"id":"i","error":{"message":"boom","code":429}}"#);
        assert_eq!((error.status, error.json()["error"]["code"].as_str()), (429, Some("rate_limit_exceeded")), "{who}");
    }
    // OpenAI's own are trusted, and what they say leaves as it came.
    let hidden = r#"{"error":{"message":"boom","type":"y","code":"x"}}"#;
    let openai = Provider::known("openai").unwrap();
    let (_, answered) = chat(openai, REQUEST, 200, "application/json", move || Body::from(hidden));
    assert_eq!((answered.status, &answered.body[..]), (200, hidden.as_bytes()));
    // Beside choices it is none, nor where it is a word of the answer.
    for body in [
        r#"{"id":"c","error":{"message":"m"},"choices":[{"index":0,"message":{"content":"\"error\""}}]}"#,
        r#"{"id":"c", "error":null,"choices":[]}"#,
        r#"{"id":"c","said":"error"}"#,
        "[\"error\"",
    ] {
        let provider = Provider::known("fireworks").unwrap();
        let (_, answered) = chat(provider, REQUEST, 200, "application/json", move || Body::from(body));
        assert_eq!((answered.status, &answered.body[..]), (200, body.as_bytes()), "{body}");
    }
}

#[test]
fn reasoning_of_whole_answers_has_its_name() {
    let body = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","reasoning":"Hm."},"finish_reason":"stop"}]}"#;
    for who in ["vllm", "sglang"] {
        let (_, answered) =
            chat(Provider::known(who).unwrap(), REQUEST, 200, "application/json", move || Body::from(body));
        assert_eq!(answered.json()["choices"][0]["message"]["reasoning_content"], "Hm.", "{who}");
    }
}

#[test]
fn an_error_under_a_status_of_success_is_one() {
    for (who, body, status, code) in [
        ("minimax", r#"{"id":"c","base_resp":{"status_code":1004,"status_msg":"login fail"}}"#, 401, "invalid_api_key"),
        (
            "minimax",
            r#"{"base_resp":{"status_code":1027,"status_msg":"sensitive"},"choices":null}"#,
            400,
            "content_filter",
        ),
        ("openrouter", r#"{"error":{"code":502,"message":"m"},"user_id":"u"}"#, 502, "upstream_error"),
        ("minimax", r#"{"id":"c","choices":[]}"#, 502, "upstream_protocol_error"),
        ("openrouter", "[]", 502, "upstream_protocol_error"),
        ("xai", r#"{"choices":[{"index":0,"finish_reason":"error","message":{"content":""}}]}"#, 502, "upstream_error"),
        ("xai", r#"{"choices":[{"index":0}]}"#, 502, "upstream_protocol_error"),
    ] {
        let provider = Provider::known(who).unwrap();
        let (_, answered) = chat(provider, REQUEST, 200, "application/json", move || Body::from(body));
        assert_eq!((answered.status, answered.json()["error"]["code"].as_str()), (status, Some(code)), "{body}");
    }
}
