use std::{borrow::Cow, fmt, fmt::Write as _, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use llm_layers_core::Caller;

/// Who shares entries with whom.
#[derive(Clone, Default)]
pub(crate) enum TenantBy {
    /// The [`Caller`], or else the credentials that the request carries: who sends none shares with others who send none.
    #[default]
    Caller,
    /// All are one.
    Shared,
    /// What this says; `None` is not cached.
    Function(Arc<Naming>),
}

type Naming = dyn Fn(&Parts) -> Option<Cow<'_, str>> + Send + Sync;

/// Where somebody may say who they are: to a provider (OpenAI, Anthropic, Azure and Google each have a name for it), to an
/// application by its session, or by what a proxy in front has found out.
const CREDENTIALS: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "api-key",
    "ocp-apim-subscription-key",
    "cookie",
    "remote-user",
    "x-remote-user",
];
/// How the names of others begin: Cloudflare's, Google's, Amazon's and Azure's proxies, and those that many have.
const PREFIXES: [&str; 9] = [
    "cf-access-",
    "x-goog-iap-",
    "x-goog-authenticated-user-",
    "x-amzn-oidc-",
    "x-ms-client-principal",
    "x-auth-request-",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-preferred-username",
];
/// And how they end.
const SUFFIXES: [&str; 7] = ["-api-key", "-apikey", "-token", "-jwt", "-assertion", "-secret", "-session"];

impl TenantBy {
    /// The name of who sends this request, which may hold their credentials: it is to be hashed, and never kept or told.
    pub(crate) fn name<'a>(&self, parts: &'a Parts) -> Option<Cow<'a, str>> {
        match self {
            Self::Caller => Some(match parts.extensions.get::<Caller>() {
                Some(caller) => self.called(caller.name()),
                None => by_credentials(&parts.headers),
            }),
            Self::Shared => Some(self.called("")),
            Self::Function(naming) => naming(parts).map(|name| self.called(&name)),
        }
    }

    /// The name of whom an operator calls so. Each way to find names has its own, so that nobody's name is another's
    /// credentials.
    pub(crate) fn called(&self, name: &str) -> Cow<'static, str> {
        match self {
            Self::Caller => format!("caller:{name}").into(),
            Self::Shared => "shared".into(),
            Self::Function(_) => format!("named:{name}").into(),
        }
    }
}

fn is_credential(header: &str) -> bool {
    CREDENTIALS.contains(&header)
        || PREFIXES.iter().any(|prefix| header.starts_with(prefix))
        || SUFFIXES.iter().any(|suffix| header.ends_with(suffix))
}

/// All credentials there are: which of them anybody looks at is not known here. One that changes nothing for those who do
/// costs hits; one that is overlooked would tell somebody what others were told.
fn by_credentials(headers: &HeaderMap) -> Cow<'static, str> {
    let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).filter(|header| is_credential(header)).collect();
    names.sort_unstable();
    let mut name = String::new();
    for header in names {
        for value in headers.get_all(header) {
            write_credential(&mut name, header, value);
        }
    }
    if name.is_empty() { "anonymous".into() } else { format!("credentials:{name}").into() }
}

/// Adds a header so that two never read as one, or as others: with its length, or in hexadecimal digits if it is no text.
fn write_credential(name: &mut String, header: &str, value: &HeaderValue) {
    // Writing to a `String` never fails.
    let _ = match value.to_str() {
        Ok(text) => write!(name, "{header}={}:{text},", text.len()),
        Err(_) => {
            let _ = write!(name, "{header}=x");
            let mut bytes = value.as_bytes().iter();
            bytes.try_for_each(|byte| write!(name, "{byte:02x}")).and_then(|()| name.write_char(','))
        }
    };
}

