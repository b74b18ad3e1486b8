//! A layer's own settings, which its crate reads; what is wrong with them is told as all else is.

use std::{fmt, ops::Range};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

use super::node::Node;
use super::report::{Place, Report};
use super::suggest;

/// Where something is wrong, and the value that stands there.
struct Fault<'v> {
    place: Place,
    value: &'v DeValue<'v>,
    span: Range<usize>,
}

impl Node<'_> {
    /// A layer's own settings: the members of a table but for those that are read here, which may hold secrets, or a
    /// value of another kind. What is wrong is told at its member.
    pub(super) fn settings<T, U>(&self, but: &[&str], report: &mut Report<'_>) -> Option<U>
    where
        T: DeserializeOwned,
        U: TryFrom<T, Error: fmt::Display>,
    {
        self.settings_with(but, |_: &mut T| {}, report)
    }

    /// As [`settings`](Self::settings), and puts in what was read here.
    pub(super) fn settings_with<T, U>(
        &self,
        but: &[&str],
        put_in: impl FnOnce(&mut T),
        report: &mut Report<'_>,
    ) -> Option<U>
    where
        T: DeserializeOwned,
        U: TryFrom<T, Error: fmt::Display>,
    {
        let mut value = self.value.clone();
        if let DeValue::Table(table) = &mut value {
            but.iter().for_each(|name| drop(table.remove(*name)));
        }
        let whole = Spanned::new(self.place.span.clone(), value.clone());
        let (message, at) = match T::deserialize(ValueDeserializer::from(whole)) {
            Ok(mut settings) => {
                put_in(&mut settings);
                match U::try_from(settings) {
                    Ok(settings) => return Some(settings),
                    Err(error) => (error.to_string(), None),
                }
            }
            Err(error) => (error.message().to_owned(), error.span()),
        };
        let Fault { place, value: at_fault, span } = match at {
            Some(at) => self.deepest(&value, at.start),
            None => self.named(&value, &message),
        };
        if let Some((unknown, known)) = unknown_word(&message, "unknown field `") {
            let help = suggest::help(unknown, known.into_iter().chain(but.iter().copied()));
            report.error(&place, format!("unknown member `{unknown}`"), help);
            return None;
        }
        show(at_fault, span, report);
        let (message, help) = told(&hushed(message, &value), &place.path);
        report.error(&place, message, help);
        None
    }

    fn whole<'v>(&self, value: &'v DeValue<'v>) -> Fault<'v> {
        Fault { place: self.place.clone(), value, span: self.place.span.clone() }
    }

    /// The place of the member, of a member, that stands at this byte: serde says where it is.
    fn deepest<'v>(&self, value: &'v DeValue<'v>, at: usize) -> Fault<'v> {
        let mut fault = self.whole(value);
        let mut within = Some(value);
        while let Some(value) = within.take() {
            within = match value {
                DeValue::Table(table) => {
                    let mut members = table.iter();
                    let found = members.find(|(name, value)| name.span().contains(&at) || value.span().contains(&at));
                    found.map(|(name, value)| fault.member(name, value))
                }
                DeValue::Array(array) => {
                    let found = array.iter().enumerate().find(|(_, value)| value.span().contains(&at));
                    found.map(|(i, value)| fault.element(i, value))
                }
                _ => None,
            };
        }
        fault
    }

    /// The place of the member that a layer's own message begins with: `` `complexity[0].up_to`: … ``.
    fn named<'v>(&self, value: &'v DeValue<'v>, message: &str) -> Fault<'v> {
        let path = message.strip_prefix('`').and_then(|rest| rest.split('`').next()).unwrap_or_default();
        let mut fault = self.whole(value);
        let mut within = Some(value);
        for step in path.split(['.', '[']) {
            let step = step.trim_end_matches(']');
            within = match within {
                Some(DeValue::Table(table)) => {
                    let found = table.iter().find(|(name, _)| name.get_ref() == step);
                    found.map(|(name, value)| fault.member(name, value))
                }
                Some(DeValue::Array(array)) => {
                    let found = step.parse().ok().and_then(|i: usize| Some((i, array.get(i)?)));
                    found.map(|(i, value)| fault.element(i, value))
                }
                _ => None,
            };
        }
        fault
    }
}

