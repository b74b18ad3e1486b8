//! Whatever a request holds, its prompt is counted, by each family's tokenizer, and the router finds somebody for it.

#![no_main]

use std::{sync::LazyLock, time::UNIX_EPOCH};

use http::Request;
use libfuzzer_sys::fuzz_target;
use llm_layers_core::{Deployment, Operation};
use llm_layers_cost_router::{Alias, Candidate, Cheapest, Engine, Routes, Target};
use llm_layers_tokens::{OutputBound, Tokenizer, prompt};
use llm_layers_wire::json::Object;

const OPERATIONS: [(Operation, &str); 5] = [
    (Operation::ChatCompletion, "/v1/chat/completions"),
    (Operation::Completion, "/v1/completions"),
    (Operation::Embedding, "/v1/embeddings"),
    (Operation::Response, "/v1/responses"),
    (Operation::Message, "/v1/messages"),
];
const MODELS: [(&str, &str); 5] = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-4"),
    ("anthropic", "claude-sonnet-4-5"),
    ("gemini", "gemini-2.5-flash"),
    ("p", "m"),
];

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let candidate = |(provider, model)| Candidate::new(Deployment::new(format!("at-{model}"), provider, model));
    let routes = MODELS.into_iter().map(candidate).fold(Routes::new(), Routes::deployment);
    let names = MODELS.map(|(_, model)| format!("at-{model}"));
    Engine::new(&routes.alias(Alias::new("x").policy(Cheapest).deployments(names))).expect("routes")
});

fuzz_target!(|input: (u8, &[u8])| {
    let (operation, text) = input;
    let Ok(object) = Object::parse(text.to_vec()) else { return };
    let (operation, path) = OPERATIONS[usize::from(operation) % OPERATIONS.len()];
    let _ = OutputBound::of(&object).total(None);
    for (provider, model) in MODELS {
        let _ = prompt(operation, &object, Tokenizer::of(provider, model)).total();
    }
    let (head, ()) = Request::post(path).body(()).expect("a request").into_parts();
    let Some(Target::Alias(route)) = ENGINE.resolve("x") else { panic!("an alias") };
    let _ = ENGINE.plan(&ENGINE.call(&route, &head, operation, &object, UNIX_EPOCH));
});