impl fmt::Debug for TenantBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "Caller",
            Self::Shared => "Shared",
            Self::Function(_) => "Function",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use http::Request;

    use super::*;

    fn name(tenants: &TenantBy, headers: &[(&'static str, &[u8])], caller: Option<&str>) -> Option<String> {
        let mut request = Request::new(());
        for (header, value) in headers {
            request.headers_mut().append(*header, HeaderValue::from_bytes(value).unwrap());
        }
        request.extensions_mut().extend(
            caller
                .map(|name| {
                    let mut extensions = http::Extensions::new();
                    extensions.insert(Caller::new(name));
                    extensions
                })
                .unwrap_or_default(),
        );
        tenants.name(&request.into_parts().0).map(Cow::into_owned)
    }

    #[test]
    fn a_caller_counts_whatever_they_send() {
        let of = |headers: &[_]| name(&TenantBy::Caller, headers, Some("team-a")).unwrap();
        assert_eq!(of(&[]), "caller:team-a");
        assert_eq!(of(&[("authorization", b"Bearer 1")]), TenantBy::Caller.called("team-a"));
    }

    #[test]
    fn credentials_are_told_apart() {
        type Sent<'a> = (&'a [(&'static str, &'a [u8])], Option<&'a str>);
        let requests: [Sent<'_>; 33] = [
            (&[], None),
            (&[], Some("anonymous")),
            (&[], Some("")),
            (&[("authorization", b"")], None),
            (&[("authorization", b"Bearer a")], None),
            (&[("authorization", b"bearer a")], None),
            (&[("authorization", b"Bearer a"), ("authorization", b"Bearer a")], None),
            (&[("authorization", b"a"), ("x-api-key", b"b")], None),
            (&[("authorization", b"a,x-api-key=1:b")], None),
            (&[("authorization", b"a"), ("x-api-key", b"c")], None),
            (&[("x-api-key", b"a")], None),
            (&[("x-api-key", b"a"), ("x-api-key", b"b")], None),
            (&[("x-api-key", b"b"), ("x-api-key", b"a")], None),
            (&[("api-key", b"a")], None),
            (&[("x-goog-api-key", b"a")], None),
            (&[("x-goog-api-key", b"\xff")], None),
            (&[("x-goog-api-key", b"xff")], None),
            (&[("cookie", b"session=a")], None),
            (&[("cookie", b"session=b")], None),
            (&[("proxy-authorization", b"a")], None),
            (&[("ocp-apim-subscription-key", b"a")], None),
            (&[("cf-access-jwt-assertion", b"a")], None),
            (&[("cf-access-authenticated-user-email", b"a")], None),
            (&[("x-goog-iap-jwt-assertion", b"a")], None),
            (&[("x-goog-authenticated-user-email", b"a")], None),
            (&[("x-amzn-oidc-identity", b"a")], None),
            (&[("x-ms-client-principal-id", b"a")], None),
            (&[("x-auth-request-email", b"a")], None),
            (&[("x-forwarded-user", b"a")], None),
            (&[("x-forwarded-email", b"a")], None),
            (&[("remote-user", b"a")], None),
            (&[("x-session", b"a")], None),
            (&[("x-access-token", b"a")], None),
        ];
        let names: HashSet<_> =
            requests.iter().map(|(headers, caller)| name(&TenantBy::Caller, headers, *caller)).collect();
        assert_eq!(names.len(), requests.len());
    }

    #[test]
    fn other_headers_and_the_order_of_different_ones_do_not_count() {
        let of = |headers: &[_]| name(&TenantBy::Caller, headers, None);
        for other in ["x-request-id", "user-agent", "x-forwarded-for", "x-max-tokens", "tokens", "x-llm-cache-ttl"] {
            assert_eq!(of(&[(other, b"1")]).as_deref(), Some("anonymous"), "{other}");
        }
        assert_eq!(of(&[("api-key", b"1"), ("x-api-key", b"2")]), of(&[("x-api-key", b"2"), ("api-key", b"1")]));
    }

    #[test]
    fn all_are_one_or_what_a_function_says() {
        let of = |tenants: &TenantBy, caller| name(tenants, &[("authorization", b"1")], caller);
        assert_eq!(of(&TenantBy::Shared, None), of(&TenantBy::Shared, Some("a")));
        let by_path = TenantBy::Function(Arc::new(|parts| (parts.uri.path() == "/").then_some("root".into())));
        assert_eq!(of(&by_path, None).as_deref(), Some("named:root"));
        let nobody = TenantBy::Function(Arc::new(|_| None));
        assert_eq!(of(&nobody, Some("a")), None);
        assert_eq!(format!("{by_path:?}{:?}{:?}", TenantBy::Shared, TenantBy::Caller), "FunctionSharedCaller");
    }
}
