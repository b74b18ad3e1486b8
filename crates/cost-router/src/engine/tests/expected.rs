//! What is expected of caches and thoughts, in 10^-15 US dollars.

use llm_layers_core::Usage;

use super::*;
use crate::{Cheapest, Ordered, Outcome};

/// The expected cost at each deployment, by name.
fn costs(bed: &Bed, body: &str) -> Vec<(String, Option<u64>)> {
    let plan = bed.plan(body).unwrap();
    let mut costs: Vec<_> = plan.steps().iter().map(|step| step.cost()).collect();
    names(&plan).into_iter().zip(costs.drain(..)).collect()
}

fn tell(bed: &Bed, body: &str, deployment: &str, usage: &str) {
    let plan = bed.plan(body).unwrap();
    let step = plan.steps().iter().find(|step| plan.deployment(**step).unwrap().name() == deployment).unwrap();
    let call = plan.begin(*step).unwrap();
    let object = Object::parse(format!(r#"{{"usage":{usage}}}"#)).unwrap();
    call.used(&object.read::<Usage>("usage").unwrap().unwrap());
    call.end(Outcome::Success);
}

fn body(before: &str, mark: &str, after: &str) -> String {
    let (before, after) = (before.repeat(1000), after.repeat(1000));
    format!(
        r#"{{"max_tokens":1,"messages":[{{"role":"user","content":[{{"type":"text","text":"{before}"{mark}}},{{"type":"text","text":"{after}"}}]}}]}}"#
    )
}

const MARK: &str = r#","cache_control":{"type":"ephemeral"}"#;
const MARK_OF_AN_HOUR: &str = r#","cache_control":{"type":"ephemeral","ttl":"1h"}"#;

#[test]
fn what_a_request_marks_is_written_where_that_has_a_price() {
    let writes = r#""price":{"input":"1","output":"0","cache_write":"2","cache_write_1h":"4"}"#;
    let candidates = [candidate("writes", writes), priced("plain", "1.7", "0")];
    let bed = Bed::new(Alias::new("x").policy(Cheapest).affinity(false).deployments(["writes", "plain"]), candidates);
    let first = |body: &str| costs(&bed, body).remove(0).0;
    let cost = |body: &str| {
        let costs = costs(&bed, body);
        costs.iter().find(|(name, _)| name == "writes").unwrap().1.unwrap() as f64
    };
    let unmarked = body("word ", "", "word ");
    let all = body("word ", MARK, "");
    let half = body("word ", MARK, "word ");
    assert_eq!(first(&unmarked), "writes");
    assert_eq!(first(&all), "plain", "2 for nearly all of it, and not 1");
    assert_eq!(first(&half), "writes", "about 1.5");
    let ratio = cost(&half) / cost(&unmarked);
    assert!((1.45..1.55).contains(&ratio), "{ratio}");
    let ratio = cost(&body("word ", MARK_OF_AN_HOUR, "word ")) / cost(&unmarked);
    assert!((2.4..2.6).contains(&ratio), "{ratio}");
}

#[test]
fn what_a_provider_writes_unasked_is_expected_once_it_has_told() {
    let writes = r#""price":{"input":"1","output":"0","cached_input":"0.1","cache_write":"2"}"#;
    let candidates = [candidate("writes", writes), priced("plain", "1.2", "0")];
    let bed = Bed::new(Alias::new("x").policy(Cheapest).affinity(false).deployments(["writes", "plain"]), candidates);
    let text = body("word ", "", "");
    assert_eq!(costs(&bed, &text)[0].0, "writes");
    let usage = |written| {
        format!(
            r#"{{"prompt_tokens":1000,"completion_tokens":1,"prompt_tokens_details":{{"cache_write_tokens":{written}}}}}"#
        )
    };
    tell(&bed, &body("word ", MARK, ""), "writes", &usage(1000));
    assert_eq!(costs(&bed, &text)[0].0, "writes", "it was asked to");
    tell(&bed, &text, "writes", &usage(0));
    (0..40).for_each(|_| tell(&bed, &text, "writes", &usage(800)));
    assert_eq!(costs(&bed, &text)[0].0, "plain");
}

#[test]
fn thoughts_count_as_output_and_by_their_own_price_where_there_is_one() {
    let thinks = r#""price":{"input":"0","output":"1","reasoning":"5"}"#;
    let candidates = [candidate("thinks", thinks), priced("plain", "0", "3")];
    let bed = Bed::new(Alias::new("x").policy(Cheapest).affinity(false).deployments(["thinks", "plain"]), candidates);
    assert_eq!(costs(&bed, HELLO)[0], ("thinks".into(), Some(500 * 1_000_000_000)));
    let usage = r#"{"prompt_tokens":1,"completion_tokens":1000,"completion_tokens_details":{"reasoning_tokens":750}}"#;
    tell(&bed, HELLO, "thinks", usage);
    assert_eq!(bed.call(&Object::parse("{}").unwrap()).expected_output(), 1000, "thoughts are a part of it");
    assert_eq!(
        costs(&bed, HELLO),
        [("plain".into(), Some(3000 * 1_000_000_000)), ("thinks".into(), Some((250 + 5 * 750) * 1_000_000_000))]
    );
}

#[test]
fn prepaid_tokens_cost_nothing() {
    let prepaid =
        r#""price":{"input":"9","output":"9","committed":{"input_per_minute":1000,"output_per_minute":1000}}"#;
    let alias = Alias::new("x").policy(Cheapest).deployments(["plain", "prepaid"]);
    let bed = Bed::new(alias, [candidate("prepaid", prepaid), priced("plain", "1", "1")]);
    assert_eq!(costs(&bed, HELLO)[0], ("prepaid".into(), Some(0)));
    assert_eq!(costs(&bed, &body("word ", "", "word "))[0].0, "plain");
}

#[test]
fn what_is_not_asked_is_not_known() {
    let bed = Bed::new(Alias::new("x").policy(Ordered).deployments(["a"]), [priced("a", "1", "1")]);
    assert_eq!(costs(&bed, HELLO), [("a".into(), None)]);
}

#[test]
fn what_is_expected_is_told_by_the_tokenizer_of_the_deployment() {
    let named = |name: &str, model: &str| Candidate::new(Deployment::new(name, "p", model));
    let alias = || Alias::new("x").deployments(["a-gpt", "b-claude", "c-gpt"]);
    let candidates = || [named("a-gpt", "gpt-4o"), named("b-claude", "claude-sonnet-5"), named("c-gpt", "gpt-4.1")];
    let expected = |bed: &Bed| {
        let plan = bed.plan(HELLO).unwrap();
        let mut expected: Vec<_> = plan
            .steps()
            .iter()
            .map(|step| (plan.deployment(*step).unwrap().name().to_owned(), plan.expected(*step)))
            .collect();
        expected.sort_by(|(a, _), (b, _)| a.cmp(b));
        expected
    };
    let counted = expected(&Bed::new(alias().policy(Cheapest), candidates()));
    let tokens: Vec<_> = counted.iter().map(|(_, expected)| expected.unwrap().input).collect();
    assert_eq!(tokens[0], tokens[2], "the same tokenizer: {counted:?}");
    assert!(tokens[1] > tokens[0], "{counted:?}");
    assert!(counted.iter().all(|(_, expected)| expected.unwrap().output == 500));
    // Nobody has counted, and nobody need.
    assert!(expected(&Bed::new(alias(), candidates())).iter().all(|(_, expected)| expected.is_none()));
}

#[test]
fn each_of_several_answers_may_be_as_long_as_one() {
    let member = r#""price":{"input":"0","output":"1"},"max_output":100,"context_window":1000"#;
    let bed = Bed::new(Alias::new("x").policy(Cheapest).deployments(["a"]), [candidate("a", member)]);
    let cost = |more: &str| {
        let body = format!(r#"{{"messages":[{{"role":"user","content":"Hi"}}]{more}}}"#);
        costs(&bed, &body).remove(0).1.unwrap() / 1_000_000_000
    };
    assert_eq!(cost(r#","max_tokens":90"#), 90);
    assert_eq!(cost(r#","max_tokens":90,"n":4"#), 360, "and their sum need not fit into one window");
    assert_eq!(cost(r#","max_tokens":100,"n":16"#), 500, "as many as the last answers had");
    assert_eq!(cost(""), 100);
}

#[test]
fn the_whole_prompt_tells_the_price_though_most_of_it_is_prepaid() {
    let price = r#""price":{"input":"1","output":"0","above":[{"tokens":500,"input":"3"}],"committed":{"input_per_minute":400,"output_per_minute":0}}"#;
    let bed = Bed::new(Alias::new("x").policy(Cheapest).deployments(["a"]), [candidate("a", price)]);
    let body = format!(r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#, "word ".repeat(800));
    let plan = bed.plan(&body).unwrap();
    let prompt = plan.prompt_tokens().unwrap();
    assert!((501..900).contains(&prompt), "{prompt}");
    assert_eq!(plan.steps()[0].cost(), Some((prompt - 400) * 3_000_000_000));
}
