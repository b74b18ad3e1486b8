//! Calls that a model has written into its text.
//!
//! | who writes so | what |
//! | --- | --- |
//! | Hermes, Qwen 2.5 | `<tool_call>{"name": …, "arguments": {…}}</tool_call>` |
//! | Llama 3.1 | `<function=NAME>{…}</function>` |
//! | Mistral up to 2024, and since | `[TOOL_CALLS] [{"name": …, "arguments": {…}}]`, `[TOOL_CALLS]NAME[ARGS]{…}` |
//! | Llama 3.2 and small models | `{"name": …, "parameters": {…}}`, in a Markdown fence or not, and nothing else |
//!
//! By the models' published chat templates, and the parsers that vLLM has for them, as of November 2026. A text is taken for
//! calls only if all that looks like a call is one, of a tool that was offered.

mod opening;
#[cfg(test)]
mod tests;

use self::opening::{Form, Opening};
use crate::{
    contract::Contract,
    repair::{Node, syntax},
};

/// More calls than this are not taken out of a text.
const MAX_CALLS: usize = 128;

/// Calls found in a text, and what is left of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// The text without the calls: up to the first one as it was.
    pub(crate) text: String,
    /// Names and arguments, as written.
    pub(crate) calls: Vec<(String, String)>,
}

/// Finds the calls of offered tools in a text. `None` where there are none.
pub(crate) fn find(text: &str, contract: &Contract) -> Option<Written> {
    // A tool that takes free text takes no arguments.
    find_of(text, |name| contract.tools.get(name).is_some_and(|tool| tool.schema.is_some()))
}

/// How much of a text that is still coming may be let go: what is behind may become a call. `text` is all of it so far.
pub(crate) fn settled(text: &str) -> usize {
    if Opening::of_whole(text) != Opening::Words {
        return 0;
    }
    let is_open = |at: &usize| text.get(*at..).is_some_and(|rest| Opening::marked(rest) != Opening::Words);
    places(text).find(is_open).unwrap_or(text.len())
}

fn find_of(text: &str, is_offered: impl Fn(&str) -> bool) -> Option<Written> {
    let (mut left, mut calls) = (String::new(), Vec::new());
    let mut done = 0;
    for at in places(text) {
        if at < done {
            continue;
        }
        let Opening::Call(form, start) = Opening::marked(text.get(at..)?) else { continue };
        let between = text.get(done..at)?;
        if done == 0 || !between.trim().is_empty() {
            left.push_str(between);
        }
        done = at + start + read(form, text.get(at + start..)?, &mut calls)?;
    }
    if done > 0 {
        left.push_str(Some(text.get(done..)?).filter(|rest| !rest.trim().is_empty()).unwrap_or_default());
    } else {
        let Opening::Call(form, start) = Opening::of_whole(text) else { return None };
        let body = text.get(start..)?;
        let end = read(form, body, &mut calls)?;
        if !body.get(end..)?.trim().is_empty() {
            return None;
        }
    }
    if left.trim().is_empty() {
        left.clear();
    }
    calls.iter().all(|(name, _)| is_offered(name)).then_some(Written { text: left, calls })
}

/// Where a mark can stand.
fn places(text: &str) -> impl Iterator<Item = usize> {
    memchr::memchr2_iter(b'<', b'[', text.as_bytes())
}

/// Reads the calls of one mark, and tells where they end.
fn read(form: Form<'_>, text: &str, calls: &mut Vec<(String, String)>) -> Option<usize> {
    let (node, length) = syntax::first(text)?;
    let end = match form {
        Form::Named { name, end } => {
            calls.push((name.to_owned(), json(&node)));
            end
        }
        Form::Json { end } => {
            match node {
                Node::Array(items) if !items.is_empty() => {
                    for item in &items {
                        calls.push(call(item)?);
                    }
                }
                node => calls.push(call(&node)?),
            }
            end
        }
    };
    if calls.len() > MAX_CALLS {
        return None;
    }
    // Servers that stop at the end mark leave it out.
    let rest = text.get(length..)?.trim_start();
    let behind = if rest.is_empty() { rest } else { rest.strip_prefix(end)? };
    if end.is_empty() { Some(length) } else { Some(text.len() - behind.len()) }
}

/// The name and the arguments of `{"name": …, "arguments": …}`.
fn call(node: &Node) -> Option<(String, String)> {
    let Node::Object(members) = node else { return None };
    let (mut name, mut arguments) = (None, None);
    for (member, value) in members {
        match (member.as_str(), value) {
            ("\"name\"", Node::Scalar(text)) => name = serde_json::from_str(text).ok(),
            ("\"arguments\"" | "\"parameters\"", _) if arguments.is_some() => return None,
            ("\"arguments\"" | "\"parameters\"", Node::Object(_)) => arguments = Some(json(value)),
            // In a string, as calls of the API have them.
            ("\"arguments\"" | "\"parameters\"", Node::Scalar(text)) => arguments = serde_json::from_str(text).ok(),
            ("\"id\"" | "\"type\"", Node::Scalar(_)) => {}
            _ => return None,
        }
    }
    Some((name?, arguments?))
}

fn json(node: &Node) -> String {
    let mut text = String::new();
    node.write(&mut text);
    text
}
