//! `[providers.NAME]`: somebody who serves models.

use std::fmt;
use std::sync::Arc;

use http::Uri;

use super::credential;
use super::known::{self, KNOWN};
use super::node::{Members, Node};
use super::report::{Place, Report};
use super::suggest;
use super::timeouts::Timeouts;
use super::{base_url, env};
use llm_layers_core::Secret;

/// Somebody who serves models.
pub struct Provider {
    /// The name after `providers.`: what comes before the slash in `provider/model`.
    pub name: Arc<str>,
    /// The wire format it speaks.
    pub dialect: Dialect,
    /// What its official SDK takes as its base URL; no query, no slash at the end of its path.
    pub base_url: Uri,
    /// The key that goes with each call, if it needs one.
    pub api_key: Option<Secret>,
    /// How long to wait for it.
    pub timeouts: Timeouts,
    /// The version of its API to ask for, where the dialect has one; else the dialect's default.
    pub api_version: Option<String>,
}

/// A wire format that this version speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI's, and that of the many that are compatible with it.
    OpenAi,
    /// Anthropic's Messages API.
    Anthropic,
}

/// Every dialect that the file's format knows; `None` for those that are still to come.
const DIALECTS: [(&str, Option<Dialect>); 8] = [
    ("openai", Some(Dialect::OpenAi)),
    ("anthropic", Some(Dialect::Anthropic)),
    ("azure", None),
    ("gemini", None),
    ("vertex", None),
    ("bedrock", None),
    ("cohere", None),
    ("ollama", None),
];

/// Members that belong to dialects that are still to come.
const OF_OTHER_DIALECTS: [&str; 3] = ["aws_region", "project", "location"];

impl Provider {
    /// Reads one table.
    pub(super) fn read(name: &str, key: &Place, node: &Node<'_>, report: &mut Report<'_>) -> Option<Self> {
        check_name(name, key, report);
        let mut members = node.table("[providers.NAME]", report)?;
        // A dialect that is not spoken is the only thing worth saying about its table.
        let dialect = dialect(name, &mut members, report)?;
        for other in OF_OTHER_DIALECTS {
            members.not_yet(other, "belongs to a dialect that this version does not speak yet", report);
        }
        let known = known::find(name).filter(|known| known.dialect == dialect);
        let given_url = members.get("base_url");
        let is_hosted = given_url.is_none() && known.is_some();
        let base_url = match (given_url, known) {
            (Some(node), _) => read_url(&node, report),
            (None, Some(known)) => known.base_url.parse().ok(),
            (None, None) => {
                members.missing("base_url", url_help(name), report);
                None
            }
        };
        let key_node = members.get("api_key");
        if let (None, true, Some(known)) = (&key_node, is_hosted, known) {
            let help = format!("add `api_key = \"{}{}\"`", env::PREFIX, known.key_variable);
            members.missing("api_key", help, report);
        }
        let api_key = key_node.and_then(|node| credential::read_one(&node, report));
        let timeouts = members.get("timeout").map(|node| Timeouts::read(&node, report));
        let api_version = match (members.get("api_version"), dialect) {
            (Some(node), Dialect::OpenAi) => {
                let message = "`api_version` has no meaning in the dialect `openai`";
                report.error(&node.place, message, "leave it out; the version is in `base_url`");
                None
            }
            (Some(node), Dialect::Anthropic) => api_version(&node, report),
            (None, _) => None,
        };
        members.finish(report);
        Some(Self {
            name: name.into(),
            dialect,
            base_url: base_url?,
            api_key,
            timeouts: timeouts.unwrap_or_default(),
            api_version,
        })
    }
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
        let meant = suggest::nearest(name, KNOWN.iter().map(|known| known.name));
        let help = match meant {
            Some(meant) => {
                format!("did you mean `[providers.{meant}]`? Else add `dialect = \"openai\"`")
            }
            None => "add `dialect = \"openai\"`, which most providers speak, or `\"anthropic\"`".to_owned(),
        };
        members.missing("dialect", help, report);
        return None;
    };
    let dialect = node.choice("dialect", &DIALECTS, report)?;
    if dialect.is_none() {
        let help = "it speaks `openai` and `anthropic`; many providers offer one of them as well";
        report.error(&node.place, "this version does not speak this dialect yet", help);
    }
    dialect
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
    match suggest::nearest(name, KNOWN.iter().map(|known| known.name)) {
        Some(meant) if meant != name => {
            format!("did you mean `[providers.{meant}]`? Else add `base_url = \"https://…\"`")
        }
        _ => "add `base_url = \"https://…\"`: only well-known providers have a default".to_owned(),
    }
}

fn api_version(node: &Node<'_>, report: &mut Report<'_>) -> Option<String> {
    let version = node.string(report)?;
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_graphic()) {
        report.error(&node.place, "this cannot be sent in a header", "write it as in `\"2023-06-01\"`");
        return None;
    }
    Some(version.into_owned())
}

impl Dialect {
    /// The dialect's name in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Provider")
            .field("name", &self.name)
            .field("dialect", &self.dialect)
            .field("base_url", &self.base_url)
            .field("has_api_key", &self.api_key.is_some())
            .finish_non_exhaustive()
    }
}
