use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    ops::Deref,
    sync::{Arc, OnceLock},
};

use llm_layers_core::cut;

use crate::{repair::names, schemas::Schema};

/// Names that a message lists.
const LISTED: usize = 10;
/// The longest name that is compared with others, in bytes.
const LONGEST: usize = 512;

/// A tool that the client runs.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    /// `None` for a tool that takes free text.
    pub(crate) schema: Option<Arc<Schema>>,
}

/// The tools of a request, by their names.
#[derive(Default)]
pub(crate) struct Tools {
    by_name: HashMap<Box<str>, Tool>,
    /// By their names without case and separators: made when a name is not found, so that however many calls there are of
    /// however many tools, each is found at once.
    folded: OnceLock<HashMap<String, Vec<Box<str>>>>,
    told: OnceLock<String>,
}

impl Tools {
    /// The tool that is meant by a name that none has, if there is one alone.
    pub(crate) fn meant(&self, name: &str) -> Option<&str> {
        if name.len() > LONGEST {
            return None;
        }
        let folded = self.folded.get_or_init(|| self.fold());
        let fold = |name: &str| names::folded(name).collect::<String>();
        let (whole, bare) = (fold(name), name.split_once('.').map(|(_, bare)| fold(bare)));
        let bare = bare.filter(|bare| *bare != whole);
        let near = [Some(whole), bare].into_iter().flatten().filter_map(|name| folded.get(&name)).flatten();
        names::tool(name, near.map(|name| &**name))
    }

    /// At most two of each: two are as ambiguous as any number.
    fn fold(&self) -> HashMap<String, Vec<Box<str>>> {
        let mut folded: HashMap<_, Vec<Box<str>>> = HashMap::new();
        for name in self.by_name.keys() {
            let names = folded.entry(names::folded(name).collect()).or_default();
            if names.len() < 2 {
                names.push(name.clone());
            }
        }
        folded
    }

    /// What there is, for whoever has called something else.
    pub(crate) fn told(&self) -> &str {
        self.told.get_or_init(|| {
            let mut names: Vec<_> = self.by_name.keys().collect();
            names.sort_unstable();
            list(names)
        })
    }
}

/// The first of some names, and how many more there are.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a Box<str>, IntoIter: ExactSizeIterator>) -> String {
    let names = names.into_iter();
    let (mut told, count) = (String::new(), names.len());
    for (index, name) in names.take(LISTED).enumerate() {
        // Into a `String`, which takes everything.
        let _ = write!(told, "{}`{}`", if index == 0 { "" } else { ", " }, cut(name, 64));
    }
    if count > LISTED {
        let _ = write!(told, " and {} more", count - LISTED);
    }
    told
}

impl From<HashMap<Box<str>, Tool>> for Tools {
    fn from(by_name: HashMap<Box<str>, Tool>) -> Self {
        Self { by_name, ..Self::default() }
    }
}

impl Deref for Tools {
    type Target = HashMap<Box<str>, Tool>;

    fn deref(&self) -> &Self::Target {
        &self.by_name
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.by_name.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools<'a>(names: impl IntoIterator<Item = &'a str>) -> Tools {
        let tool = |name: &str| (name.into(), Tool { schema: None });
        names.into_iter().map(tool).collect::<HashMap<_, _>>().into()
    }

    #[test]
    fn the_one_that_is_meant_is_found() {
        let tools = tools(["get_weather", "getTime", "send_mail", "SendMail", "sendMail", "functions.run", "_"]);
        for (name, expected) in [
            ("getWeather", Some("get_weather")),
            ("functions.GetWeather", Some("get_weather")),
            ("tools.get_time", Some("getTime")),
            ("functions_run", Some("functions.run")),
            ("other.get_time", None),
            ("send-mail", None),
            ("run", None),
            ("-", None),
            ("", None),
            (".", None),
            ("_.getTime", Some("getTime")),
        ] {
            assert_eq!(tools.meant(name), expected, "{name}");
        }
        assert_eq!(tools.meant(&"a".repeat(1 << 20)), None);
    }

    #[test]
    fn what_there_is_is_told_in_order_and_briefly() {
        assert_eq!(tools(["b", "a"]).told(), "`a`, `b`");
        let many: Vec<_> = (10..30).map(|index| format!("{index}{}", "x".repeat(100))).collect();
        let told = tools(many.iter().map(String::as_str)).told().to_owned();
        assert!(told.starts_with("`10xx") && told.ends_with("` and 10 more"), "{told}");
        assert_eq!(told.matches('`').count(), 20);
        assert_eq!(tools([]).told(), "");
    }
}
