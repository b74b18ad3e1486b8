//! What a choice among 50 deployments costs, by policy, with and without constraints; and to count for it.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macro makes public functions; a bench may fail")]

use std::{hint::black_box, sync::Arc, time::Duration, time::SystemTime};

use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, request::Parts};
use llm_layers_catalogue::{Capability, Catalogue, Model, Tier};
use llm_layers_core::{Deployment, Operation};
use llm_layers_cost_router::{
    Alias, Balanced, Call, Candidate, Cheapest, Choice, Constraints, Engine, Fastest, Hours, LeastBusy, Needs, Ordered,
    Policy, Route, Routes, Target, Weighted,
};
use llm_layers_wire::json::Object;

const DEPLOYMENTS: usize = 50;

/// As real ones are: every fifth with tiers by length, every tenth with hours of its own.
fn model(n: usize) -> Model {
    let above = if n.is_multiple_of(5) { r#","above":[{"tokens":200000,"input":"6.5","output":"22.5"}]"# } else { "" };
    let off_peak = if n.is_multiple_of(10) {
        r#","off_peak":[{"zone":"UTC","from":"16:30","to":"00:30","input":"0.13"}]"#
    } else {
        ""
    };
    let row = format!(
        r#"{{"id":"m","source":"https://a.example","date":"2026-01-01","context_window":200000,"max_output":16384,"price":{{"input":"{}.{:02}","output":"{}","cached_input":"0.1"{above}{off_peak}}}}}"#,
        n % 7,
        n * 37 % 100,
        n % 11 + 1,
    );
    let catalogue = Catalogue::read("p", &row).expect("a row");
    let model = Model::clone(catalogue.find("p", "m").expect("the row"));
    model.with_capabilities(Capability::ALL).with_tier(Tier::Large).with_region("eu").with_data_policy(false, false)
}

fn engine(policy: impl Policy, constraints: Constraints) -> (Engine, Arc<Route>) {
    let names: Vec<_> = (0..DEPLOYMENTS).map(|n| format!("deployment-{n}")).collect();
    let mut routes = Routes::new();
    for (n, name) in names.iter().enumerate() {
        let candidate = Candidate::new(Deployment::new(name.as_str(), "p", "m")).model(model(n));
        routes = routes.deployment(candidate);
    }
    let routes = routes.alias(Alias::new("x").policy(policy).deployments(names.clone()).constraints(constraints));
    let engine = Engine::new(&routes).expect("routes");
    for (n, name) in names.iter().enumerate() {
        let Some(Target::Deployment(direct)) = engine.resolve(name) else { panic!("a deployment") };
        (0..30).for_each(|_| direct.begin(true).first_word(Duration::from_millis(200 + 13 * n as u64)));
    }
    let Some(Target::Alias(route)) = engine.resolve("x") else { panic!("an alias") };
    (engine, route)
}

fn all_constraints() -> Constraints {
    Constraints::new()
        .regions(["eu"])
        .providers(["p"])
        .min_tier(Tier::Medium)
        .no_training()
        .no_logging()
        .max_p99(Duration::from_secs(2))
        .max_input_price("100".parse().expect("a decimal"))
        .max_output_price("100".parse().expect("a decimal"))
        .hours(Hours::new("Europe/Berlin", "00:00", "00:00").expect("hours"))
}

fn request() -> (Parts, Object) {
    let text = "word ".repeat(180);
    let body = format!(
        r#"{{"model":"x","max_tokens":300,"stream":true,"messages":[{{"role":"system","content":"Be brief."}},{{"role":"user","content":"{text}"}}]}}"#
    );
    let (head, ()) = Request::post("/v1/chat/completions").body(()).expect("a request").into_parts();
    (head, Object::parse(body).expect("JSON"))
}

/// The call is the same each time, so its prompt is counted once, before: what is left is the choice.
fn choose(c: &mut Criterion, group: &str, name: &str, policy: impl Policy, constraints: Constraints) {
    let (engine, route) = engine(policy, constraints);
    let (head, object) = request();
    let call = engine.call(&route, &head, Operation::ChatCompletion, &object, SystemTime::now());
    c.benchmark_group(group).bench_function(name, |b| b.iter(|| black_box(engine.plan(black_box(&call)))));
}

fn policies(c: &mut Criterion) {
    for (group, constraints) in [
        ("cost_router/choose_of_50", Constraints::new as fn() -> Constraints),
        ("cost_router/choose_of_50_with_constraints", all_constraints),
    ] {
        choose(c, group, "ordered", Ordered, constraints());
        choose(c, group, "weighted", Weighted, constraints());
        choose(c, group, "cheapest", Cheapest, constraints());
        choose(c, group, "fastest", Fastest::default(), constraints());
        choose(c, group, "balanced", Balanced::default(), constraints());
        choose(c, group, "least_busy", LeastBusy, constraints());
    }
}

/// A whole call, from its object on: what it needs is read, its prompt counted where the policy goes by it.
fn whole(c: &mut Criterion) {
    struct Counting;

    impl Policy for Counting {
        fn name(&self) -> &str {
            "counting"
        }

        fn needs(&self) -> Needs {
            Needs { prompt_tokens: true, ..Needs::default() }
        }

        fn arrange(&self, _: &Call<'_>, _: &mut [Choice<'_>]) {}
    }

    let mut group = c.benchmark_group("cost_router/call_of_1KB");
    let (head, object) = request();
    let mut bench = |name: &str, (engine, route): (Engine, Arc<Route>)| {
        group.bench_function(name, |b| {
            b.iter(|| {
                let call = engine.call(&route, &head, Operation::ChatCompletion, &object, SystemTime::now());
                black_box(engine.plan(&call))
            });
        });
    };
    bench("ordered", engine(Ordered, Constraints::new()));
    bench("counting", engine(Counting, Constraints::new()));
    bench("cheapest", engine(Cheapest, Constraints::new()));
    group.finish();
}

criterion_group!(benches, policies, whole);
criterion_main!(benches);
