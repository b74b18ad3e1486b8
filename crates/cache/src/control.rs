//! What a request says about the cache, and what its answer is told.
//!
//! Source: RFC 9111, section 5.2.1, for the directives of `cache-control`.

use std::time::Duration;

use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{AGE, CACHE_CONTROL},
};
use llm_layers_core::{Attempts, Body, Cost, Failure, Rejection, duration};
use llm_layers_wire::openai;
use rust_decimal::Decimal;

use crate::Key;

const CACHE: HeaderName = HeaderName::from_static("x-llm-cache");
const TTL: HeaderName = HeaderName::from_static("x-llm-cache-ttl");
const NAMESPACE: HeaderName = HeaderName::from_static("x-llm-cache-namespace");
const KEY: HeaderName = HeaderName::from_static("x-llm-cache-key");
const SCORE: HeaderName = HeaderName::from_static("x-llm-cache-score");
const SAVED: HeaderName = HeaderName::from_static("x-llm-cache-saved-usd");
const COST: HeaderName = HeaderName::from_static("x-llm-cost-usd");

/// A name that is longer is an attack.
const LONGEST_NAMESPACE: usize = 128;

/// What a request asks of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    /// Whether it may be answered from the cache: not by `no-cache`, nor by `max-age=0`.
    pub(crate) reads: bool,
    /// Whether its answer may be kept: not by `no-store`, nor by a time to live of 0.
    pub(crate) stores: bool,
    /// Whether it is to be answered from the cache or not at all: by `only-if-cached`.
    pub(crate) only_cached: bool,
    /// How old an entry may be.
    pub(crate) max_age: Option<Duration>,
    /// How long its answer is to be fresh.
    pub(crate) ttl: Option<Duration>,
    pub(crate) namespace: Box<str>,
}

impl Control {
    /// Reads the headers, and takes those off that are for the cache alone.
    ///
    /// # Errors
    /// A header of ours makes no sense. What is wrong in `cache-control` is overlooked, as RFC 9111 wants it.
    pub(crate) fn take(headers: &mut HeaderMap) -> Result<Self, Failure> {
        let mut control = Self::default();
        for line in headers.get_all(CACHE_CONTROL) {
            let directives = line.to_str().unwrap_or_default().split(',');
            directives.for_each(|directive| control.direct(directive.trim()));
        }
        if let Some(ttl) = headers.remove(TTL) {
            let ttl = ttl.to_str().ok().and_then(duration::parse_or_seconds);
            let ttl = ttl.ok_or_else(|| invalid(&TTL, "must be a time, such as `90s`, `10m` or `0`"))?;
            control.stores &= !ttl.is_zero();
            control.ttl = Some(ttl);
        }
        if let Some(namespace) = headers.remove(NAMESPACE) {
            let namespace = namespace.to_str().ok().filter(|name| name.len() <= LONGEST_NAMESPACE);
            control.namespace =
                namespace.ok_or_else(|| invalid(&NAMESPACE, "must be up to 128 printable ASCII letters"))?.into();
        }
        Ok(control)
    }

    fn direct(&mut self, directive: &str) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let is = |known| name.trim_end().eq_ignore_ascii_case(known);
        if is("no-cache") {
            self.reads = false;
        } else if is("no-store") {
            self.stores = false;
        } else if is("only-if-cached") {
            self.only_cached = true;
        } else if is("max-age") {
            // Of two the stricter; of a number that is too large for us, nothing.
            let Ok(seconds) = value.trim().trim_matches('"').parse() else { return };
            let age = Duration::from_secs(seconds);
            self.max_age = Some(self.max_age.map_or(age, |other| other.min(age)));
            self.reads &= seconds > 0;
        }
    }

    /// Whether an entry of this age will do.
    pub(crate) fn allows(&self, age: Duration) -> bool {
        self.reads && self.max_age.is_none_or(|max| age <= max)
    }
}

impl Default for Control {
    fn default() -> Self {
        Self { reads: true, stores: true, only_cached: false, max_age: None, ttl: None, namespace: "".into() }
    }
}

fn invalid(header: &HeaderName, why: &str) -> Failure {
    Failure::bad_request(format!("The header `{header}` {why}."))
        .with_param(header.as_str())
        .with_code("invalid_header")
}

/// 504, as RFC 9111 has it: `only-if-cached`, and there is nothing.
pub(crate) fn nothing_cached() -> Failure {
    let message = "Nothing is cached for this request, and it asks for nothing else (`cache-control: only-if-cached`).";
    let error = openai::Error::new("invalid_request_error", message).with_code("not_cached");
    Failure::new(StatusCode::GATEWAY_TIMEOUT, error).with_rejection(Rejection::Invalid)
}

/// What the cache had to do with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A fresh entry.
    Hit,
    /// There was none.
    Miss,
    /// Nothing.
    Bypass,
    /// An entry that is fresh no more.
    Stale,
    /// The answer of an equal call under way.
    Coalesced,
}

impl Outcome {
    pub(crate) const ALL: [Self; 5] = [Self::Hit, Self::Miss, Self::Bypass, Self::Stale, Self::Coalesced];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
            Self::Stale => "stale",
            Self::Coalesced => "coalesced",
        }
    }

    /// Whether no provider was asked on behalf of this call.
    pub(crate) const fn is_free(self) -> bool {
        matches!(self, Self::Hit | Self::Stale | Self::Coalesced)
    }
}

