use llm_layers_core::Usage;
use tokio::time::Duration;

use super::*;
use crate::{Cheapest, Outcome, Why};

const CACHING: &str = r#""price":{"input":"2","output":"0","cached_input":"0.2"}"#;

fn conversation(turns: usize) -> String {
    let text = "word ".repeat(400);
    let more = r#",{"role":"assistant","content":"b"},{"role":"user","content":"c"}"#.repeat(turns);
    format!(r#"{{"messages":[{{"role":"system","content":"{text}"}},{{"role":"user","content":"a"}}{more}]}}"#)
}

fn usage(prompt: u64, cached: u64) -> Usage {
    let json = format!(
        r#"{{"prompt_tokens":{prompt},"completion_tokens":1,"prompt_tokens_details":{{"cached_tokens":{cached}}}}}"#
    );
    let object = Object::parse(format!(r#"{{"usage":{json}}}"#)).unwrap();
    object.read("usage").unwrap().unwrap()
}

fn answer(plan: &Plan, deployment: &str, usage: &Usage) {
    let step = plan.steps().iter().find(|step| plan.deployment(**step).unwrap().name() == deployment).unwrap();
    let call = plan.begin(*step).unwrap();
    call.used(usage);
    call.end(Outcome::Success);
}

/// Of two deployments, of which the first costs less once it has cached the prompt, and the second so much.
fn bed(other: &str) -> Bed {
    let candidates = [candidate("caching", CACHING), priced("other", other, "0")];
    Bed::new(Alias::new("x").policy(Cheapest).deployments(["caching", "other"]), candidates)
}

#[test]
fn a_conversation_stays_while_its_cache_saves_more_than_another_would() {
    let bed = bed("1");
    let first = bed.plan(&conversation(0)).unwrap();
    assert_eq!(names(&first), ["other", "caching"], "nothing is cached anywhere");
    // It went there all the same: the other one failed.
    answer(&first, "caching", &usage(400, 0));
    let second = bed.plan(&conversation(1)).unwrap();
    assert_eq!(names(&second), ["other", "caching"], "nobody has seen that anything is cached there");
    answer(&second, "caching", &usage(410, 400));
    let third = bed.plan(&conversation(2)).unwrap();
    assert_eq!((names(&third), third.steps()[0].why), (vec!["caching".into(), "other".into()], Why::WarmCache));
    let stranger = conversation(2).replace("\"a\"", "\"z\"");
    assert_eq!(bed.order(&stranger), ["other", "caching"], "another conversation has nothing there");
}

#[test]
fn a_warm_cache_is_told_of_where_it_made_a_difference() {
    let why = |bed: &Bed| {
        for turn in 0..2 {
            answer(&bed.plan(&conversation(turn)).unwrap(), "caching", &usage(400, 390 * turn as u64));
        }
        let plan = bed.plan(&conversation(2)).unwrap();
        (names(&plan).remove(0), plan.steps()[0].why)
    };
    assert_eq!(why(&bed("1")), ("caching".into(), Why::WarmCache));
    assert_eq!(why(&bed("3")), ("caching".into(), Why::Policy), "it costs less all the same");
    let unknown = [candidate("caching", CACHING), candidate("other", "")];
    let unknown = Bed::new(Alias::new("x").policy(Cheapest).deployments(["caching", "other"]), unknown);
    assert_eq!(why(&unknown), ("caching".into(), Why::Policy), "what the other one costs nobody knows");
    let alone = Bed::new(Alias::new("x").policy(Cheapest).deployments(["caching"]), [candidate("caching", CACHING)]);
    assert_eq!(why(&alone), ("caching".into(), Why::Policy));
    let candidates = [candidate("caching", CACHING), priced("other", "1", "0")];
    let ordered = Bed::new(Alias::new("x").deployments(["caching", "other"]), candidates);
    assert_eq!(why(&ordered), ("caching".into(), Why::Policy), "it is the first in any case");
}

#[test]
fn it_moves_where_another_costs_less_all_the_same() {
    let bed = bed("0.1");
    for turn in 0..3 {
        let plan = bed.plan(&conversation(turn)).unwrap();
        answer(&plan, "caching", &usage(400, 399));
    }
    assert_eq!(bed.order(&conversation(3)), ["other", "caching"]);
}

#[test]
fn it_goes_back_to_where_caches_have_cost_less_in_the_end() {
    let both = [
        candidate("caching", CACHING),
        candidate("dearer", r#""price":{"input":"3","output":"0","cached_input":"1.5"}"#),
    ];
    let bed = Bed::new(Alias::new("x").policy(Cheapest).deployments(["caching", "dearer"]), both);
    // Other conversations have found all they had said.
    (0..40).for_each(|n| {
        let other = conversation(n % 2).replace("\"a\"", &format!("\"{}\"", n / 2));
        answer(&bed.plan(&other).unwrap(), "caching", &usage(400, 399 * (n as u64 % 2)));
    });
    // This one had to go elsewhere: there, too, all of it is cached now.
    for turn in 0..2 {
        answer(&bed.plan(&conversation(turn)).unwrap(), "dearer", &usage(400, 399 * turn as u64));
    }
    assert_eq!(bed.order(&conversation(2)), ["caching", "dearer"], "1.5 there; 2 here once and 0.2 from then on");
}

#[test]
fn policies_that_do_not_count_stay_by_what_the_provider_counted() {
    let dearest = |_: &Call<'_>, choices: &mut [crate::Choice<'_>]| choices.reverse();
    struct Uncounted<F>(F);
    impl<F: Fn(&Call<'_>, &mut [crate::Choice<'_>]) + Send + Sync + 'static> crate::Policy for Uncounted<F> {
        fn name(&self) -> &str {
            "uncounted"
        }
        fn arrange(&self, call: &Call<'_>, choices: &mut [crate::Choice<'_>]) {
            (self.0)(call, choices);
        }
    }
    let candidates = || [candidate("caching", CACHING), priced("other", "1", "0")];
    let alias = || Alias::new("x").policy(Uncounted(dearest)).deployments(["caching", "other"]);
    let stays = Bed::new(alias(), candidates());
    let leaves = Bed::new(alias().affinity(false), candidates());
    for bed in [&stays, &leaves] {
        for turn in 0..2 {
            answer(&bed.plan(&conversation(turn)).unwrap(), "caching", &usage(400, 390));
        }
    }
    let plan = stays.plan(&conversation(2)).unwrap();
    assert_eq!((names(&plan), plan.prompt_tokens()), (vec!["caching".into(), "other".into()], None));
    assert_eq!(leaves.order(&conversation(2)), ["other", "caching"]);
}

