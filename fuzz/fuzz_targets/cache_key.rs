//! Any bytes as a request have a key or none, and nothing panics; the same, written anew with its members in another order,
//! has the same key; and two requests have one key only if they mean the same.

#![no_main]

use std::{
    convert::Infallible,
    sync::{LazyLock, Mutex, PoisonError},
};

use futures_util::FutureExt;
use http::{Request, Response, header::CACHE_CONTROL};
use libfuzzer_sys::fuzz_target;
use llm_layers_cache::{CacheLayer, Entry, Key, Purge, Size, Store};
use llm_layers_core::{Body, Eventually, Unavailable};
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, ServiceExt, service_fn};

/// Has nothing, and knows what was asked for last.
#[derive(Debug)]
struct Asked;

static LAST: Mutex<Option<Key>> = Mutex::new(None);
static LAYER: LazyLock<CacheLayer> = LazyLock::new(|| CacheLayer::new(Asked));

thread_local! {
    /// For what asks for the time; nothing is run on it.
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

impl Store for Asked {
    fn get<'a>(&'a self, key: &'a Key) -> Eventually<'a, Option<Entry>> {
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(*key);
        Eventually::Now(None)
    }

    fn put<'a>(&'a self, _: &'a Key, _: &'a Entry) -> Eventually<'a, ()> {
        Eventually::Now(())
    }

    fn purge<'a>(&'a self, _: &'a Purge) -> Eventually<'a, Result<Option<u64>, Unavailable>> {
        Eventually::Now(Ok(None))
    }

    fn size(&self) -> Option<Size> {
        None
    }
}

fuzz_target!(|texts: (&str, &str)| {
    let bodies = [texts.0, texts.1].map(|text| [text.to_owned(), format!(r#"{{"messages":[{text}],"model":"m"}}"#)]);
    for body in bodies.iter().flatten() {
        let found = key(body);
        let Some(members) = exact(body) else { continue };
        if found.is_some() {
            let reversed: Vec<_> =
                members.iter().rev().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
            assert!(key(&format!("{{ {} }}", reversed.join(" ,\n"))) == found, "{body}");
            let mut more = members.clone();
            more.entry("more").or_insert(Value::from("more"));
            assert!(more == members || key(&Value::from(more).to_string()) != found, "{body}");
        }
    }
    let [[one, one_within], [other, other_within]] = &bodies;
    for (one, other) in [(one, other), (one_within, other_within)] {
        if let (Some(meant), Some(other_meant)) = (exact(one), exact(other))
            && let (Some(key), Some(other_key)) = (key(one), key(other))
        {
            assert_eq!(key == other_key, counting(meant) == counting(other_meant), "{one}\n{other}");
        }
    }
});

/// The key that a request is looked up by, if it is.
fn key(body: &str) -> Option<Key> {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = None;
    let service =
        LAYER.layer(service_fn(|_: Request<Body>| async { Ok::<_, Infallible>(Response::new(Body::empty())) }));
    let request = Request::post("/v1/chat/completions").header(CACHE_CONTROL, "only-if-cached");
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    RUNTIME.with(|runtime| {
        let _entered = runtime.enter();
        let _ = service.oneshot(request).now_or_never().expect("nothing to wait for");
    });
    LAST.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The members, if `serde_json` reads all of them without rounding.
fn exact(body: &str) -> Option<Map<String, Value>> {
    fn is_exact(value: &Value) -> bool {
        match value {
            Value::Number(number) => !number.is_f64(),
            Value::Array(items) => items.iter().all(is_exact),
            Value::Object(members) => members.values().all(is_exact),
            _ => true,
        }
    }
    serde_json::from_str(body).ok().filter(|members: &Map<_, _>| members.values().all(is_exact))
}

/// What is left of a request without the members that do not count, as the crate's documentation names them.
fn counting(mut members: Map<String, Value>) -> Map<String, Value> {
    let counts = |name: &str, value: &Value| match name {
        "stream" | "stream_options" | "user" | "metadata" | "store" | "safety_identifier" | "service_tier" => false,
        "prompt_cache_key" | "prompt_cache_retention" | "prompt_cache_options" => false,
        "n" => *value != 1 && !value.is_null(),
        _ => !value.is_null(),
    };
    members.retain(|name, value| counts(name, value));
    members
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}
