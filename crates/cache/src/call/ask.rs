//! What is known of a request before anybody is asked.

use std::borrow::Cow;

use http::{HeaderName, Uri, Version, request::Parts};
use llm_layers_core::{Approval, Deployment, Operation};
use llm_layers_wire::json::Object;

use crate::{Key, control::Control, key::Asked, layer::Shared};

/// A request that the cache has a part in.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) shared: Shared,
    pub(crate) operation: Operation,
    pub(crate) control: Control,
    pub(crate) key: Key,
    pub(crate) tenant: Box<str>,
    pub(crate) target: Vec<Cow<'static, [u8]>>,
    /// Who has to agree before its answer is kept.
    pub(crate) approval: Option<Approval>,
}

/// Headers by which the same body is another question.
const TELLING: [HeaderName; 5] = [
    HeaderName::from_static("anthropic-beta"),
    HeaderName::from_static("anthropic-version"),
    HeaderName::from_static("openai-beta"),
    HeaderName::from_static("openai-organization"),
    HeaderName::from_static("openai-project"),
];
/// Ours choose who answers, but for this one.
const OURS: &str = "x-llm-";
const TIMEOUT: HeaderName = HeaderName::from_static("x-llm-timeout");

impl Context {
    /// `None` for a request that the cache has no part in.
    pub(crate) fn of(
        shared: &Shared,
        operation: Operation,
        control: Control,
        head: &Parts,
        body: &Object,
    ) -> Option<Self> {
        let settings = &shared.settings;
        let has_part = control.reads || control.stores || control.only_cached;
        if !has_part || !settings.admission.admits(operation, body) {
            return None;
        }
        let tenant: Box<str> = settings.tenant.name(head)?.into();
        let target = target(head);
        let asked = Asked { tenant: &tenant, namespace: &control.namespace, operation, target: &target, body };
        let key = settings.keyring.key(&asked).ok()?;
        let approval = head.extensions.get().cloned();
        Some(Self { shared: shared.clone(), operation, control, key, tenant, target, approval })
    }

    /// The request once more, as keys are made of it.
    pub(crate) fn asked<'a>(&'a self, body: &'a Object) -> Asked<'a> {
        let Self { tenant, control, operation, target, .. } = self;
        Asked { tenant, namespace: &control.namespace, operation: *operation, target, body }
    }
}

/// Who is asked, beside the body's `model`.
fn target(head: &Parts) -> Vec<Cow<'static, [u8]>> {
    let mut target = vec![
        Cow::Owned(place(&head.uri, head.version)),
        Cow::Owned(head.extensions.get::<Deployment>().map(Deployment::name).unwrap_or_default().into()),
    ];
    let is_telling = |name: &HeaderName| TELLING.contains(name) || name.as_str().starts_with(OURS) && *name != TIMEOUT;
    let mut headers: Vec<_> = head.headers.iter().filter(|(name, _)| is_telling(name)).collect();
    // Names come in no order; of one name the lines do.
    headers.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    for (name, value) in headers {
        target.push(Cow::Owned(name.as_str().into()));
        target.push(Cow::Owned(value.as_bytes().into()));
    }
    target
}

/// Path and query; and who is asked, where the request says so. To servers it does not: over HTTP/2 they are told by what
/// name they were called, and replicas have many.
fn place(uri: &Uri, version: Version) -> Vec<u8> {
    let authority = uri.authority().filter(|_| version < Version::HTTP_2);
    let authority = authority.map(|authority| authority.as_str().to_ascii_lowercase()).unwrap_or_default();
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    format!("{authority}{path}").into_bytes()
}
