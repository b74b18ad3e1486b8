use std::{borrow::Cow, fmt};

use http::Request;
use llm_layers_core::{Body, Deployment, authority};

/// What says which breaker is a request's.
pub(crate) type KeyBy = dyn for<'a> Fn(&'a Request<Body>) -> Option<Cow<'a, str>> + Send + Sync;

/// What a breaker belongs to.
pub(crate) struct Key<'a> {
    name: Cow<'a, str>,
    /// The deployment whose name it is: fit for clients to see.
    deployment: Option<&'a Deployment>,
}

/// Longer names are cut: what a closure makes of a request may be as long as a stranger likes.
const LONGEST: usize = 256;

impl<'a> Key<'a> {
    /// A key that somebody has named.
    pub(crate) fn of(name: impl Into<Cow<'a, str>>) -> Self {
        Self { name: cut(name.into()), deployment: None }
    }

    pub(crate) fn of_request(request: &'a Request<Body>, key_by: Option<&KeyBy>) -> Self {
        if let Some(name) = key_by.and_then(|key_by| key_by(request)) {
            return Self::of(name);
        }
        match request.extensions().get::<Deployment>() {
            Some(deployment) => Self { name: cut(Cow::Borrowed(deployment.name())), deployment: Some(deployment) },
            None => Self { name: authority(request), deployment: None },
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn deployment(&self) -> Option<&'a Deployment> {
        self.deployment
    }
}

/// Nothing of it is told: it may be what a closure has made of a caller's headers.
impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("deployment", &self.deployment.is_some()).finish_non_exhaustive()
    }
}

fn cut(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.len() <= LONGEST {
        return name;
    }
    let end = (0..=LONGEST).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.get(..end).unwrap_or_default()),
        Cow::Owned(mut name) => {
            name.truncate(end);
            Cow::Owned(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(request: http::request::Builder) -> String {
        let request = request.body(Body::empty()).unwrap();
        Key::of_request(&request, None).name().to_owned()
    }

    #[test]
    fn a_deployment_goes_before_an_authority() {
        assert_eq!(key(Request::post("http://API.example:80/v1/chat/completions")), "api.example:80");
        assert_eq!(key(Request::post("http://a.example/x").extension(Deployment::new("small", "p", "m"))), "small");
    }

    #[test]
    fn long_names_are_cut() {
        let long = "\u{e4}".repeat(1000);
        assert_eq!(Key::of(&*long).name().len(), LONGEST);
        assert_eq!(Key::of(format!("a{long}")).name().len(), LONGEST - 1);
    }

    #[test]
    fn a_closure_may_name_it_or_leave_it() {
        let key_by: &KeyBy = &|request| Some(request.headers().get("x-region")?.to_str().ok()?.into());
        let mut request = Request::post("http://api.example/x").header("x-region", "eu").body(Body::empty()).unwrap();
        assert_eq!(Key::of_request(&request, Some(key_by)).name(), "eu");
        request.headers_mut().clear();
        assert_eq!(Key::of_request(&request, Some(key_by)).name(), "api.example");
    }
}
