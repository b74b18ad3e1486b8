//! The choice as a whole, by its public face.

mod affinity;
mod brute_force;
mod constraints;
mod expected;
mod lists;
mod policies;
mod settings;
mod stored;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{Request, request::Parts};
use llm_layers_catalogue::{Catalogue, Model};
use llm_layers_core::{Deployment, Operation, Rng};
use llm_layers_wire::json::Object;

use super::{Call, Engine, NothingLeft, Plan, Route, Target};
use crate::{Alias, Candidate, Routes};

/// A model by the members of its row; its provider is `p`.
fn model(members: &str) -> Arc<Model> {
    let comma = if members.is_empty() { "" } else { "," };
    let row = format!(r#"{{"id":"m","source":"https://a.example","date":"2026-01-01"{comma}{members}}}"#);
    let catalogue = Catalogue::read("p", &row).unwrap_or_else(|error| panic!("{error}: {row}"));
    Arc::clone(catalogue.find("p", "m").expect("the row"))
}

fn candidate(name: &str, members: &str) -> Candidate {
    Candidate::new(Deployment::new(name, "p", "m")).model(model(members))
}

/// Input and output in US dollars per million tokens.
fn priced(name: &str, input: &str, output: &str) -> Candidate {
    candidate(name, &format!(r#""price":{{"input":"{input}","output":"{output}"}}"#))
}

/// An engine with one alias, and what a call needs.
struct Bed {
    engine: Engine,
    route: Arc<Route>,
    head: Parts,
    now: SystemTime,
}

impl Bed {
    fn new(alias: Alias, candidates: impl IntoIterator<Item = Candidate>) -> Self {
        Self::with(alias, candidates, Engine::builder().rng(Rng::seeded(1)))
    }

    fn with(alias: Alias, candidates: impl IntoIterator<Item = Candidate>, builder: super::EngineBuilder) -> Self {
        let candidates: Vec<_> = candidates.into_iter().collect();
        let name = alias.name().to_owned();
        let routes = candidates.into_iter().fold(Routes::new(), Routes::deployment).alias(alias);
        let engine = builder.build(&routes).expect("routes");
        let Some(Target::Alias(route)) = engine.resolve(&name) else { panic!("no alias") };
        let (head, ()) = Request::post("/v1/chat/completions").body(()).expect("a request").into_parts();
        // A Wednesday, 12:00.
        Self { engine, route, head, now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_230_400) }
    }

    fn call<'a>(&'a self, object: &'a Object) -> Call<'a> {
        self.engine.call(&self.route, &self.head, Operation::ChatCompletion, object, self.now)
    }

    fn plan(&self, body: &str) -> Result<Plan, NothingLeft> {
        let object = Object::parse(body.to_owned()).expect("JSON");
        self.engine.plan(&self.call(&object))
    }

    /// The names of the deployments of the plan.
    fn order(&self, body: &str) -> Vec<String> {
        names(&self.plan(body).expect("a plan"))
    }
}

fn names(plan: &Plan) -> Vec<String> {
    plan.deployments().map(|deployment| deployment.name().to_owned()).collect()
}

const HELLO: &str = r#"{"model":"x","messages":[{"role":"user","content":"Hello, how are you today?"}]}"#;