impl<'v> Fault<'v> {
    fn member(&mut self, name: &Spanned<impl AsRef<str>>, value: &'v Spanned<DeValue<'v>>) -> &'v DeValue<'v> {
        let path = format!("{}.{}", self.place.path, name.get_ref().as_ref());
        self.place = Place { span: name.span(), path };
        self.at(value)
    }

    fn element(&mut self, i: usize, value: &'v Spanned<DeValue<'v>>) -> &'v DeValue<'v> {
        self.place = Place { span: value.span(), path: format!("{}[{i}]", self.place.path) };
        self.at(value)
    }

    fn at(&mut self, value: &'v Spanned<DeValue<'v>>) -> &'v DeValue<'v> {
        (self.value, self.span) = (value.get_ref(), value.span());
        self.value
    }
}

/// Shows the value that is wrong, and if it is a list its elements, but not what may be a key.
fn show(value: &DeValue<'_>, span: Range<usize>, report: &mut Report<'_>) {
    match value {
        DeValue::Table(_) => {}
        DeValue::Array(array) => array.iter().for_each(|value| show(value.get_ref(), value.span(), report)),
        DeValue::String(text) if may_be_key(text) => {}
        _ => report.mask.show(span),
    }
}

/// Whether a word may be a key or hold a password. None belongs into these tables: this is for what somebody puts into
/// the wrong place.
fn may_be_key(text: &str) -> bool {
    const LONGEST_WORD: usize = 200;
    let is_random = |run: &str| {
        let has = |kind: fn(&u8) -> bool| run.as_bytes().iter().any(kind);
        run.len() >= 16 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
    };
    text.len() > LONGEST_WORD
        || ["sk-", "sk_", "Bearer", "bearer"].iter().any(|beginning| text.starts_with(beginning))
        || text.contains('@')
        || text.contains("://")
        || text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_random)
}

/// A message without the strings of the value that may be keys: the longest first, so that none is hidden in part, and
/// also as serde spells them. The shortest are no keys, and part of many a word.
fn hushed(message: String, value: &DeValue<'_>) -> String {
    const SHORTEST_KEY: usize = 4;
    let mut texts = Vec::new();
    let mut within = vec![value];
    while let Some(value) = within.pop() {
        match value {
            DeValue::String(text) if text.len() >= SHORTEST_KEY && may_be_key(text) => texts.push(text.as_ref()),
            DeValue::Table(table) => within.extend(table.values().map(Spanned::get_ref)),
            DeValue::Array(array) => within.extend(array.iter().map(Spanned::get_ref)),
            _ => {}
        }
    }
    texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
    let hidden = texts.iter().fold(message, |message, text| {
        let escaped = format!("{text:?}");
        message.replace(text, "…").replace(escaped.trim_matches('"'), "…")
    });
    hidden.replace(char::is_control, " ").trim_end().to_owned()
}

/// A message as people read it, and what to write instead.
fn told(message: &str, path: &str) -> (String, String) {
    // A layer's message begins with the member, which is shown beside the line.
    let message = match message.strip_prefix('`').and_then(|rest| rest.split_once("`: ")) {
        Some((member, rest)) if path.ends_with(&format!(".{member}")) => rest,
        _ => message,
    };
    let page = format!("see {}", page(path));
    if let Some((found, expected)) = unexpected(message) {
        let number = found.strip_prefix("the number ");
        let is_money = path.contains("price") || path.ends_with("max_cost");
        let instead = match number {
            Some(number) if is_money => {
                format!("write it within quotes, since a number is not exact: `\"{number}\"`; ")
            }
            Some(_) if expected == "a string" => {
                "write it within quotes, a time with its unit, such as `\"30s\"`; ".to_owned()
            }
            _ => String::new(),
        };
        return (format!("expected {expected}, found {found}"), instead + &page);
    }
    if let Some(missing) = message.strip_prefix("missing field ") {
        return (format!("missing member {missing}"), page);
    }
    let word = unknown_word(message, "unknown variant `").or_else(|| none_of(message));
    let meant = word.and_then(|(word, known)| suggest::nearest(word, known));
    (message.to_owned(), meant.map_or(page, |meant| format!("did you mean `{meant}`?")))
}

