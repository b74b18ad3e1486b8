use std::collections::HashMap;

use http::{HeaderName, HeaderValue};
use llm_layers_core::{Caller, FailureKind, Usage};
use tokio::time::Duration;

use super::*;
use crate::{Balanced, Cheapest, Fastest, LeastBusy, Outcome, RoutesError, Sticky, Weighted, Why};

fn three() -> [Candidate; 3] {
    [priced("a", "3", "15"), priced("b", "0.1", "0.4"), candidate("c", "")]
}

#[test]
fn ordered_is_as_set_and_counts_nothing() {
    let bed = Bed::new(Alias::new("x").deployments(["c", "a", "b"]), three());
    let plan = bed.plan(HELLO).unwrap();
    assert_eq!((names(&plan), plan.prompt_tokens()), (vec!["c".into(), "a".into(), "b".into()], None));
    assert_eq!((plan.alias(), plan.policy(), plan.steps()[0].why), ("x", "ordered", Why::Policy));
}

#[test]
fn cheapest_puts_what_nobody_knows_the_price_of_last() {
    let bed = Bed::new(Alias::new("x").policy(Cheapest).deployments(["c", "a", "b"]), three());
    let plan = bed.plan(HELLO).unwrap();
    assert_eq!(names(&plan), ["b", "a", "c"]);
    assert!(plan.prompt_tokens().is_some() && plan.steps()[2].cost().is_none());
}

