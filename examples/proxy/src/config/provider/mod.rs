//! `[providers.NAME]`: somebody who serves models.

mod dialect;
mod reach;

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, Uri};

use self::dialect::DIALECTS;
pub use self::{dialect::Dialect, reach::Reach};
use super::credential::{self, Credential};
use super::known::{self, Known};
use super::node::{Members, Node};
use super::report::{Place, Report};
use super::suggest;
use super::timeouts::Timeouts;
use super::{base_url, env};

/// Somebody who serves models.
pub struct Provider {
    /// The name after `providers.`: what comes before the slash in `provider/model`.
    pub name: Arc<str>,
    /// The wire format it speaks.
    pub dialect: Dialect,
    /// What its official SDK takes as its base URL; no query, no slash at the end of its path. Absent where it
    /// follows from a region.
    pub base_url: Option<Uri>,
    /// The keys of which one goes with each call, if it needs any.
    pub api_keys: Vec<Credential>,
    /// How long to wait for it.
    pub timeouts: Timeouts,
    /// The version of its API to ask for, where the dialect has one; else the dialect's default.
    pub api_version: Option<String>,
    /// Bedrock's region.
    pub aws_region: Option<String>,
    /// Vertex's project.
    pub project: Option<String>,
    /// Vertex's location.
    pub location: Option<String>,
    /// The provider of the catalogue that it is, or is like.
    pub like: Option<&'static str>,
    /// Whether it has `/v1/responses`; else they are said as chats.
    pub responses: bool,
    /// What goes with every call.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether what the provider cannot do is refused, and not left out with a warning.
    pub strict: bool,
    /// What its connections may reach.
    pub reach: Reach,
}

impl Provider {
    /// Reads one table.
    pub(super) fn read(name: &str, key: &Place, node: &Node<'_>, report: &mut Report<'_>) -> Option<Self> {
        check_name(name, key, report);
        let mut members = node.table("[providers.NAME]", report)?;
        let dialect = dialect(name, &mut members, report)?;
        let known = known::find(name).filter(|known| known.dialect == dialect);
        let given_url = members.get("base_url");
        let is_hosted = given_url.is_none() && known.is_some();
        let default_url = known.map(|known| known.base_url).or(dialect.base_url());
        let base_url = match (given_url, default_url) {
            (Some(node), _) => read_url(&node, report),
            (None, Some(url)) => url.parse().ok(),
            (None, None) if dialect.is_regional() => None,
            (None, None) => {
                members.missing("base_url", url_help(name), report);
                None
            }
        };
        let key_node = members.get("api_key");
        let variable = known.and_then(|known| known.key_variable);
        if let (None, true, Some(variable)) = (&key_node, is_hosted, variable) {
            let help = format!("add `api_key = \"{}{variable}\"`", env::PREFIX);
            members.missing("api_key", help, report);
        }
        let mut own = |name| own_member(name, dialect, &mut members, report);
        let (aws_region, project, location) = (own("aws_region"), own("project"), own("location"));
        let provider = Self {
            name: name.into(),
            dialect,
            base_url,
            api_keys: key_node.map(|node| credential::read(&node, report)).unwrap_or_default(),
            timeouts: members.get("timeout").map(|node| Timeouts::read(&node, report)).unwrap_or_default(),
            api_version: api_version(dialect, &mut members, report),
            aws_region,
            project,
            location,
            like: like(dialect, known.as_ref(), &mut members, report),
            responses: responses(dialect, known.as_ref().filter(|_| is_hosted), &mut members, report),
            headers: headers(&mut members, report),
            strict: strict(&mut members, report),
            reach: Reach::read(&mut members, report),
        };
        members.finish(report);
        (provider.base_url.is_some() || dialect.is_regional()).then_some(provider)
    }
}

/// A member that only this dialect has, which must have it.
fn own_member(
    name: &'static str,
    dialect: Dialect,
    members: &mut Members<'_>,
    report: &mut Report<'_>,
) -> Option<String> {
    let node = members.get(name);
    match (node, dialect.own_members().contains(&name)) {
        (Some(node), true) => {
            let text = node.string(report)?;
            // It becomes a part of a URL.
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte)) {
                report.error(&node.place, "this cannot be part of a URL", "use letters, digits and `-` only");
                return None;
            }
            Some(text.into_owned())
        }
        (Some(node), false) => {
            let message = format!("`{name}` has no meaning in the dialect `{}`", dialect.as_str());
            report.error(&node.place, message, "leave it out");
            None
        }
        (None, true) => {
            members.missing(name, format!("add `{name} = \"…\"`"), report);
            None
        }
        (None, false) => None,
    }
}

