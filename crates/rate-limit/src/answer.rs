//! What a client is told: refusals and headers, in OpenAI's words.
//!
//! Source: OpenAI's guide on rate limits and the answers of its API, as quoted in issues of its SDKs, November 2026.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use llm_layers_core::{Body, Failure, Rejection, head};
use llm_layers_wire::openai;

use crate::{
    Level, Rule,
    limits::Rate,
    spell,
    store::{Claim, Kind, Refusal},
};

/// When to come back where nobody knows when a call will end.
const SOON: Duration = Duration::from_secs(1);

const REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

/// 429: there was too little of something.
pub(crate) fn refused(rule: &Rule, claim: &Claim, refusal: &Refusal) -> Response<Body> {
    let wait = refusal.wait.unwrap_or(SOON).max(Duration::from_millis(1));
    let Numbers { limit, used, requested, what } = Numbers::of(claim, refusal.kind);
    let message = format!(
        "Rate limit reached for {} on {what}: Limit {limit}, Used {used}, Requested {requested}. \
         Please try again in {}.",
        rule.subject(claim.key()),
        spell::duration(wait),
    );
    failure(refusal.kind, message).with_retry_after(wait).into_response()
}

/// 429: it is more than will ever be there. No wait helps, and clients are told not to try again by themselves.
pub(crate) fn never_fits(rule: &Rule, claim: &Claim, kind: Kind) -> Response<Body> {
    let Numbers { limit, requested, what, .. } = Numbers::of(claim, kind);
    let most = match kind {
        Kind::Tokens => claim.limits.token_rate().map_or(0, |rate| rate.burst()),
        _ => 0,
    };
    let at_once = if most < limit { format!(", at once {most}") } else { String::new() };
    let advice = match kind {
        Kind::Tokens if most > 0 => {
            " The prompt or the bound of the answer (max_tokens) must be reduced in order to run successfully."
        }
        _ => "",
    };
    let subject = rule.subject(claim.key());
    let message =
        format!("Request too large for {subject} on {what}: Limit {limit}{at_once}, Requested {requested}.{advice}");
    let mut response = failure(kind, message).into_response();
    response.headers_mut().insert("x-should-retry", HeaderValue::from_static("false"));
    response
}

fn failure(kind: Kind, message: String) -> Failure {
    // OpenAI's types are these two; calls at once it does not limit.
    let class = if kind == Kind::Tokens { "tokens" } else { "requests" };
    let error = openai::Error::new(class, message).with_code("rate_limit_exceeded");
    Failure::new(StatusCode::TOO_MANY_REQUESTS, error).with_rejection(Rejection::Limited)
}

/// 503: nobody knows whether there is enough.
pub(crate) fn unavailable() -> Response<Body> {
    let message = "The rate limits cannot be checked at the moment. Please try again in 1s.";
    let error = openai::Error::new("service_unavailable_error", message).with_code("rate_limiter_unavailable");
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, error)
        .with_rejection(Rejection::Limited)
        .with_retry_after(SOON)
        .into_response()
}

struct Numbers {
    limit: u64,
    used: u64,
    requested: u64,
    what: String,
}

impl Numbers {
    fn of(claim: &Claim, kind: Kind) -> Self {
        let (rate, level, requested, noun, short) = match kind {
            Kind::Requests => (claim.limits.request_rate(), claim.levels.requests, 1, "requests", "RP"),
            Kind::Tokens => (claim.limits.token_rate(), claim.levels.tokens, claim.tokens, "tokens", "TP"),
            Kind::Concurrent => {
                let limit = claim.limits.max_concurrent().unwrap_or_default().into();
                let used = claim.levels.running.into();
                return Self { limit, used, requested: 1, what: "concurrent requests".to_owned() };
            }
        };
        let (limit, burst) = rate.map_or((0, 0), |rate| (rate.number(), rate.burst()));
        let used = burst.saturating_sub(level.map_or(burst, |level| level.remaining));
        Self { limit, used, requested, what: rate.map_or_else(String::new, |rate| per(noun, short, &rate)) }
    }
}

/// `requests per min (RPM)`.
fn per(noun: &str, short: &str, rate: &Rate) -> String {
    match rate.per().as_secs() {
        60 => format!("{noun} per min ({short}M)"),
        86_400 => format!("{noun} per day ({short}D)"),
        _ => format!("{noun} per {}", spell::duration(rate.per())),
    }
}

/// Writes the headers of the strictest claims, in place of any that are there.
pub(crate) fn write_headers(headers: &mut HeaderMap, claims: &[Claim]) {
    let strictest = |level: fn(&Claim) -> Option<Level>| {
        claims.iter().filter_map(level).min_by_key(|level| (level.remaining, level.limit))
    };
    // They grow once.
    headers.reserve(REQUESTS.len() + TOKENS.len());
    write_levels(headers, &REQUESTS, strictest(|claim| claim.levels.requests));
    write_levels(headers, &TOKENS, strictest(|claim| claim.levels.tokens));
}

fn write_levels(headers: &mut HeaderMap, [limit, remaining, reset]: &[HeaderName; 3], level: Option<Level>) {
    let Some(level) = level else { return };
    headers.insert(limit, head::number(level.limit));
    headers.insert(remaining, head::number(level.remaining));
    if let Ok(value) = HeaderValue::try_from(spell::duration(level.reset)) {
        headers.insert(reset, value);
    }
}

/// Takes off what a provider says of its own limits: they are its owner's, whom all callers share.
pub(crate) fn remove_headers(headers: &mut HeaderMap) {
    head::remove_where(headers, is_of_limits);
}

/// Whether a provider speaks of its own limits.
pub(crate) fn has_headers(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| is_of_limits(name.as_str()))
}

/// OpenAI's and Anthropic's names, which others have taken over.
fn is_of_limits(name: &str) -> bool {
    name.starts_with("x-ratelimit-") || name.starts_with("anthropic-ratelimit-")
}
