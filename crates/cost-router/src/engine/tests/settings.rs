//! What can be set of an engine and of policies, and what these get to see.

use llm_layers_core::Usage;
use llm_layers_wire::openai::PromptTokensDetails;

use super::*;
use crate::{Cheapest, Choice, Fastest, Outcome};

const CACHING: &str = r#""price":{"input":"2","output":"0","cached_input":"0.2"}"#;

/// A bed where conversations go to `other` unless `caching` has their prompt.
fn caching(builder: super::super::EngineBuilder) -> Bed {
    let candidates = [candidate("caching", CACHING), priced("other", "1", "0")];
    Bed::with(Alias::new("x").policy(Cheapest).deployments(["caching", "other"]), candidates, builder)
}

fn conversation(n: usize) -> String {
    let text = "word ".repeat(400);
    format!(r#"{{"messages":[{{"role":"system","content":"{text}"}},{{"role":"user","content":"{n}"}}]}}"#)
}

fn usage(prompt: u64, cached: u64) -> Usage {
    let mut details = PromptTokensDetails::default();
    details.cached_tokens = Some(cached);
    let mut usage = Usage::new(prompt, 1);
    usage.prompt_tokens_details = Some(details);
    usage
}

/// All of this conversation's prompt is cached from now on.
fn visit(bed: &Bed, n: usize) {
    for cached in [0, 399] {
        let plan = bed.plan(&conversation(n)).unwrap();
        let step = plan.steps().iter().find(|step| plan.deployment(**step).unwrap().name() == "caching").unwrap();
        let call = plan.begin(*step).unwrap();
        call.used(&usage(400, cached));
        call.end(Outcome::Success);
    }
}

#[test]
fn how_long_caches_stay_warm_can_be_set() {
    let mut bed = caching(Engine::builder().cache_ttl(Duration::from_secs(3600)));
    visit(&bed, 0);
    bed.now += Duration::from_secs(3599);
    assert_eq!(bed.order(&conversation(0))[0], "caching");
    bed.now += Duration::from_secs(1);
    assert_eq!(bed.order(&conversation(0))[0], "other");
}

#[test]
fn a_reload_may_set_it_anew() {
    let old = caching(Engine::builder());
    visit(&old, 0);
    let mut new = caching(Engine::builder().cache_ttl(Duration::from_secs(60)).taking_over(&old.engine));
    new.now += Duration::from_secs(59);
    assert_eq!(new.order(&conversation(0))[0], "caching");
    new.now += Duration::from_secs(1);
    assert_eq!(new.order(&conversation(0))[0], "other");
}

#[test]
fn how_many_conversations_are_remembered_can_be_set() {
    for (max, known) in [(1000, 64), (16, 0)] {
        let bed = caching(Engine::builder().max_conversations(max));
        (0..64).for_each(|n| visit(&bed, n));
        // Sixteen are spread over as many parts: some of the last may have met.
        (64..80).for_each(|n| visit(&bed, n));
        let stay = |n: &usize| bed.order(&conversation(*n))[0] == "caching";
        let remembered = (0..64).filter(stay).count();
        assert!(remembered >= known && (max > 64 || remembered <= 16), "{max}: {remembered}");
    }
}

#[test]
fn what_is_cached_is_told() {
    let bed = caching(Engine::builder());
    let stats = bed.engine.stats("caching").unwrap();
    assert_eq!(stats.cached_share(), None);
    visit(&bed, 0);
    assert!(stats.cached_share().is_some_and(|share| share > 0.0 && share < 0.5));
}

#[tokio::test(start_paused = true)]
async fn how_far_the_fastest_is_spread_can_be_set() {
    let names = ["a", "b", "c"];
    let firsts = |policy: Fastest| {
        let candidates = names.map(|name| candidate(name, ""));
        let bed = Bed::new(Alias::new("x").policy(policy).deployments(names), candidates);
        for (name, time) in names.into_iter().zip([300, 310, 9000]) {
            let Some(Target::Deployment(direct)) = bed.engine.resolve(name) else { panic!("no deployment") };
            direct.begin(false).first_word(Duration::from_millis(time));
        }
        let count = |name: &str| (0..300).filter(|_| bed.order(HELLO)[0] == name).count();
        names.map(|name| count(name) > 0)
    };
    assert_eq!(firsts(Fastest::default().spread(1.0)), [true, false, false], "nobody else is as fast");
    // Of two that are drawn the slower one never goes first.
    assert_eq!(firsts(Fastest::default()), [true, false, false]);
    assert_eq!(firsts(Fastest::default().spread(f64::INFINITY)), [true, true, false]);
}

#[tokio::test(start_paused = true)]
async fn policies_see_what_is_asked_and_when() {
    let slowest = |call: &Call<'_>, choices: &mut [Choice<'_>]| {
        assert_eq!((call.operation(), call.is_streamed()), (Operation::ChatCompletion, false));
        assert_eq!(call.head().uri.path(), "/v1/chat/completions");
        choices.sort_by_key(|choice| std::cmp::Reverse(choice.stats().whole(call.instant())));
        assert!(choices.iter().all(|choice| choice.first_word() == choice.stats().whole(call.instant())));
    };
    let bed = Bed::new(Alias::new("x").policy(slowest).deployments(["a", "b"]), ["a", "b"].map(|n| candidate(n, "")));
    for (name, time) in [("a", 1), ("b", 2)] {
        let Some(Target::Deployment(direct)) = bed.engine.resolve(name) else { panic!("no deployment") };
        direct.begin(false).first_word(Duration::from_secs(time));
    }
    assert_eq!(bed.order(HELLO), ["b", "a"]);
}
