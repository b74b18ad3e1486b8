//! What of an alias's lists is asked, and told.

use super::*;
use crate::{Class, Constraint, Constraints, Hours, Why};

fn list(plan: &Plan, steps: &[crate::Step]) -> Vec<String> {
    steps.iter().map(|step| plan.deployment(*step).expect("a deployment").name().to_owned()).collect()
}

fn three() -> [Candidate; 3] {
    ["a", "b", "c"].map(|name| candidate(name, ""))
}

#[test]
fn what_cannot_be_called_goes_last_there_too() {
    let alias = Alias::new("x").deployments(["a"]).on_context_overflow(["b", "c"]).on_content_refusal(["c", "b", "a"]);
    let builder = Engine::builder().available(|deployment| deployment.name() != "b");
    let bed = Bed::with(alias, three(), builder);
    let plan = bed.plan(HELLO).unwrap();
    assert_eq!(list(&plan, plan.on_context_overflow()), ["c", "b"]);
    assert_eq!(list(&plan, plan.on_content_refusal()), ["c", "a", "b"]);
    assert!(plan.on_context_overflow().iter().all(|step| step.why == Why::ContextOverflow));
}

#[test]
fn each_is_told_once_and_only_who_had_a_say() {
    let never = Hours::new("UTC", "00:00", "00:01").unwrap();
    let candidates = || {
        [
            candidate("short", r#""context_window":100"#),
            candidate("plain", r#""capabilities":[]"#),
            candidate("closed", "").hours(never.clone()),
        ]
    };
    let long = format!(r#"{{"tools":[{{}}],"messages":[{{"role":"user","content":"{}"}}]}}"#, "word ".repeat(2000));
    let told = |alias: Alias, body: &str| {
        let error = Bed::new(alias, candidates()).plan(body).unwrap_err();
        let names: Vec<_> = error.removed().map(|(deployment, _)| deployment.name().to_owned()).collect();
        (names, error.is_the_requests())
    };
    // A list for refusals makes no difference, nor does one for long prompts where none was too long.
    let alias = || Alias::new("x").deployments(["plain"]).on_content_refusal(["closed"]);
    assert_eq!(told(alias(), &long), (vec!["plain".into()], true));
    assert_eq!(told(alias().on_context_overflow(["closed", "plain"]), &long), (vec!["plain".into()], true));
    // Here it would have been asked.
    let alias = Alias::new("x").deployments(["plain", "short"]).on_context_overflow(["closed", "plain"]);
    assert_eq!(told(alias, &long), (["plain", "short", "closed"].map(str::to_owned).to_vec(), false));
    // A prompt that is too long for who is asked after refusals is none that is too long.
    let alias = Alias::new("x").deployments(["plain"]).on_context_overflow(["closed"]).on_content_refusal(["short"]);
    assert_eq!(told(alias, &long), (vec!["plain".into()], true));
}

#[test]
fn the_first_that_is_allowed_is_found_without_a_request() {
    let hours = |from, to| Hours::new("UTC", from, to).unwrap();
    let candidates = || {
        [
            candidate("gone", r#""deprecated":"2026-03-11""#),
            candidate("nights", "").only_for(Class::Batch),
            candidate("closed", "").hours(hours("20:00", "21:00")),
            candidate("us", "").region("us"),
            candidate("down", "").region("eu"),
            // It makes no pictures, for all that is known: that is not asked.
            candidate("eu", r#""kind":"embedding""#).region("eu"),
        ]
    };
    let all = ["gone", "nights", "closed", "us", "down", "eu"];
    let builder = || Engine::builder().available(|deployment| deployment.name() != "down");
    let bed = |alias: Alias| Bed::with(alias.deployments(all), candidates(), builder());
    let ask = |bed: &Bed, name: &str, class, own: Option<&Constraints>| {
        let found = bed.engine.first_allowed(name, class, own, bed.now, |_| true).expect("a known name");
        found.map(|deployment| deployment.name().to_owned())
    };
    let plain = bed(Alias::new("x"));
    assert!(plain.engine.first_allowed("y", None, None, plain.now, |_| true).is_none());
    assert_eq!(ask(&plain, "x", None, None).unwrap(), "us");
    assert_eq!(ask(&plain, "x", Some(Class::Batch), None).unwrap(), "nights");
    assert_eq!(ask(&bed(Alias::new("x").class(Class::Batch)), "x", None, None).unwrap(), "nights");
    let eu = Constraints::new().regions(["eu"]);
    assert_eq!(ask(&plain, "x", None, Some(&eu)).unwrap(), "eu", "the other one cannot be called");
    assert_eq!(ask(&bed(Alias::new("x").constraints(eu.clone())), "x", None, None).unwrap(), "eu");
    let alone = Bed::with(Alias::new("x").deployments(["down"]), candidates(), builder());
    assert_eq!(ask(&alone, "x", None, None).unwrap(), "down", "better than nobody");

    let serving = |names: &'static [&'static str]| {
        let serves = |deployment: &Deployment| names.contains(&deployment.name());
        let found = plain.engine.first_allowed("x", None, Some(&Constraints::new()), plain.now, serves);
        found.unwrap().unwrap().name().to_owned()
    };
    assert_eq!(serving(&["eu", "down", "gone"]), "eu");
    assert_eq!(serving(&["down"]), "down", "rather one that cannot be called now than one that never can");
    assert_eq!(serving(&["gone"]), "us", "it will say itself that it cannot");

    let removed = |error: NothingLeft| error.removed().map(|(_, constraint)| constraint.as_str()).collect::<Vec<_>>();
    let mars = Constraints::new().regions(["mars"]);
    let error = ask(&plain, "x", None, Some(&mars)).unwrap_err();
    assert_eq!((error.is_the_requests(), removed(error)), (true, vec!["region"; 6]));
    let error = ask(&bed(Alias::new("x").hours(hours("20:00", "21:00"))), "x", None, None).unwrap_err();
    assert!(!error.is_the_requests());
    assert_eq!(removed(error), ["deprecated", "class", "hours", "hours", "hours", "hours"]);

    // By their own names, too.
    assert_eq!(ask(&plain, "us", None, None).unwrap(), "us");
    assert_eq!(removed(ask(&plain, "us", None, Some(&eu)).unwrap_err()), ["region"]);
    assert_eq!(removed(ask(&plain, "closed", None, None).unwrap_err()), ["hours"]);
    let error = ask(&plain, "nights", None, None).unwrap_err();
    assert_eq!(error.removed().next().unwrap().1, &Constraint::Class { class: Class::Interactive });
    assert!(ask(&plain, "nights", Some(Class::Batch), None).is_ok());
}
