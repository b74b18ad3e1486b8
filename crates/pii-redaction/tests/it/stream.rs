//! Streams: what is put back, what is held, and what is not.

use http::{Request, Response};
use llm_layers_core::Body;
use llm_layers_pii_redaction::{Action, Detectors, RedactLayer};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{CARD, EMAIL, Seen, chat, chunk, cut, echo_by, exchange, finish, post, stream};

fn content() -> String {
    format!("Mail {EMAIL}; not <EMAIL_00000000>, a < b, [x] <br> and again {EMAIL}!")
}

#[tokio::test]
async fn a_placeholder_cut_anywhere_is_put_back() {
    let said = content();
    for length in 1..40 {
        let (_, got) = exchange(&RedactLayer::default(), chat(&said), echo_by(length)).await;
        assert_eq!(got.streamed("/choices/0/delta/content"), said, "{length}");
        assert_eq!(got.redacted(), "email=2");
        assert!(got.body.ends_with("data: [DONE]\n\n"));
        let finish = got.events().iter().filter(|event| event["choices"][0]["finish_reason"] == "stop").count();
        assert_eq!(finish, 1);
    }
}

#[tokio::test]
async fn events_that_hold_nothing_leave_as_they_came() {
    let (_, got) = exchange(&RedactLayer::default(), chat(EMAIL), |_| {
        stream(["a", " < b", " and"].map(|piece| chunk(0, &json!({"content": piece}))))
    })
    .await;
    let whole: Vec<Value> = ["a", " < b", " and"].map(|piece| chunk(0, &json!({"content": piece}))).into();
    assert_eq!(got.events(), whole, "nothing is held back that cannot be a placeholder");
}

/// The placeholder that the model was sent, said in one piece after another in every place at once.
fn everywhere(seen: &Seen) -> Response<Body> {
    let content = seen.content();
    let mut events = Vec::new();
    let call = json!({"tool_calls": [
        {"index": 0, "id": "t0", "type": "function", "function": {"name": "f", "arguments": ""}},
        {"index": 1, "id": "t1", "type": "function", "function": {"name": "g", "arguments": ""}}]});
    let arguments = cut(&json!({"to": content}).to_string(), 3);
    let texts = cut(&content, 3);
    for text in &texts {
        events.push(chunk(0, &json!({"content": text, "reasoning_content": text})));
        events.push(chunk(1, &json!({"content": text, "refusal": text})));
    }
    // The calls by turns, and another choice between.
    events.push(chunk(0, &call));
    for argument in &arguments {
        events.push(chunk(
            0,
            &json!({"tool_calls": [
            {"index": 0, "function": {"arguments": argument}}, {"index": 1, "function": {"arguments": argument}}]}),
        ));
        events.push(chunk(1, &json!({"content": ""})));
    }
    events.extend([finish(1, "stop"), finish(0, "tool_calls")]);
    stream(events)
}

#[tokio::test]
async fn every_running_text_is_its_own() {
    let value = "say \"hi\\\" to\n\u{2028}all";
    let detectors = Detectors::builder().words("secret_words", [value]).build().expect("detectors");
    let (_, got) = exchange(&RedactLayer::new(detectors), chat(value), everywhere).await;
    let of = |choice: usize, pointer: &str| -> String {
        let events = got.events();
        let own = events.iter().filter(|event| event["choices"][0]["index"] == choice);
        own.filter_map(|event| event.pointer(pointer)?.as_str().map(str::to_owned)).collect()
    };
    for (choice, pointer) in [(0, "content"), (0, "reasoning_content"), (1, "content"), (1, "refusal")] {
        assert_eq!(of(choice, &format!("/choices/0/delta/{pointer}")), value, "{choice} {pointer}");
    }
    for call in 0..2 {
        let mut arguments = String::new();
        for event in got.events() {
            for delta in event["choices"][0]["delta"]["tool_calls"].as_array().into_iter().flatten() {
                if delta["index"] == call {
                    arguments.push_str(delta["function"]["arguments"].as_str().unwrap_or_default());
                }
            }
        }
        let arguments: Value = serde_json::from_str(&arguments).unwrap_or_else(|error| panic!("{error}: {arguments}"));
        assert_eq!(arguments, json!({"to": value}), "call {call}");
    }
}

#[tokio::test]
async fn text_that_is_to_be_json_stays_json() {
    let value = "say \"hi\\\" to\n\u{2028}all";
    let detectors = Detectors::builder().words("saying", [value]).build().expect("detectors");
    let format = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}});
    let body = json!({"model": "m", "response_format": format, "messages": [{"role": "user", "content": value}]});
    let (_, got) = exchange(&RedactLayer::new(detectors), post("/v1/chat/completions", &body), |seen| {
        let said = json!({"said": seen.content(), "n": 1}).to_string();
        let pieces = cut(&said, 3).into_iter().map(|piece| chunk(0, &json!({"content": piece})));
        stream(pieces.chain([finish(0, "stop")]))
    })
    .await;
    let text = got.streamed("/choices/0/delta/content");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("valid JSON"), json!({"said": value, "n": 1}));
}