#[test]
fn a_cache_grows_cold() {
    let mut bed = bed("1");
    for turn in 0..2 {
        answer(&bed.plan(&conversation(turn)).unwrap(), "caching", &usage(400, 399 * turn as u64));
    }
    assert_eq!(bed.order(&conversation(2))[0], "caching");
    bed.now += Duration::from_secs(300);
    let builder = Engine::builder().taking_over(&bed.engine);
    assert_eq!(bed.order(&conversation(2))[0], "other");
    bed.now -= Duration::from_secs(200);
    let candidates = [candidate("caching", CACHING), priced("other", "1", "0")];
    let mut new = Bed::with(Alias::new("x").policy(Cheapest).deployments(["caching", "other"]), candidates, builder);
    new.now = bed.now;
    assert_eq!(new.order(&conversation(2))[0], "caching", "a reload forgets nothing");
}

#[test]
fn what_cannot_be_called_keeps_nobody() {
    let builder = Engine::builder().available(|deployment| deployment.name() != "caching");
    let candidates = [candidate("caching", CACHING), priced("other", "1", "0")];
    let bed = Bed::with(Alias::new("x").policy(Cheapest).deployments(["caching", "other"]), candidates, builder);
    for turn in 0..2 {
        answer(&bed.plan(&conversation(turn)).unwrap(), "caching", &usage(400, 399));
    }
    assert_eq!(bed.order(&conversation(2)), ["other", "caching"]);
}