#[test]
fn cheapest_is_by_this_very_request() {
    // One has cheap input, the other cheap output.
    let bed = |max: &str| {
        let alias = Alias::new("x").policy(Cheapest).deployments(["in", "out"]);
        let bed = Bed::new(alias, [priced("in", "0.1", "20"), priced("out", "5", "1")]);
        let text = "word ".repeat(1000);
        bed.order(&format!(r#"{{"messages":[{{"role":"user","content":"{text}"}}]{max}}}"#)).remove(0)
    };
    assert_eq!(bed(r#","max_tokens":10"#), "in");
    assert_eq!(bed(""), "out", "500 tokens are expected where nothing is known");
}

#[test]
fn the_expected_answer_is_what_the_alias_has_seen_and_no_more_than_is_asked_for() {
    let bed = Bed::new(Alias::new("x").policy(Cheapest).deployments(["a"]), three());
    let expected = |body: &str| bed.call(&Object::parse(body.to_owned()).unwrap()).expected_output();
    assert_eq!((expected("{}"), expected(r#"{"max_tokens":100}"#)), (500, 100));
    let plan = bed.plan(HELLO).unwrap();
    let call = plan.begin(plan.steps()[0]).unwrap();
    call.used(&Usage::new(10, 80));
    call.end(Outcome::Success);
    assert_eq!((expected("{}"), expected(r#"{"max_tokens":100}"#), expected(r#"{"max_tokens":7}"#)), (80, 80, 7));
}

#[test]
fn weighted_keeps_shares() {
    let alias = Alias::new("x").policy(Weighted).deployments([("a", 90), ("b", 10), ("c", 0)]);
    let bed = Bed::new(alias, three());
    let mut firsts = HashMap::<String, u32>::new();
    for _ in 0..10_000 {
        let order = bed.order(HELLO);
        assert_eq!(order[2], "c", "a weight of 0 is for when the others have failed");
        *firsts.entry(order[0].clone()).or_default() += 1;
    }
    assert!((8_850..9_150).contains(&firsts["a"]), "{firsts:?}");
}

#[test]
fn a_sticky_key_always_goes_to_the_same_and_few_move() {
    let order = |weights: [(&'static str, u32); 3], user: u32| {
        let bed = Bed::new(Alias::new("x").policy(Weighted).deployments(weights).sticky(Sticky::User), three());
        bed.order(&format!(r#"{{"user":"user-{user}"}}"#)).remove(0)
    };
    let mut shares = HashMap::<String, u32>::new();
    for user in 0..1_000 {
        let before = order([("a", 50), ("b", 30), ("c", 20)], user);
        assert_eq!(before, order([("a", 50), ("b", 30), ("c", 20)], user));
        let after = order([("a", 50), ("b", 30), ("c", 40)], user);
        assert!(after == before || after == "c", "users move to what has grown, and nowhere else");
        *shares.entry(before).or_default() += 1;
    }
    assert!((430..570).contains(&shares["a"]) && (150..250).contains(&shares["c"]), "{shares:?}");
}

#[test]
fn a_sticky_key_is_of_a_header_a_user_or_a_caller() {
    let key = |sticky: Sticky, head: &dyn Fn(&mut Parts), body: &str| {
        let mut bed = Bed::new(Alias::new("x").deployments(["a"]).sticky(sticky), three());
        head(&mut bed.head);
        bed.call(&Object::parse(body.to_owned()).unwrap()).sticky()
    };
    let nothing = |_: &mut Parts| {};
    assert!(key(Sticky::User, &nothing, "{}").is_none() && key(Sticky::Caller, &nothing, "{}").is_none());
    let user = key(Sticky::User, &nothing, r#"{"user":"u"}"#);
    assert!(user.is_some());
    assert_eq!(key(Sticky::User, &nothing, r#"{"metadata":{"x":[1],"user_id":"u"}}"#), user);
    let caller = |head: &mut Parts| drop(head.extensions.insert(Caller::new("u")));
    assert_eq!(key(Sticky::Caller, &caller, "{}"), user);
    let header = HeaderName::from_static("x-session");
    let with = |head: &mut Parts| drop(head.headers.insert("x-session", HeaderValue::from_static("u")));
    assert_eq!(key(Sticky::Header(header), &with, "{}"), user);
}

fn tell(bed: &Bed, deployment: &str, first_word: Duration) {
    let Some(Target::Deployment(direct)) = bed.engine.resolve(deployment) else { panic!("no deployment") };
    direct.begin(false).first_word(first_word);
}

#[tokio::test(start_paused = true)]
async fn fastest_tries_what_it_does_not_know_and_then_goes_by_times() {
    let bed = Bed::new(Alias::new("x").policy(Fastest::default()).deployments(["a", "b", "c"]), three());
    tell(&bed, "a", Duration::from_millis(300));
    tell(&bed, "c", Duration::from_millis(2000));
    assert_eq!(bed.order(HELLO), ["b", "a", "c"]);
    let plan = bed.plan(HELLO).unwrap();
    let trying = plan.begin(plan.steps()[0]);
    assert_eq!(bed.order(HELLO), ["a", "c", "b"], "one call finds it out, not all of them");
    drop(trying);
    tell(&bed, "b", Duration::from_millis(400));
    let mut firsts = HashMap::<String, u32>::new();
    for _ in 0..100 {
        let order = bed.order(HELLO);
        assert_eq!(order[2], "c", "it is far slower");
        *firsts.entry(order[0].clone()).or_default() += 1;
    }
    assert_eq!(firsts.get("a"), Some(&100), "of two that are drawn from two the faster one goes first");
}

#[tokio::test(start_paused = true)]
async fn fastest_spreads_calls_over_those_that_are_near() {
    let candidates: Vec<_> = (0..8).map(|n| priced(&format!("d{n}"), "1", "1")).collect();
    let members: Vec<_> = (0..8).map(|n| format!("d{n}")).collect();
    let bed = Bed::new(Alias::new("x").policy(Fastest::default()).deployments(members), candidates);
    (0..8).for_each(|n| tell(&bed, &format!("d{n}"), Duration::from_millis(300 + 10 * n)));
    let mut firsts = HashMap::<String, u32>::new();
    for _ in 0..1000 {
        let mut order = bed.order(HELLO);
        *firsts.entry(order.remove(0)).or_default() += 1;
        assert!(order.is_sorted(), "the rest is in order of times: {order:?}");
    }
    assert!(firsts["d0"] > firsts["d3"] && firsts["d3"] > firsts["d6"], "{firsts:?}");
    assert!(firsts["d0"] < 400 && !firsts.contains_key("d7"), "{firsts:?}");
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_neither_fast_nor_idle() {
    let alias = || Alias::new("x").deployments(["a", "b"]);
    for alias in [alias().policy(Fastest::default()), alias().policy(LeastBusy)] {
        let bed = Bed::new(alias, three());
        tell(&bed, "a", Duration::from_millis(300));
        let Some(Target::Deployment(b)) = bed.engine.resolve("b") else { panic!("no b") };
        // It has never answered, fails at once, and is busy with nothing.
        (0..20).for_each(|_| b.begin(false).end(Outcome::Failure(FailureKind::Upstream)));
        for _ in 0..100 {
            assert_eq!(bed.order(HELLO), ["a", "b"]);
        }
        tokio::time::advance(Duration::from_secs(30 * 60)).await;
        let tried = (0..100).filter(|_| bed.order(HELLO)[0] == "b").count();
        assert!(tried > 20, "after a while it is tried again: {tried}");
    }
    // Known ones, too: half of the calls to the faster one are in vain.
    let bed = Bed::new(alias().policy(Fastest::default()), three());
    tell(&bed, "a", Duration::from_millis(300));
    tell(&bed, "b", Duration::from_millis(200));
    assert_eq!(bed.order(HELLO), ["b", "a"]);
    let Some(Target::Deployment(b)) = bed.engine.resolve("b") else { panic!("no b") };
    (0..7).for_each(|_| b.begin(false).end(Outcome::Failure(FailureKind::Upstream)));
    assert_eq!(bed.order(HELLO), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn streams_and_whole_answers_go_by_times_of_their_own() {
    let bed = Bed::new(Alias::new("x").policy(Fastest::default()).deployments(["a", "b"]), three());
    let tell = |name: &str, is_streamed, time| {
        let Some(Target::Deployment(direct)) = bed.engine.resolve(name) else { panic!("no deployment") };
        direct.begin(is_streamed).first_word(Duration::from_millis(time));
    };
    // One begins sooner, the other is done sooner.
    for (name, first_word, whole) in [("a", 200, 9000), ("b", 900, 4000)] {
        tell(name, true, first_word);
        tell(name, false, whole);
    }
    assert_eq!(bed.order(r#"{"stream":true,"messages":[]}"#), ["a", "b"]);
    assert_eq!(bed.order(r#"{"messages":[]}"#), ["b", "a"]);
    let bed = Bed::new(Alias::new("x").deployments(["a"]).max_p99(Duration::from_secs(2)), three());
    let Some(Target::Deployment(a)) = bed.engine.resolve("a") else { panic!("no a") };
    (0..20).for_each(|_| a.begin(false).first_word(Duration::from_secs(9)));
    assert!(bed.plan(r#"{"stream":true,"messages":[]}"#).is_ok(), "its first words were not slow");
    assert!(bed.plan(r#"{"messages":[]}"#).is_err());
}

#[tokio::test(start_paused = true)]
async fn balanced_weighs_cost_time_and_failures() {
    let order = |policy: Balanced, failures: u32| {
        let bed = Bed::new(Alias::new("x").policy(policy).deployments(["a", "b"]), three());
        tell(&bed, "a", Duration::from_millis(300));
        tell(&bed, "b", Duration::from_millis(900));
        for _ in 0..failures {
            let Some(Target::Deployment(b)) = bed.engine.resolve("b") else { panic!("no b") };
            b.begin(false).end(Outcome::Failure(FailureKind::Upstream));
        }
        bed.order(HELLO).remove(0)
    };
    assert_eq!(order(Balanced::default(), 0), "b", "thirty times cheaper, three times slower");
    assert_eq!(order(Balanced::default().latency(9.0), 0), "a");
    assert_eq!(order(Balanced::default(), 30), "a");
    assert_eq!(order(Balanced::default().failures(0.0), 30), "b");
    assert_eq!(order(Balanced::default().cost(0.0).latency(f64::NAN), 0), "a", "all the same: as set");
}

#[test]
fn balanced_counts_only_for_the_cost() {
    let bed = Bed::new(Alias::new("x").policy(Balanced::default().cost(0.0)).deployments(["a", "b"]), three());
    assert_eq!(bed.plan(HELLO).unwrap().prompt_tokens(), None);
}

#[test]
fn least_busy_is_by_weight_and_chance() {
    let bed = Bed::new(Alias::new("x").policy(LeastBusy).deployments([("a", 2), ("b", 1), ("c", 1)]), three());
    let mut calls = Vec::new();
    let mut counts = HashMap::<String, u32>::new();
    for _ in 0..40 {
        let plan = bed.plan(HELLO).unwrap();
        *counts.entry(names(&plan).remove(0)).or_default() += 1;
        calls.push(plan.begin(plan.steps()[0]).unwrap());
    }
    assert_eq!((counts["a"], counts["b"], counts["c"]), (20, 10, 10));
    drop(calls);
    let bed = Bed::new(Alias::new("x").policy(LeastBusy).deployments(["a", "b"]), three());
    let firsts = (0..200).filter(|_| bed.order(HELLO)[0] == "a").count();
    assert!((60..140).contains(&firsts), "{firsts}");
}

#[test]
fn closures_are_policies() {
    let by_name = |_: &Call<'_>, choices: &mut [crate::Choice<'_>]| {
        choices.sort_by(|a, b| b.deployment().name().cmp(a.deployment().name()));
    };
    let bed = Bed::new(Alias::new("x").policy(by_name).deployments(["a", "b", "c"]), three());
    let plan = bed.plan(HELLO).unwrap();
    assert_eq!((names(&plan), plan.policy()), (vec!["c".into(), "b".into(), "a".into()], "custom"));
    assert!(plan.prompt_tokens().is_some());
}

#[test]
fn what_cannot_be_called_is_asked_last_and_not_left_out() {
    let builder = Engine::builder().available(|deployment| deployment.name() != "b");
    let bed = Bed::with(Alias::new("x").policy(Cheapest).deployments(["a", "b", "c"]), three(), builder);
    let plan = bed.plan(HELLO).unwrap();
    assert_eq!(names(&plan), ["a", "c", "b"]);
    assert_eq!(plan.steps()[2].why, Why::Unavailable);
}

#[test]
fn what_complexity_prefers_goes_first_in_the_order_of_the_policy() {
    let bed = Bed::new(Alias::new("x").policy(Cheapest).deployments(["a", "b", "c"]), three());
    let object = Object::parse(HELLO).unwrap();
    let preferred = ["c".into(), "a".into()];
    let plan = bed.engine.plan(&bed.call(&object).with_preferred(&preferred)).unwrap();
    assert_eq!(names(&plan), ["a", "c", "b"]);
    assert_eq!((plan.steps()[0].why, plan.steps()[2].why), (Why::Complexity, Why::Policy));
}

#[test]
fn thrift_is_the_cheapest_whatever_is_set() {
    let bed = Bed::new(Alias::new("x").deployments(["a", "b"]), three());
    let object = Object::parse(HELLO).unwrap();
    let plan = bed.engine.plan(&bed.call(&object).with_thrift(true)).unwrap();
    assert_eq!((names(&plan), plan.steps()[0].why), (vec!["b".into(), "a".into()], Why::Budget));
    assert_eq!(plan.policy(), "cheapest");
}

#[test]
fn a_deployment_may_be_asked_for_by_its_name_and_an_alias_goes_before_it() {
    let bed = Bed::new(Alias::new("b").deployments(["a"]), three());
    assert!(matches!(bed.engine.resolve("a"), Some(Target::Deployment(direct)) if direct.deployment().name() == "a"));
    assert!(matches!(bed.engine.resolve("b"), Some(Target::Alias(route)) if route.name() == "b"));
    assert!(bed.engine.resolve("d").is_none());
}

#[test]
fn routes_are_checked() {
    let error = |routes: Routes| Engine::new(&routes).unwrap_err();
    let a = || Routes::new().deployment(priced("a", "1", "1"));
    assert_eq!(error(a().deployment(priced("a", "1", "1"))), RoutesError::Twice { name: "a".into() });
    assert_eq!(error(a().alias(Alias::new("x"))), RoutesError::Empty { alias: "x".into() });
    assert_eq!(error(a().alias(Alias::new("x").deployments(["a", "a"]))), RoutesError::Twice { name: "a".into() });
    let unknown = RoutesError::UnknownDeployment { alias: "x".into(), deployment: "b".into() };
    assert_eq!(error(a().alias(Alias::new("x").deployments(["a", "b"]))), unknown);
    assert_eq!(error(a().alias(Alias::new("x").deployments(["a"]).on_content_refusal(["b"]))), unknown);
}

#[tokio::test(start_paused = true)]
async fn a_reload_keeps_what_was_learnt() {
    let alias = || Alias::new("x").policy(Fastest::default()).deployments(["a", "b"]);
    let old = Bed::new(alias(), three());
    tell(&old, "a", Duration::from_secs(2));
    let plan = old.plan(HELLO).unwrap();
    plan.begin(plan.steps()[0]).unwrap().used(&Usage::new(1, 77));
    let new = Bed::with(alias(), three(), Engine::builder().taking_over(&old.engine));
    let now = tokio::time::Instant::now();
    assert_eq!(new.engine.stats("a").unwrap().whole(now), Some(Duration::from_secs(2)));
    assert_eq!(new.call(&Object::parse("{}").unwrap()).expected_output(), 77);
    // Another model by the same name has all to show anew.
    let other = Candidate::new(Deployment::new("a", "p", "other"));
    let new = Bed::with(alias(), [other, priced("b", "1", "1")], Engine::builder().taking_over(&old.engine));
    assert_eq!(new.engine.stats("a").unwrap().whole(now), None);
}
