use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use http::Request;
use llm_layers_core::{Body, Deployment, Latencies, Operation, authority};
use llm_layers_wire::{json::Limits, openai::ChatRequest};

/// How long calls took to begin, by where they went.
#[derive(Debug)]
pub(super) struct AllSeries {
    window: Duration,
    max: usize,
    series: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Counts the look-ups, to tell which series has lain idle for the longest.
    now: u64,
    by_name: HashMap<Box<str>, (u64, Arc<Series>)>,
}

/// Those of one deployment, or of one host: of each operation, whole and as a stream, since a whole answer begins when
/// it is over.
#[derive(Debug)]
pub(super) struct Series {
    window: Duration,
    of_each: [OnceLock<Latencies>; 2 * Operation::COUNT],
}

impl AllSeries {
    pub(super) fn new(window: Duration, max: usize) -> Self {
        Self { window, max, series: Mutex::default() }
    }

    /// The series that a request belongs to, by its deployment, or else by the host that it names.
    pub(super) fn of(&self, request: &Request<Body>) -> Arc<Series> {
        match request.extensions().get::<Deployment>() {
            Some(deployment) => self.named(deployment.name()),
            None => self.named(&authority(request)),
        }
    }

    fn named(&self, name: &str) -> Arc<Series> {
        let mut known = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        known.now += 1;
        let now = known.now;
        if let Some((used, series)) = known.by_name.get_mut(name) {
            *used = now;
            return Arc::clone(series);
        }
        // Hosts may be a client's to name: what it makes up pushes out what nobody uses.
        if known.by_name.len() >= self.max {
            let idle = known.by_name.iter().min_by_key(|(_, (used, _))| *used).map(|(name, _)| name.clone());
            idle.and_then(|name| known.by_name.remove(&name));
        }
        let series = Arc::new(Series { window: self.window, of_each: Default::default() });
        known.by_name.insert(name.into(), (now, Arc::clone(&series)));
        series
    }
}

impl Series {
    pub(super) fn latencies(&self, operation: Operation, is_stream: bool) -> Option<&Latencies> {
        let of_each = self.of_each.get(2 * operation.index() + usize::from(is_stream))?;
        Some(of_each.get_or_init(|| Latencies::new(self.window)))
    }
}

/// Whether a request asks for a stream. What is split for it stays split, for the layers below.
///
/// One that is not in memory is not looked into, and one that is already is not limited: that would do nothing but lose it.
pub(super) async fn is_stream(body: &mut Body) -> bool {
    if !body.is_replayable() {
        return false;
    }
    let limits = Limits::DEFAULT.with_max_bytes(usize::MAX);
    body.object(&limits).await.is_ok_and(|object| ChatRequest::new(object).is_stream().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_idle_make_room() {
        let all = AllSeries::new(Duration::from_secs(60), 3);
        let kept = all.named("kept");
        for n in 0..1000 {
            all.named(&n.to_string());
            assert!(Arc::ptr_eq(&kept, &all.named("kept")), "whoever is asked for stays");
        }
        assert_eq!(all.series.lock().unwrap().by_name.len(), 3);
    }

    #[test]
    fn requests_belong_to_their_deployment_or_host() {
        let all = AllSeries::new(Duration::from_secs(60), 9);
        let request = |uri: &str, host: &str| Request::post(uri).header("host", host).body(Body::empty()).unwrap();
        let by_authority = all.of(&request("http://a.example/v1/models", "b.example"));
        assert!(Arc::ptr_eq(&by_authority, &all.of(&request("/v1/models", "A.example"))));
        let long = all.of(&request("/v1/models", &"x".repeat(1000)));
        assert!(Arc::ptr_eq(&long, &all.of(&request("/v1/models", &"x".repeat(2000)))), "no name is kept that long");
        let mut deployed = request("http://a.example/v1/models", "b.example");
        deployed.extensions_mut().insert(Deployment::new("d", "p", "m"));
        assert!(!Arc::ptr_eq(&by_authority, &all.of(&deployed)));
    }

    #[tokio::test]
    async fn streams_are_told_apart() {
        for (body, expected) in
            [(r#"{"stream":true}"#, true), (r#"{"stream":false}"#, false), ("{", false), ("", false)]
        {
            let mut body = Body::from(body);
            assert_eq!(is_stream(&mut body).await, expected);
        }
    }
}
