//! What clients may ask of the router by headers, and what its answers tell by them.

use std::fmt::{self, Write as _};

use http::{HeaderMap, HeaderName, HeaderValue};
use llm_layers_core::{Deployment, Failure, head};

use crate::{Class, Constraints};

/// `interactive` or `batch`.
pub(crate) const PRIORITY: HeaderName = HeaderName::from_static("x-llm-priority");
/// The regions that may answer.
pub(crate) const REGION: HeaderName = HeaderName::from_static("x-llm-region");
/// The providers that may answer.
pub(crate) const PROVIDERS: HeaderName = HeaderName::from_static("x-llm-providers");
/// The same. Who means one writes this, and must not be overheard.
const PROVIDER: HeaderName = HeaderName::from_static("x-llm-provider");

const DEPLOYMENT: HeaderName = HeaderName::from_static("x-llm-deployment");
const ROUTE: HeaderName = HeaderName::from_static("x-llm-route");
const MODEL: HeaderName = HeaderName::from_static("x-llm-model");

/// So many names are looked at in a list.
const MAX_NAMES: usize = 32;

/// What a request asks of the router.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directives {
    pub(crate) class: Option<Class>,
    /// Who may answer, where it says so.
    pub(crate) constraints: Option<Constraints>,
}

impl Directives {
    /// Takes them out of the headers: they are for nobody below.
    pub(crate) fn take(headers: &mut HeaderMap) -> Result<Self, Failure> {
        // One walk costs less than a look-up for each, where there is mostly none.
        if !headers.keys().any(is_directive) {
            return Ok(Self::default());
        }
        let class = class(headers)?;
        let (regions, mut providers) = (names(headers, &REGION)?, names(headers, &PROVIDERS)?);
        providers.extend(names(headers, &PROVIDER)?);
        Self::discard(headers);
        let mut constraints = (!regions.is_empty() || !providers.is_empty()).then(Constraints::new);
        // An empty list would allow nothing.
        if !regions.is_empty() {
            constraints = constraints.map(|constraints| constraints.regions(regions));
        }
        if !providers.is_empty() {
            constraints = constraints.map(|constraints| constraints.providers(providers));
        }
        Ok(Self { class, constraints })
    }

    /// Takes them out of the headers of a call for which nobody is chosen.
    pub(crate) fn discard(headers: &mut HeaderMap) {
        head::remove_where(headers, |name| DIRECTIVES.iter().any(|one| one == name));
    }
}

static DIRECTIVES: [HeaderName; 4] = [PRIORITY, REGION, PROVIDERS, PROVIDER];

fn is_directive(name: &HeaderName) -> bool {
    DIRECTIVES.contains(name)
}

fn class(headers: &HeaderMap) -> Result<Option<Class>, Failure> {
    let mut values = headers.get_all(PRIORITY).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return if headers.contains_key(PRIORITY) { Err(bad(&PRIORITY, "is there twice")) } else { Ok(None) };
    };
    let class = value.to_str().ok().and_then(|word| Class::of_word(word.trim()));
    class.map(Some).ok_or_else(|| bad(&PRIORITY, "is neither `interactive` nor `batch`"))
}

/// A list of names, over all lines of the header.
fn names(headers: &HeaderMap, header: &HeaderName) -> Result<Vec<Box<str>>, Failure> {
    if !headers.contains_key(header) {
        return Ok(Vec::new());
    }
    let wrong = || bad(header, "is no list of names, such as `a, b`");
    let mut names = Vec::new();
    for line in headers.get_all(header) {
        for name in line.to_str().map_err(|_| wrong())?.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if names.len() == MAX_NAMES || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(wrong());
            }
            names.push(name.into());
        }
    }
    // To leave out everything is not what an empty list is for.
    if names.is_empty() { Err(wrong()) } else { Ok(names) }
}

fn bad(header: &HeaderName, why: &str) -> Failure {
    Failure::bad_request(format!("The header `{header}` {why}."))
        .with_param(header.as_str())
        .with_code("invalid_header")
}

/// How a deployment was chosen, as `x-llm-route` tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub(crate) policy: &'a str,
    /// How many have been asked, with this one.
    pub(crate) rank: usize,
    /// How many there were to choose from.
    pub(crate) of: usize,
    /// Why it had its place, in a word.
    pub(crate) why: &'a str,
    /// Why the one before was left, in a word.
    pub(crate) after: Option<&'a str>,
    pub(crate) complexity: Option<f32>,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policy={}; rank={}; of={}; why={}", self.policy, self.rank, self.of, self.why)?;
        if let Some(after) = self.after {
            write!(f, "; after={after}")?;
        }
        if let Some(complexity) = self.complexity {
            write!(f, "; complexity={complexity:.2}")?;
        }
        Ok(())
    }
}

/// Says which deployment has answered.
pub(crate) fn tell_deployment(headers: &mut HeaderMap, deployment: &Deployment) {
    headers.insert(DEPLOYMENT, value(deployment.name()));
}

/// Says how it was chosen.
pub(crate) fn tell_route(headers: &mut HeaderMap, route: &Told<'_>) {
    let mut text = String::with_capacity(64);
    let _ = write!(text, "{route}");
    headers.insert(ROUTE, value(&text));
}