#[tokio::test]
async fn json_that_nobody_has_announced_stays_json() {
    let value = "say \"hi\\\" to\n\u{2028}all";
    let detectors = Detectors::builder().words("saying", [value]).build().expect("detectors");
    let layer = RedactLayer::new(detectors);
    for length in [1, 2, 5, 300] {
        let (_, got) = exchange(&layer, chat(value), move |seen| {
            let said = format!("  {}", json!({"said": seen.content()}));
            let pieces = cut(&said, length).into_iter().map(|piece| chunk(0, &json!({"content": piece})));
            stream(pieces.chain([finish(0, "stop")]))
        })
        .await;
        let text = got.streamed("/choices/0/delta/content");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("valid JSON"), json!({"said": value}), "{length}");
    }
}

#[tokio::test]
async fn what_a_response_repeats_is_counted_once() {
    let reports = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = std::sync::Arc::clone(&reports);
    let layer =
        RedactLayer::default().answers(Action::Mask).audit(move |report| told.lock().unwrap().push(report.to_string()));
    let request = post("/v1/responses", &json!({"model": "m", "input": "Hi"}));
    let (_, got) = exchange(&layer, request, |_| {
        let whole = format!("To {EMAIL} then.");
        let at = json!({"item_id": "i", "output_index": 0, "content_index": 0});
        let with = |mut event: Value| {
            event.as_object_mut().unwrap().extend(at.as_object().unwrap().clone());
            event
        };
        stream([
            with(json!({"type": "response.output_text.delta", "delta": whole})),
            with(json!({"type": "response.output_text.done", "text": whole})),
            json!({"type": "response.completed", "response": {"output": [
                {"type": "message", "content": [{"type": "output_text", "text": whole}]}]}}),
        ])
    })
    .await;
    assert!(!got.body.contains("schmidt"), "{}", got.body);
    assert_eq!(*reports.lock().unwrap(), ["email=1"]);
}

#[tokio::test]
async fn sums_of_what_came_are_not_those_of_what_goes() {
    let (_, got) = exchange(&RedactLayer::default(), chat(EMAIL), |seen| {
        let mut response = echo_by(3)(seen);
        for name in ["etag", "content-md5", "digest"] {
            response.headers_mut().insert(name, "\"x\"".parse().unwrap());
        }
        response
    })
    .await;
    assert_eq!(got.streamed("/choices/0/delta/content"), EMAIL);
    assert!(["etag", "content-md5", "digest"].iter().all(|name| !got.headers.contains_key(*name)), "{:?}", got.headers);
}

#[tokio::test]
async fn what_is_held_comes_out_when_the_stream_ends_early() {
    // It breaks off within what might have become a placeholder.
    let (_, got) = exchange(&RedactLayer::default(), chat(EMAIL), |seen| {
        let content = seen.content();
        let half = &content[..content.len() / 2];
        let text = format!("data: {}\n\n", chunk(0, &json!({"content": format!("so {half}")})));
        Response::builder().header("content-type", "text/event-stream").body(Body::from(text)).unwrap()
    })
    .await;
    assert!(got.streamed("/choices/0/delta/content").starts_with("so <EMAIL"), "{}", got.body);
}

