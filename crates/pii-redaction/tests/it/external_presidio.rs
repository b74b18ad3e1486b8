//! Presidio Analyzer, by answers that the real one has given.

use std::{sync::LazyLock, time::Duration};

use llm_layers_pii_redaction::{DetectAsync, Entity, External, ExternalError, OnFailure, Presidio};
use serde_json::{Value, json};

use crate::external_support::{Reply, Server, named, texts};

fn recorded() -> &'static Value {
    static RECORDED: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("fixtures/presidio.json")).expect("a fixture"));
    &RECORDED
}

fn recorded_texts() -> Vec<&'static str> {
    recorded()["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn presidio(server: &Server) -> Presidio<Server> {
    Presidio::new(server.clone(), "http://presidio.example:3000/").expect("a URL")
}

fn ok(body: &Value) -> Reply {
    Reply::Ok(body.to_string())
}

/// The offsets of a real answer count code points: emoji, combining marks and joiners stand before what was found.
#[tokio::test]
async fn a_real_answer_is_understood() {
    let server = Server::new([ok(&recorded()["batch"])]);
    let texts_of_it = recorded_texts();
    let found = External::new("presidio", presidio(&server)).find(&texts(&texts_of_it)).await.expect("an answer");
    let of = |entity: &str, text, score| (entity.to_owned(), text, score);
    assert_eq!(
        named(&texts_of_it, &found.findings),
        [
            vec![of("email", "anna.meyer@example.com", 100), of("url", "anna.me", 50), of("url", "example.com", 50),],
            vec![of("credit_card", "4111 1111 1111 1111", 100), of("ip_address", "192.168.7.20", 60)],
            vec![],
            vec![of("iban", "DE89370400440532013000", 100), of("url", "https://example.com/x", 60)],
        ]
    );
    let [asked] = &server.asked()[..] else { panic!("one question") };
    assert_eq!(asked.uri, "http://presidio.example:3000/analyze");
    assert_eq!(asked.headers["content-type"], "application/json");
    assert_eq!(
        asked.body,
        json!({"text": texts_of_it, "language": "en", "score_threshold": 0.5, "return_decision_process": false})
    );
}

#[tokio::test]
async fn one_that_takes_no_lists_is_asked_for_each_text() {
    let server = Server::new([ok(&recorded()["single"]), ok(&json!([]))]);
    let texts_of_it = [recorded_texts()[0], "nothing"];
    let found = presidio(&server).one_by_one().detect(&texts(&texts_of_it)).await.expect("an answer");
    assert_eq!(named(&texts_of_it, &found)[0][0].1, "anna.meyer@example.com");
    let asked: Vec<_> = server.asked().into_iter().map(|asked| asked.body["text"].clone()).collect();
    assert_eq!(asked, texts_of_it);
}

#[tokio::test]
async fn what_is_asked_can_be_set() {
    let answer = json!([[{"entity_type": "STAFF_NUMBER", "start": 0, "end": 4, "score": 0.95, "new": {"a": 1}}]]);
    let server = Server::new([ok(&answer)]);
    let presidio = presidio(&server)
        .language("de")
        .entities(["STAFF_NUMBER", "PERSON"])
        .threshold(0.25)
        .entity("STAFF_NUMBER", Entity::new("staff"));
    let found = presidio.detect(&texts(&["S-12 calls"])).await.expect("an answer");
    assert_eq!(named(&["S-12 calls"], &found), [[("staff".to_owned(), "S-12", 95)]]);
    let body = &server.asked()[0].body;
    assert_eq!(body["entities"], json!(["STAFF_NUMBER", "PERSON"]));
    assert_eq!((&body["language"], &body["score_threshold"]), (&json!("de"), &json!(0.25)));
}

