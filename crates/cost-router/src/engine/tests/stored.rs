//! Calls that go on from what a provider keeps.

use llm_layers_core::Caller;

use super::*;
use crate::{Constraints, Why};

fn bed() -> Bed {
    let candidates = ["a", "b", "c"].map(|name| candidate(name, ""));
    let alias = Alias::new("x").deployments(["a", "b"]).on_context_overflow(["c"]).on_content_refusal(["c"]);
    Bed::new(alias, candidates)
}

fn plan(bed: &Bed, body: &str, own: Option<&Constraints>) -> Result<Plan, NothingLeft> {
    let object = Object::parse(body.to_owned()).expect("JSON");
    let call = bed.engine.call(&bed.route, &bed.head, Operation::Response, &object, bed.now);
    let call = own.into_iter().fold(call, Call::with_constraints);
    bed.engine.plan(&call)
}

fn keep(bed: &Bed, caller: Option<&Caller>, id: &str, deployment: &str) {
    bed.engine.remember(caller, &[id.into()], &Deployment::new(deployment, "p", "m"));
}

const NEXT: &str = r#"{"previous_response_id":"resp_1","input":"And then?"}"#;

#[test]
fn they_go_where_it_is_kept_and_nowhere_else() {
    let bed = bed();
    assert_eq!(names(&plan(&bed, NEXT, None).unwrap()), ["a", "b"], "nobody knows");
    keep(&bed, None, "resp_1", "b");
    let found = plan(&bed, NEXT, None).unwrap();
    assert_eq!((names(&found), found.steps()[0].why), (vec!["b".into()], Why::Stored));
    assert!(found.on_context_overflow().is_empty() && found.on_content_refusal().is_empty());
    keep(&bed, None, "conv_1", "c");
    for body in [r#"{"conversation":"conv_1"}"#, r#"{"conversation":{"id":"conv_1"}}"#] {
        assert_eq!(names(&plan(&bed, body, None).unwrap()), ["c"], "{body}: it went there by a list");
    }
    assert_eq!(names(&plan(&bed, r#"{"previous_response_id":"resp_2"}"#, None).unwrap()), ["a", "b"]);
    // What is no responses call has no such members.
    let object = Object::parse(NEXT).unwrap();
    assert_eq!(names(&bed.engine.plan(&bed.call(&object)).unwrap()), ["a", "b"]);
}

#[test]
fn constraints_hold_there_and_what_is_no_member_is_not_asked() {
    let bed = bed();
    keep(&bed, None, "resp_1", "b");
    let error = plan(&bed, NEXT, Some(&Constraints::new().providers(["q"]))).unwrap_err();
    let removed: Vec<_> = error.removed().map(|(deployment, _)| deployment.name()).collect();
    assert_eq!(removed, ["b"], "the others had no say");
    let alias = Alias::new("x").deployments(["a"]);
    let candidates = ["a", "b"].map(|name| candidate(name, ""));
    let new = Bed::with(alias, candidates, Engine::builder().taking_over(&bed.engine));
    assert_eq!(names(&plan(&new, NEXT, None).unwrap()), ["a"]);
}

#[test]
fn each_caller_has_ids_of_its_own_and_a_reload_forgets_none() {
    let mut bed = bed();
    let (one, two) = (Caller::new("one"), Caller::new("two"));
    keep(&bed, Some(&one), "resp_1", "b");
    for (caller, order) in [(two, vec!["a", "b"]), (one, vec!["b"])] {
        bed.head.extensions.insert(caller);
        assert_eq!(names(&plan(&bed, NEXT, None).unwrap()), order);
    }
    let candidates = ["a", "b"].map(|name| candidate(name, ""));
    let builder = Engine::builder().taking_over(&bed.engine);
    let mut new = Bed::with(Alias::new("x").deployments(["a", "b"]), candidates, builder);
    new.head = bed.head;
    assert_eq!(names(&plan(&new, NEXT, None).unwrap()), ["b"]);
}

#[test]
fn there_are_no_more_than_so_many() {
    let candidates = ["a", "b"].map(|name| candidate(name, ""));
    let builder = Engine::builder().max_conversations(100);
    let bed = Bed::with(Alias::new("x").deployments(["a", "b"]), candidates, builder);
    let goes = |n: usize| {
        let body = format!(r#"{{"previous_response_id":"resp_{n}"}}"#);
        names(&plan(&bed, &body, None).unwrap()).remove(0)
    };
    (0..1000).for_each(|n| keep(&bed, None, &format!("resp_{n}"), "b"));
    assert!((900..1000).all(|n| goes(n) == "b"));
    assert!((0..900).all(|n| goes(n) == "a"));
}