#[tokio::test]
async fn other_shapes_are_put_back_as_well() {
    let placeholder = |seen: &Seen| -> String {
        let at = seen.body.find("<EMAIL_").expect("a placeholder");
        seen.body[at..at + seen.body[at..].find('>').expect("its end") + 1].to_owned()
    };
    let messages =
        post("/v1/messages", &json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": EMAIL}]}));
    let (_, got) = exchange(&RedactLayer::default(), messages, move |seen| {
        let pieces = cut(&format!("To {}.", placeholder(seen)), 4);
        let mut text = String::from("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
        for piece in pieces {
            let data = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}});
            text.push_str(&format!("event: content_block_delta\ndata: {data}\n\n"));
        }
        text.push_str("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        Response::builder().header("content-type", "text/event-stream").body(Body::from(text)).unwrap()
    })
    .await;
    assert_eq!(got.streamed("/delta/text"), format!("To {EMAIL}."));

    let responses = post("/v1/responses", &json!({"model": "m", "input": format!("I am {EMAIL}")}));
    let (_, got) = exchange(&RedactLayer::default(), responses, move |seen| {
        let whole = format!("To {}.", placeholder(seen));
        let mut events: Vec<_> = cut(&whole, 4)
            .into_iter()
            .map(|piece| json!({"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0, "delta": piece}))
            .collect();
        events.push(json!({"type": "response.output_text.done", "item_id": "i", "output_index": 0, "content_index": 0, "text": whole}));
        stream(events)
    })
    .await;
    let deltas: String = got.events().iter().filter_map(|event| event["delta"].as_str().map(str::to_owned)).collect();
    assert_eq!(deltas, format!("To {EMAIL}."));
    assert_eq!(got.events().last().expect("the end")["text"], format!("To {EMAIL}."));
}

#[tokio::test]
async fn what_the_model_says_itself_is_masked_as_it_comes() {
    let said =
        format!("Well then, my friend, ask {EMAIL} and use {CARD} for it, which is all that there is to say here.");
    let layer = RedactLayer::default().answers(Action::Mask);
    for length in [1, 2, 3, 5, 8, 13, 200] {
        let said = said.clone();
        let (_, got) = exchange(&layer, chat("Hi"), move |_| {
            let pieces = cut(&said, length).into_iter().map(|piece| chunk(0, &json!({"content": piece})));
            stream(pieces.chain([finish(0, "stop")]))
        })
        .await;
        let text = got.streamed("/choices/0/delta/content");
        assert!(!text.contains("schmidt") && !text.contains("1111 1111"), "{length}: {text}");
        assert!(
            text.starts_with("Well then, my friend, ask ") && text.ends_with("there is to say here."),
            "{length}: {text}"
        );
    }
}

#[tokio::test]
async fn thoughts_that_are_signed_are_searched_and_stay_as_they_are() {
    let thinks = |_: &Seen| {
        let mut text = String::from(
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n",
        );
        for piece in cut(&format!("The card is {CARD}, I think, and so on."), 6) {
            let delta = json!({"type": "thinking_delta", "thinking": piece});
            let data = json!({"type": "content_block_delta", "index": 0, "delta": delta});
            text.push_str(&format!("event: content_block_delta\ndata: {data}\n\n"));
        }
        text.push_str("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n");
        Response::builder().header("content-type", "text/event-stream").body(Body::from(text)).unwrap()
    };
    let request = || post("/v1/messages", &json!({"model": "m", "max_tokens": 9, "messages": []}));
    let (_, got) = exchange(&RedactLayer::default().answers(Action::Mask), request(), thinks).await;
    assert!(got.streamed("/delta/thinking").contains(CARD), "what is signed stays: {}", got.body);
    let (_, got) = exchange(&RedactLayer::default().answers(Action::Block), request(), thinks).await;
    assert!(got.body.contains("personal_data_in_answer"), "{}", got.body);
}

#[tokio::test]
async fn long_phrases_of_ones_own_are_masked_as_they_come() {
    let phrase = "Project Blue Bird of Doom and Gloom";
    let detectors = Detectors::builder().words("project", [phrase]).build().expect("detectors");
    let layer = RedactLayer::new(detectors).answers(Action::Mask);
    for length in [1, 2, 3, 7, 20] {
        let (_, got) = exchange(&layer, chat("Hi"), move |_| {
            let said = format!("We are all well and speak of {phrase} with nobody else around us.");
            let pieces = cut(&said, length).into_iter().map(|piece| chunk(0, &json!({"content": piece})));
            stream(pieces.chain([finish(0, "stop")]))
        })
        .await;
        let text = got.streamed("/choices/0/delta/content");
        assert!(
            !text.contains("Project") && !text.contains("Gloom") && text.ends_with("around us."),
            "{length}: {text}"
        );
    }
}

#[tokio::test]
async fn what_the_model_must_not_say_ends_the_stream() {
    let layer = RedactLayer::default().answers(Action::Block);
    let (_, got) = exchange(&layer, chat("Hi"), |_| {
        let said = format!("First some words that are harmless, and then {EMAIL} which is not, and more words of it.");
        let pieces = cut(&said, 5).into_iter().map(|piece| chunk(0, &json!({"content": piece})));
        stream(pieces.chain([finish(0, "stop")]))
    })
    .await;
    assert!(got.body.contains("personal_data_in_answer") && !got.body.contains("schmidt"), "{}", got.body);
    assert!(got.body.contains("First") && !got.body.contains("[DONE]"), "{}", got.body);
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(EMAIL.to_owned()),
        Just(CARD.to_owned()),
        Just("<EMAIL_".to_owned()),
        Just("<EMAIL_7f3a09c2>".to_owned()),
        Just("\"\\\n\u{0}é😀".to_owned()),
        "[ -~]{0,12}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_said_is_heard(text in text(), length in 1_usize..30) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let request: Request<Body> = chat(&text);
        let (_, got) = runtime.block_on(exchange(&RedactLayer::default(), request, echo_by(length)));
        prop_assert_eq!(got.streamed("/choices/0/delta/content"), text);
    }
}
