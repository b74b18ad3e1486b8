use llm_layers_catalogue::{Capability, Tier};
use tokio::time::Duration;

use super::*;
use crate::{Class, Constraint, Constraints, Hours, Why};

fn alias(names: &[&'static str]) -> Alias {
    Alias::new("x").deployments(names.iter().copied())
}

/// What each deployment was removed by, where none is left.
fn removed(bed: &Bed, body: &str) -> Vec<(String, &'static str)> {
    let error = bed.plan(body).expect_err("nothing is left");
    error.removed().map(|(deployment, constraint)| (deployment.name().to_owned(), constraint.as_str())).collect()
}

#[test]
fn what_the_request_needs_must_be_there_unless_nobody_knows() {
    let candidates = || {
        [
            candidate("plain", r#""capabilities":["streaming"]"#),
            candidate("tools", r#""capabilities":["tools"]"#),
            candidate("unknown", ""),
        ]
    };
    let bed = Bed::new(alias(&["plain", "tools", "unknown"]), candidates());
    assert_eq!(bed.order(HELLO), ["plain", "tools", "unknown"]);
    assert_eq!(bed.order(r#"{"tools":[{}]}"#), ["tools", "unknown"]);
    assert_eq!(bed.order(r#"{"tools":[{}],"stream":true}"#), ["unknown"]);
    let bed = Bed::new(alias(&["plain"]), candidates());
    let error = bed.plan(r#"{"tools":[{}]}"#).unwrap_err();
    assert_eq!(error.removed().next().unwrap().1, &Constraint::Capability(Capability::Tools));
    assert!(error.is_the_requests());
    assert_eq!(error.to_string(), "No deployment of `x` may answer this request: `plain`: it lacks tools.");
}

#[test]
fn prompt_and_answer_must_fit() {
    let candidates =
        || [candidate("short", r#""context_window":2000"#), candidate("long", r#""context_window":100000"#)];
    let bed = Bed::new(alias(&["short", "long"]), candidates());
    assert_eq!(bed.plan(HELLO).unwrap().prompt_tokens(), None, "so few bytes are few tokens, however they are counted");
    assert_eq!(bed.order(HELLO), ["short", "long"]);
    let body = |words: usize, max: usize| {
        format!(r#"{{"max_tokens":{max},"messages":[{{"role":"user","content":"{}"}}]}}"#, "word ".repeat(words))
    };
    assert_eq!(bed.order(&body(1500, 100)), ["short", "long"]);
    assert_eq!(bed.order(&body(1500, 700)), ["long"], "the answer must fit, too");
    assert_eq!(bed.order(&body(3000, 1)), ["long"]);
    let error = bed.plan(&body(3000, 200_000)).unwrap_err();
    assert!(error.is_the_requests());
    assert!(error.removed().all(|(_, constraint)| matches!(constraint, Constraint::ContextWindow { .. })));

    let bed = Bed::new(alias(&["short"]).on_context_overflow(["long"]), candidates());
    let plan = bed.plan(&body(3000, 1)).unwrap();
    assert_eq!((names(&plan), plan.steps()[0].why), (vec!["long".into()], Why::ContextOverflow));
    let plan = bed.plan(HELLO).unwrap();
    assert_eq!(names(&plan), ["short"], "what is only in a list is not chosen");
    assert_eq!(plan.deployment(plan.on_context_overflow()[0]).unwrap().name(), "long");
}

#[test]
fn trust_is_not_a_guess_and_holds_for_lists() {
    let candidates = || {
        [
            candidate("trains", r#""trains":true,"retains":true,"tier":"large","tier_source":"s""#),
            candidate("safe", r#""trains":false,"retains":false,"tier":"medium","tier_source":"s""#)
                .region("eu-west-1"),
            candidate("unknown", ""),
        ]
    };
    let all = ["trains", "safe", "unknown"];
    let left = |constraints: Constraints| Bed::new(alias(&all).constraints(constraints), candidates()).order(HELLO);
    assert_eq!(left(Constraints::new().no_training()), ["safe"]);
    assert_eq!(left(Constraints::new().no_logging()), ["safe"]);
    assert_eq!(left(Constraints::new().regions(["eu"])), ["safe"]);
    assert_eq!(left(Constraints::new().min_tier(Tier::Medium)), ["trains", "safe"]);
    assert_eq!(left(Constraints::new().min_tier(Tier::Large)), ["trains"]);
    let rules = Constraints::new().no_training();
    let bed = Bed::new(alias(&["safe"]).constraints(rules).on_content_refusal(["unknown", "safe"]), candidates());
    let plan = bed.plan(HELLO).unwrap();
    let refusal: Vec<_> = plan.on_content_refusal().iter().map(|step| plan.deployment(*step).unwrap().name()).collect();
    assert_eq!(refusal, ["safe"]);
    let bed = Bed::new(alias(&all).constraints(Constraints::new().providers(["q"])), candidates());
    let by_provider = all.map(|name| (name.to_owned(), "provider"));
    assert_eq!(removed(&bed, HELLO), by_provider);
    assert!(bed.plan(HELLO).unwrap_err().is_the_requests());
}

#[test]
fn a_request_has_constraints_of_its_own() {
    let candidates = [priced("a", "1", "1").region("eu"), priced("b", "1", "1").region("us")];
    let bed = Bed::new(alias(&["a", "b"]), candidates);
    let object = Object::parse(HELLO).unwrap();
    let own = Constraints::new().regions(["us"]);
    assert_eq!(names(&bed.engine.plan(&bed.call(&object).with_constraints(&own)).unwrap()), ["b"]);
    let own = Constraints::new().regions(["us"]).max_cost("0.0000001".parse().unwrap());
    let error = bed.engine.plan(&bed.call(&object).with_constraints(&own)).unwrap_err();
    let removed: Vec<_> = error.removed().map(|(_, constraint)| constraint.as_str()).collect();
    assert_eq!(removed, ["region", "max_cost"]);
}

#[test]
fn prices_are_bounded_and_unknown_ones_are_too_high() {
    let candidates = || {
        let tiers = r#""price":{"input":"1","output":"8","above":[{"tokens":1000,"input":"2"}]}"#;
        [candidate("tiers", tiers), priced("flat", "1.5", "10"), candidate("unknown", "")]
    };
    let left = |constraints: Constraints, body: &str| {
        Bed::new(alias(&["tiers", "flat", "unknown"]).constraints(constraints), candidates()).order(body)
    };
    let usd = |text: &str| text.parse().unwrap();
    assert_eq!(left(Constraints::new().max_input_price(usd("1.5")), HELLO), ["tiers", "flat"]);
    assert_eq!(left(Constraints::new().max_input_price(usd("1.49")), HELLO), ["tiers"]);
    assert_eq!(left(Constraints::new().max_output_price(usd("8")), HELLO), ["tiers"]);
    // 500 tokens are expected to come out, for 0.004 and 0.005.
    assert_eq!(left(Constraints::new().max_cost(usd("0.0045")), HELLO), ["tiers"]);
    let bed = Bed::new(alias(&["unknown"]).max_cost(usd("1000")), candidates());
    assert_eq!(removed(&bed, HELLO), [("unknown".to_owned(), "max_cost")]);
}

#[test]
fn a_price_is_a_price_though_it_is_prepaid() {
    let prepaid =
        r#""price":{"input":"9","output":"9","committed":{"input_per_minute":1000,"output_per_minute":1000}}"#;
    let left = |usd: &str| {
        let rules = Constraints::new().max_input_price(usd.parse().unwrap());
        let candidates = [candidate("prepaid", prepaid), priced("plain", "1", "1")];
        Bed::new(alias(&["prepaid", "plain"]).constraints(rules), candidates).order(HELLO)
    };
    assert_eq!(left("9"), ["prepaid", "plain"]);
    assert_eq!(left("8"), ["plain"], "what is over is billed, in the same minute");
}

#[tokio::test(start_paused = true)]
async fn what_is_slow_or_closed_is_so_for_a_while() {
    let at = |from: &str, to: &str| Hours::new("UTC", from, to).unwrap();
    let candidates = || [priced("a", "1", "1"), priced("b", "1", "1").hours(at("12:00", "13:00"))];
    let bed = Bed::new(alias(&["a", "b"]).max_p99(Duration::from_secs(1)), candidates());
    let Some(Target::Deployment(a)) = bed.engine.resolve("a") else { panic!("no a") };
    (0..30).for_each(|_| a.begin(false).first_word(Duration::from_secs(3)));
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(bed.order(HELLO), ["b"]);
    let mut later = bed;
    later.now += Duration::from_secs(3600);
    let error = later.plan(HELLO).unwrap_err();
    let constraints: Vec<_> = error.removed().map(|(_, constraint)| constraint.as_str()).collect();
    assert_eq!(constraints, ["max_p99", "hours"]);
    assert!(!error.is_the_requests(), "503: it may be otherwise in a while");
    let bed = Bed::new(alias(&["a", "b"]).hours(at("13:00", "14:00")), candidates());
    assert_eq!(removed(&bed, HELLO), [("a".to_owned(), "hours"), ("b".to_owned(), "hours")]);
}

#[test]
fn classes_kinds_and_deprecations_are_kept_apart() {
    let candidates = || {
        [
            priced("both", "1", "1"),
            priced("nights", "1", "1").only_for(Class::Batch),
            candidate("embeds", r#""kind":"embedding""#),
            candidate("gone", r#""deprecated":"2026-03-11""#),
            candidate("going", r#""deprecated":"2026-03-12""#),
        ]
    };
    let all = ["both", "nights", "embeds", "gone", "going"];
    let bed = Bed::new(alias(&all), candidates());
    assert_eq!(bed.order(HELLO), ["both", "going"]);
    assert_eq!(Bed::new(alias(&all).class(Class::Batch), candidates()).order(HELLO), ["both", "nights", "going"]);
    let object = Object::parse(r#"{"input":"x"}"#).unwrap();
    let call = bed.engine.call(&bed.route, &bed.head, Operation::Embedding, &object, bed.now);
    assert_eq!(names(&bed.engine.plan(&call).unwrap()), ["embeds"]);
    let bed = Bed::new(alias(&["embeds", "gone", "nights"]), candidates());
    let expected = [("embeds", "kind"), ("gone", "deprecated"), ("nights", "class")];
    assert_eq!(removed(&bed, HELLO), expected.map(|(name, by)| (name.to_owned(), by)));
}

#[test]
fn a_long_list_of_reasons_is_cut() {
    let names: Vec<_> = (0..50).map(|n| format!("d{n}")).collect();
    let candidates = names.iter().map(|name| candidate(name, ""));
    let alias = Alias::new("x").deployments(names.clone()).constraints(Constraints::new().no_training());
    let message = Bed::new(alias, candidates).plan(HELLO).unwrap_err().to_string();
    assert!(message.ends_with("; and 30 more.") && message.len() < 2000, "{message}");
}
