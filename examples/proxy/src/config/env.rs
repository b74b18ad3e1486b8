//! Values that stand in the environment: `"env:NAME"`.

use super::report::{Place, Report};
use llm_layers_core::Secret;

/// What a value begins with that stands in the environment.
pub(super) const PREFIX: &str = "env:";

/// Whether this can be the name of a variable: letters, digits and `_`, no digit first; and not so
/// much like a key that it had better not be shown (`gsk_…` with 52 letters of both cases is none).
pub(super) fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let has = |kind: fn(&char) -> bool| name.chars().any(|c| kind(&c));
    let is_random = name.len() >= 20
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
        && (has(char::is_ascii_uppercase) || !name.contains('_'));
    !name.is_empty() && !is_random && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(is_letter)
}

/// The value of a variable, without the white space around it that files and shells leave behind.
pub(super) fn read(name: &str, place: &Place, report: &mut Report<'_>) -> Option<String> {
    if !is_name(name) {
        // Not quoted: it may be a key that somebody put here.
        let help = "write `\"env:NAME\"`, with letters, digits and `_` in NAME";
        report.error(place, "what follows `env:` is not the name of an environment variable", help);
        return None;
    }
    match (report.env)(name).map(|value| value.trim().to_owned()) {
        Some(value) if !value.is_empty() => Some(value),
        Some(_) => {
            let help = format!("set it: `export {name}=…`");
            report.error(place, format!("the environment variable `{name}` is empty"), help);
            None
        }
        None => {
            let help = format!("set it: `export {name}=…`");
            report.error(place, format!("the environment variable `{name}` is not set"), help);
            None
        }
    }
}

/// A key as the file gives it: in the clear, or in the environment.
pub(super) fn secret(text: &str, place: &Place, report: &mut Report<'_>) -> Option<Secret> {
    let key = if let Some(name) = text.strip_prefix(PREFIX) {
        read(name, place, report)?
    } else if let Some(name) = variable_by_another_spelling(text) {
        let help = format!("write `\"env:{name}\"`");
        report.error(place, "this looks like the name of an environment variable, not like a key", help);
        return None;
    } else {
        text.to_owned()
    };
    // It goes into a header; RFC 9110, section 5.5, with the blank left out as well.
    if key.is_empty() {
        report.error(place, "the key is empty", "write `\"env:NAME\"`, or leave the member out");
        return None;
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = "the key holds characters that no HTTP header can carry";
        report.error(place, message, "look for blanks, line breaks and letters beyond ASCII");
        return None;
    }
    Some(Secret::new(key))
}

/// `$NAME`, `${NAME}`, and names such as `OPENAI_API_KEY` that nobody uses as a key.
fn variable_by_another_spelling(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$').unwrap_or(text);
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let is_upper = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    (is_upper && ["_KEY", "_TOKEN", "_SECRET"].iter().any(|end| name.ends_with(end))).then_some(name)
}