/// What serde found and what it expected, in words of TOML in place of Rust's.
fn unexpected(message: &str) -> Option<(String, &str)> {
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.split_once(", expected ")?;
    let number = found.strip_prefix("floating point ").or_else(|| found.strip_prefix("integer "));
    let found = match (number, found) {
        (Some(number), _) => format!("the number {}", number.trim_matches('`')),
        (_, "map") => "a table".to_owned(),
        (_, "sequence") => "a list".to_owned(),
        _ => found.strip_prefix("string ").or_else(|| found.strip_prefix("boolean ")).unwrap_or(found).to_owned(),
    };
    let is_integer = |name: &str| ["u8", "u16", "u32", "u64", "usize", "i64"].contains(&name);
    let expected = match expected {
        "a map" => "a table",
        "a sequence" => "a list",
        "a boolean" => "`true` or `false`",
        "f32" | "f64" => "a number",
        _ if is_integer(expected) => "a whole number",
        _ if expected.strip_prefix("a nonzero ").is_some_and(is_integer) => "a whole number above zero",
        _ if expected.starts_with("struct ") => "a table",
        _ => expected,
    };
    Some((found, expected))
}

/// What serde says of a word that it does not know, and those that it knows.
fn unknown_word<'m>(message: &'m str, beginning: &str) -> Option<(&'m str, Vec<&'m str>)> {
    let (unknown, rest) = message.strip_prefix(beginning)?.split_once('`')?;
    Some((unknown, rest.split('`').skip(1).step_by(2).collect()))
}

/// The same where a layer says it: `` `quick` is none of ordered, weighted ``.
fn none_of(message: &str) -> Option<(&str, Vec<&str>)> {
    let (before, known) = message.split_once("` is none of ")?;
    Some((before.rsplit('`').next()?, known.split(", ").filter(|word| !word.contains(' ')).collect()))
}

/// The page that has the members of a table.
fn page(path: &str) -> &'static str {
    let is_budget = |member: &str| ["budget", "global"].iter().any(|name| member.starts_with(name));
    let members: Vec<_> = path.split('.').collect();
    match members.as_slice() {
        ["layers", "accounts", member, ..] if is_budget(member) => "docs/budgets.md",
        ["layers", "accounts", ..] => "docs/accounts.md",
        ["layers", "retry", ..] => "docs/retry.md",
        ["layers", "circuit_breaker", ..] => "docs/circuit-breaker.md",
        ["layers", "rate_limit", ..] => "docs/rate-limit.md",
        ["layers", "pii_redaction", ..] => "docs/pii-redaction.md",
        ["layers", "tool_call_validator", ..] => "docs/tool-call-validator.md",
        ["layers", ..] | ["providers", ..] => "docs/timeout.md",
        ["keys", ..] => "docs/budgets.md",
        [list, member, ..] if list.starts_with("aliases") && is_budget(member) => "docs/budgets.md",
        [list, ..] if list.starts_with("aliases") => "docs/cost-router.md",
        _ => "docs/catalogue.md",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{may_be_key, page};

    #[test]
    fn pages_are_there() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (path, expected) in [
            ("deployments[0].price.input", "docs/catalogue.md"),
            ("aliases[1].policy", "docs/cost-router.md"),
            ("aliases[1].budget[0].usd", "docs/budgets.md"),
            ("keys.a.budget.per", "docs/budgets.md"),
            ("providers.p.timeout.idle", "docs/timeout.md"),
            ("layers.accounts.ledger", "docs/accounts.md"),
            ("layers.accounts.global.usd", "docs/budgets.md"),
            ("layers.rate_limit.rpm", "docs/rate-limit.md"),
            ("layers.pii_redaction.entities.email", "docs/pii-redaction.md"),
            ("layers.circuit_breaker", "docs/circuit-breaker.md"),
            ("layers.retry.hedge", "docs/retry.md"),
            ("layers.timeout.idle", "docs/timeout.md"),
            ("layers.deadline.max", "docs/timeout.md"),
        ] {
            assert_eq!(page(path), expected, "{path}");
            assert!(docs.join(expected).is_file(), "{expected}");
        }
    }

    #[test]
    fn words_are_no_keys() {
        for word in ["giant", "Europe/Berln", "quickest", "gpt-4o-mini-2024-07-18", "8:00", "header:x-user-id", ""] {
            assert!(!may_be_key(word), "{word}");
        }
        for key in [
            "sk-HUSH",
            "Bearer x",
            "redis://:pass@host",
            "me:pass@host",
            "AKIAIOSFODNN7EXAMPLE",
            "gsk_1aBcDeFgHiJkLmNoPq",
            "0123456789abcdef",
        ] {
            assert!(may_be_key(key), "{key}");
        }
    }
}