/// `like = "vllm"`: which of the providers that are known it behaves like, if its own name does not say so.
fn like(
    dialect: Dialect,
    known: Option<&Known>,
    members: &mut Members<'_>,
    report: &mut Report<'_>,
) -> Option<&'static str> {
    let is_compatible = |known: &Known| known.dialect == Dialect::OpenAi;
    let Some(node) = members.get("like") else {
        return known.filter(|known| is_compatible(known)).map(|known| known.name);
    };
    let name = node.string(report)?;
    let found = known::all().find(|known| known.name == name && is_compatible(known) && dialect == Dialect::OpenAi);
    if found.is_none() {
        let names = known::all().filter(is_compatible).map(|known| known.name);
        report.error(&node.place, format!("there is no provider `{name}` to be like"), suggest::help(&name, names));
    }
    found.map(|known| known.name)
}

/// `responses = true`, for a provider that is not well known to have them.
fn responses(dialect: Dialect, known: Option<&Known>, members: &mut Members<'_>, report: &mut Report<'_>) -> bool {
    let has_them = known.is_some_and(|known| known.has_responses);
    let Some(node) = members.get("responses") else { return has_them };
    if !dialect.is_compatible() {
        let message = format!("`responses` has no meaning in the dialect `{}`", dialect.as_str());
        report.error(&node.place, message, "leave it out");
    }
    node.boolean(report).unwrap_or_default()
}

fn headers(members: &mut Members<'_>, report: &mut Report<'_>) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    let Some(node) = members.get("headers") else { return headers };
    let table = node.table("headers = { \"openai-organization\" = \"…\" }", report);
    for (name, place, node) in table.iter().flat_map(Members::each) {
        let Some(value) = node.secret(report) else { continue };
        match (HeaderName::from_bytes(name.as_bytes()), value.to_header("")) {
            (Ok(name), Ok(value)) => headers.push((name, value)),
            _ => report.error(&place, "this cannot be a header", "use letters, digits and `-` in its name"),
        }
    }
    headers
}

fn strict(members: &mut Members<'_>, report: &mut Report<'_>) -> bool {
    let node = members.get("unsupported");
    let choice = |node: Node<'_>| node.choice("policy", &[("lenient", false), ("strict", true)], report);
    node.and_then(choice).unwrap_or_default()
}

/// The name is a piece of paths (`/providers/NAME/…`) and of model names (`NAME/model`).
fn check_name(name: &str, key: &Place, report: &mut Report<'_>) {
    let is_right = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(is_right) {
        let help = "use letters, digits, `-`, `_` and `.` only";
        report.error(key, "this cannot be the name of a provider", help);
    }
}

fn dialect(name: &str, members: &mut Members<'_>, report: &mut Report<'_>) -> Option<Dialect> {
    let Some(node) = members.get("dialect") else {
        if let Some(known) = known::find(name) {
            return Some(known.dialect);
        }
        let meant = suggest::nearest(name, known::all().map(|known| known.name));
        let help = match meant {
            Some(meant) => {
                format!("did you mean `[providers.{meant}]`? Else add `dialect = \"openai\"`")
            }
            None => "add `dialect = \"openai\"`, which most providers speak, or `\"anthropic\"`".to_owned(),
        };
        members.missing("dialect", help, report);
        return None;
    };
    node.choice("dialect", &DIALECTS, report)
}

fn read_url(node: &Node<'_>, report: &mut Report<'_>) -> Option<Uri> {
    let text = node.string(report)?;
    if text.contains('@') {
        report.mask.hide_again(&node.place.span); // there may be a password in it
    }
    match base_url::parse(&text) {
        Ok(uri) => Some(uri),
        Err((message, help)) => {
            report.error(&node.place, message, help);
            None
        }
    }
}

fn url_help(name: &str) -> String {
    match suggest::nearest(name, known::all().map(|known| known.name)) {
        Some(meant) if meant != name => {
            format!("did you mean `[providers.{meant}]`? Else add `base_url = \"https://…\"`")
        }
        _ => "add `base_url = \"https://…\"`: only well-known providers have a default".to_owned(),
    }
}

fn api_version(dialect: Dialect, members: &mut Members<'_>, report: &mut Report<'_>) -> Option<String> {
    let node = members.get("api_version")?;
    if !dialect.has_versions() {
        let message = format!("`api_version` has no meaning in the dialect `{}`", dialect.as_str());
        report.error(&node.place, message, "leave it out; if there is a version, it is in `base_url`");
        return None;
    }
    let version = node.string(report)?;
    // It goes into a header, a path or a query.
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        report.error(&node.place, "this is no version of an API", "write it as in `\"2023-06-01\"`");
        return None;
    }
    if dialect == Dialect::Anthropic && !matches!(&*version, "2023-06-01" | "2026-10-21") {
        report.error(&node.place, "Anthropic has no such version", "write `\"2023-06-01\"` or `\"2026-10-21\"`");
        return None;
    }
    Some(version.into_owned())
}

impl fmt::Debug for Provider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Provider")
            .field("name", &self.name)
            .field("dialect", &self.dialect)
            .field("base_url", &self.base_url)
            .field("api_keys", &self.api_keys.len())
            .finish_non_exhaustive()
    }
}