/// What an answer is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) outcome: Outcome,
    pub(crate) key: Option<Key>,
    /// The age of an entry.
    pub(crate) age: Option<Duration>,
    /// What the answer would have cost.
    pub(crate) saved: Option<Decimal>,
    /// How near the question was that the entry answers, if it was another one.
    pub(crate) score: Option<f32>,
}

impl Told {
    pub(crate) const fn new(outcome: Outcome) -> Self {
        Self { outcome, key: None, age: None, saved: None, score: None }
    }

    /// Writes it into the answer's head. What another cache has said is taken off.
    pub(crate) fn write<B>(&self, response: &mut Response<B>) {
        let headers = response.headers_mut();
        for name in [KEY, SCORE, SAVED] {
            headers.remove(name);
        }
        headers.insert(CACHE, HeaderValue::from_static(self.outcome.as_str()));
        let mut write = |name: HeaderName, value: Option<String>| {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name, value);
            }
        };
        write(KEY, self.key.map(|key| key.to_string()));
        write(AGE, self.age.map(|age| age.as_secs().to_string()));
        // Rounded down: what is below the threshold must not look as if it were not.
        write(SCORE, self.score.map(|score| format!("{:.4}", (f64::from(score) * 1e4).floor() / 1e4)));
        if self.outcome.is_free() {
            write(SAVED, self.saved.map(|saved| saved.normalize().to_string()));
            headers.insert(COST, HeaderValue::from_static("0"));
            response.extensions_mut().insert(Cost(Decimal::ZERO));
            response.extensions_mut().insert(Attempts(0));
        }
    }
}

/// An answer of whatever kind, told that the cache has had no part in it.
pub(crate) fn bypassed(mut response: Response<Body>) -> Response<Body> {
    Told::new(Outcome::Bypass).write(&mut response);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(lines: &[(HeaderName, &'static str)]) -> Result<Control, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        let control = Control::take(&mut headers).map_err(|failure| failure.error().message.clone());
        assert!(headers.keys().all(|name| *name == CACHE_CONTROL) || control.is_err(), "{headers:?}");
        control
    }

    #[test]
    fn directives_are_read_as_http_means_them() {
        let of = |line| take(&[(CACHE_CONTROL, line)]).unwrap();
        let default = Control::default();
        assert_eq!(of(""), default);
        assert_eq!(of("no-transform, x=\"no-store"), default);
        assert!(!of("No-Cache").reads && of("no-cache").stores);
        assert!(!of("max-age=60, no-store").stores && of("no-store").reads);
        assert!(!of("max-age=0").reads);
        assert_eq!(of("max-age=60,max-age=\"5\"").max_age, Some(Duration::from_secs(5)));
        assert_eq!(of("max-age=99999999999999999999999, max-age=-1, max-age"), default);
        assert!(of("only-if-cached").only_cached);
        let both = take(&[(CACHE_CONTROL, "no-cache"), (CACHE_CONTROL, "no-store")]).unwrap();
        assert!(!both.reads && !both.stores);
        let aged = of("max-age=5");
        assert!(aged.allows(Duration::from_secs(5)) && !aged.allows(Duration::from_secs(6)));
    }

    #[test]
    fn headers_of_ours_are_taken_or_refused() {
        let taken = take(&[(TTL, "90"), (NAMESPACE, "docs/v2")]).unwrap();
        assert_eq!((taken.ttl, &*taken.namespace), (Some(Duration::from_secs(90)), "docs/v2"));
        assert_eq!(take(&[(TTL, "10m")]).unwrap().ttl, Some(Duration::from_secs(600)));
        assert!(!take(&[(TTL, "0")]).unwrap().stores);
        for (name, value) in [(TTL, "soon"), (TTL, "-1")] {
            let error = take(&[(name.clone(), value)]).unwrap_err();
            assert!(error.contains(name.as_str()) && !error.contains(value), "{error}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(NAMESPACE, HeaderValue::try_from("n".repeat(129)).unwrap());
        assert!(Control::take(&mut headers).is_err());
        headers.insert(NAMESPACE, HeaderValue::from_bytes("é".as_bytes()).unwrap());
        assert!(Control::take(&mut headers).is_err());
    }

    #[test]
    fn what_is_free_says_what_it_has_saved() {
        let mut response = Response::new(());
        response.headers_mut().insert(COST, HeaderValue::from_static("0.5"));
        let told = Told {
            age: Some(Duration::from_millis(2900)),
            saved: Some(Decimal::new(1500, 4)),
            ..Told::new(Outcome::Hit)
        };
        Told { score: Some(0.987_69), ..told }.write(&mut response);
        let said = |name: HeaderName| response.headers()[name].to_str().unwrap();
        assert_eq!([said(CACHE), said(AGE), said(SAVED), said(COST), said(SCORE)], ["hit", "2", "0.15", "0", "0.9876"]);
        assert_eq!(response.extensions().get(), Some(&Cost(Decimal::ZERO)));
        Told::new(Outcome::Miss).write(&mut response);
        assert_eq!(response.headers()[CACHE], "miss");
        assert!(!response.headers().contains_key(SAVED) && !response.headers().contains_key(SCORE));
    }
}