/// Says which model has answered, as the provider calls it.
pub(crate) fn tell_model(headers: &mut HeaderMap, model: &str) {
    headers.insert(MODEL, value(model));
}

/// The beginning of the text as a header's value. What cannot stand in one is written as a question mark.
fn value(text: &str) -> HeaderValue {
    /// No name is longer, but providers and clients may say what they like, and a long head is refused.
    const MAX: usize = 256;
    const OTHER: HeaderValue = HeaderValue::from_static("?");
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    // Nearly all of them can.
    if text.len() <= MAX && text.as_bytes().iter().all(is_plain) {
        return HeaderValue::try_from(text).unwrap_or(OTHER);
    }
    let plain = text.bytes().take(MAX).map(|byte| if is_plain(&byte) { byte } else { b'?' });
    HeaderValue::try_from(plain.collect::<Vec<_>>()).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(lines: &[(&'static str, &'static str)]) -> (Result<String, String>, usize) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let taken = Directives::take(&mut headers).map_err(|failure| {
            assert_eq!(failure.status(), 400);
            failure.error().param.clone().unwrap_or_default()
        });
        let shown = taken.map(|Directives { class, constraints }| {
            let lists = constraints.map(|rules| (rules.regions, rules.providers));
            format!("{class:?} {lists:?}")
        });
        (shown, headers.len())
    }

    #[test]
    fn directives_are_taken_out() {
        assert_eq!(take(&[("x-other", "1")]), (Ok("None None".into()), 1));
        let lines = [
            ("x-llm-priority", " batch "),
            ("x-llm-region", "eu,us"),
            ("x-llm-providers", "a, b,"),
            ("x-kept", "1"),
            ("x-llm-providers", "c"),
            ("x-llm-provider", "d"),
        ];
        let expected = r#"Some(Batch) Some((Some(["eu", "us"]), Some(["a", "b", "c", "d"])))"#;
        assert_eq!(take(&lines), (Ok(expected.into()), 1));
        assert_eq!(take(&[("x-llm-priority", "interactive")]), (Ok("Some(Interactive) None".into()), 0));
        assert_eq!(take(&[("x-llm-region", "eu")]), (Ok(r#"None Some((Some(["eu"]), None))"#.into()), 0));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for lines in [
            &[("x-llm-priority", "urgent")][..],
            &[("x-llm-priority", "")],
            &[("x-llm-priority", "batch"), ("x-llm-priority", "interactive")],
            &[("x-llm-region", "")],
            &[("x-llm-region", " , ")],
            &[("x-llm-providers", "a b")],
        ] {
            assert_eq!(take(lines).0, Err(lines[0].0.to_owned()), "{lines:?}");
        }
        let mut headers = HeaderMap::from_iter([(REGION, HeaderValue::from_bytes(b"\xff").expect("a value"))]);
        Directives::take(&mut headers).expect_err("no text");
        headers = HeaderMap::from_iter([(PROVIDERS, value(&["a"; 33].join(",")))]);
        Directives::take(&mut headers).expect_err("too many");
    }

    #[test]
    fn what_is_told_is_a_header_whatever_it_is() {
        let route = Told { policy: "cheapest", rank: 1, of: 3, why: "policy", after: None, complexity: Some(0.214) };
        let mut headers = HeaderMap::new();
        tell_route(&mut headers, &route);
        tell_model(&mut headers, "m\u{e9}\r\nx: y");
        tell_deployment(&mut headers, &Deployment::new("a", "p", "m"));
        assert_eq!(headers[ROUTE], "policy=cheapest; rank=1; of=3; why=policy; complexity=0.21");
        assert_eq!(headers[MODEL], "m????x: y");
        assert_eq!(headers[DEPLOYMENT], "a");
        assert_eq!(
            Told { complexity: None, after: Some("timeout"), ..route }.to_string(),
            "policy=cheapest; rank=1; of=3; why=policy; after=timeout"
        );
    }

    #[test]
    fn what_is_told_is_never_long() {
        // Whatever is cut, nothing hangs on where a character ends.
        for long in ["\u{e9}".repeat(300), format!("a{}", "\u{e9}".repeat(300)), "x".repeat(1 << 20)] {
            let mut headers = HeaderMap::new();
            tell_model(&mut headers, &long);
            tell_deployment(&mut headers, &Deployment::new(long.as_str(), "p", "m"));
            let route = Told { policy: &long, rank: 1, of: 1, why: "policy", after: None, complexity: None };
            tell_route(&mut headers, &route);
            assert!(headers.values().all(|value| value.len() == 256), "{headers:?}");
        }
    }

    #[test]
    fn where_nobody_is_chosen_they_go_no_further() {
        let lines = [(PRIORITY, "odd"), (REGION, "eu"), (PROVIDERS, ""), (PROVIDER, "p")];
        let kept = (HeaderName::from_static("x-llm-other"), HeaderValue::from_static("1"));
        let lines = lines.map(|(name, text)| (name, HeaderValue::from_static(text)));
        let mut headers = HeaderMap::from_iter(lines.into_iter().chain([kept]));
        Directives::discard(&mut headers);
        assert_eq!((headers.len(), &headers["x-llm-other"]), (1, &HeaderValue::from_static("1")));
    }
}