/// None of these is ever taken for "nothing was found".
#[tokio::test(start_paused = true)]
async fn every_fault_is_a_failure() {
    let item = |entity: Value, start: Value, end: Value, score: Value| {
        ok(&json!([[{"entity_type": entity, "start": start, "end": end, "score": score}]]))
    };
    let person = || json!("PERSON");
    let long = format!("[[{}]]", " ".repeat(5 << 20));
    for (what, reply) in [
        ("400", Reply::Status(400)),
        ("500", Reply::Status(500)),
        ("503", Reply::Status(503)),
        ("a redirect", Reply::Status(302)),
        ("no connection", Reply::Refused),
        ("a connection that breaks off", Reply::BreaksOff("[[{\"entity_type\"")),
        ("a connection that breaks off after what looks whole", Reply::BreaksOff("[[]]")),
        ("nothing", Reply::Never),
        ("nothing after the beginning", Reply::Stalls("[[")),
        ("too late", Reply::After(Duration::from_millis(2001), Box::new(ok(&json!([[]]))))),
        ("an empty body", Reply::Ok(String::new())),
        ("garbage", Reply::Ok("<html>Anna Meyer</html>".into())),
        ("bytes that are no UTF-8 once decoded", Reply::Ok("[[{\"entity_type\": \"\\ud800\"}]]".into())),
        ("truncated", Reply::Ok(recorded()["batch"].to_string()[..99].into())),
        ("what comes after it", Reply::Ok("[[]] [[]]".into())),
        ("too long", Reply::Ok(long)),
        ("too deep", Reply::Ok("[".repeat(100_000))),
        ("an error of Presidio's", ok(&json!({"error": "No matching recognizers were found"}))),
        ("null", ok(&json!(null))),
        ("a flat list", ok(&json!([]))),
        ("one list too many", ok(&json!([[], []]))),
        ("an object in place of a list", ok(&json!([{}]))),
        ("no entity", ok(&json!([[{"start": 0, "end": 1, "score": 1.0}]]))),
        ("an entity that is a number", item(json!(7), json!(0), json!(1), json!(1.0))),
        ("an entity that is none", item(json!(""), json!(0), json!(1), json!(1.0))),
        ("an entity that is a text", item(json!("Anna Meyer"), json!(0), json!(1), json!(1.0))),
        ("an offset beyond the text", item(person(), json!(0), json!(12), json!(1.0))),
        ("an offset far beyond", item(person(), json!(0), json!(u64::MAX), json!(1.0))),
        ("an offset below zero", item(person(), json!(-1), json!(1), json!(1.0))),
        ("an offset between characters", item(person(), json!(0), json!(1.5), json!(1.0))),
        ("offsets that are swapped", item(person(), json!(5), json!(1), json!(1.0))),
        ("offsets of nothing", item(person(), json!(1), json!(1), json!(1.0))),
        ("a score above all", item(person(), json!(0), json!(1), json!(1.01))),
        ("a score that is none", item(person(), json!(0), json!(1), json!(null))),
    ] {
        let server = Server::new([reply.clone(), reply]);
        let closed = External::new("presidio", presidio(&server));
        let error = closed.find(&texts(&["😀 Anna €€€"])).await.expect_err(what);
        let told = format!("{error} {error:?} {:?}", std::error::Error::source(&error).map(ToString::to_string));
        assert!(!told.contains("Anna"), "{what}: {told}");

        let open = closed.on_failure(OnFailure::FailOpen);
        let found = open.find(&texts(&["😀 Anna €€€"])).await.expect(what);
        assert!(found.findings == [vec![]] && found.failure.is_some(), "{what}: {found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_within_the_time_is_taken() {
    let answer = json!([[{"entity_type": "PERSON", "start": 2, "end": 6, "score": 0.85}]]);
    let server = Server::new([Reply::After(Duration::from_millis(1900), Box::new(ok(&answer)))]);
    let found = External::new("presidio", presidio(&server)).find(&texts(&["😀 Anna"])).await.expect("an answer");
    assert_eq!(named(&["😀 Anna"], &found.findings), [[("person".to_owned(), "Anna", 85)]]);
}

/// A timeout of one is told apart from a refusal, for whoever reads the log.
#[tokio::test(start_paused = true)]
async fn errors_tell_what_went_wrong() {
    for (reply, told) in [
        (Reply::Status(500), "it has answered with status 500"),
        (Reply::Refused, "it cannot be reached"),
        (Reply::BreaksOff("["), "its answer cannot be read"),
        (Reply::Ok("{}".into()), "Presidio's answer makes no sense: it is not of the JSON that was asked for"),
    ] {
        let server = Server::new([reply]);
        let error = External::new("presidio", presidio(&server)).find(&texts(&["a"])).await.expect_err(told);
        let ExternalError::Failed(source) = &error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), told);
    }
}
