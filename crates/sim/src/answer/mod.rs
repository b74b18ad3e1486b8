//! What the model says. Knows nothing of any wire format.

mod directive;
mod schema;
pub(crate) mod text;

use directive::Directive;
use serde_json::Value;

use crate::ids;

/// A conversation, as far as the answer depends on it.
#[derive(Debug, Default)]
pub(crate) struct Ask<'a> {
    /// The text of the last user message.
    pub(crate) prompt: String,
    /// The results that end the conversation, where it ends in results.
    pub(crate) results: Vec<String>,
    pub(crate) tools: Vec<Tool<'a>>,
    pub(crate) choice: Choice<'a>,
    /// Whether more than one call is allowed.
    pub(crate) parallel: bool,
    pub(crate) shape: Shape<'a>,
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool<'a> {
    pub(crate) name: &'a str,
    pub(crate) schema: Option<&'a Value>,
    /// OpenAI's custom tools take text in place of JSON.
    pub(crate) custom: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Choice<'a> {
    #[default]
    Auto,
    Never,
    Any,
    Named(&'a str),
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Shape<'a> {
    #[default]
    Text,
    JsonObject,
    JsonSchema(&'a Value),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) thinking: Option<String>,
    pub(crate) text: String,
    pub(crate) refusal: Option<String>,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// Decides the call's id.
    pub(crate) seed: u64,
    pub(crate) name: String,
    pub(crate) arguments: String,
    pub(crate) custom: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    #[default]
    Natural,
    Length,
    Stop(String),
}

/// How much of the prompt is echoed, in characters.
const ECHO: usize = 200;
const REFUSAL: &str = "I'm sorry, but I can't help with that.";

impl Ask<'_> {
    /// The answer of the choice `index`; each choice differs.
    pub(crate) fn answer(&self, index: u64) -> Answer {
        let seed = ids::derive(self.seed, index);
        let directive = Directive::read(&self.prompt);
        let mut answer = Answer { thinking: directive.think.clone(), ..Answer::default() };
        if directive.refuse {
            answer.refusal = Some(REFUSAL.to_owned());
            return answer;
        }
        let called = if self.results.is_empty() { &directive.calls } else { &directive.calls_again };
        if !self.results.is_empty() && called.is_empty() {
            let result = text::head(&self.results.join("; "), ECHO);
            answer.text = numbered(format!("The tool said: {result}"), index);
            return answer;
        }
        if !called.is_empty() && (directive.disobey || !matches!(self.choice, Choice::Never)) {
            let allowed = if self.parallel || directive.disobey { called.len() } else { 1 };
            let calls = called.iter().take(allowed);
            answer.calls = calls.map(|(name, arguments)| self.call(name, arguments, seed)).collect();
            answer.text = directive.say.unwrap_or_default();
        } else if let Some(count) = directive.words {
            answer.text = text::words(count, index);
        } else if let Some(say) = directive.say {
            answer.text = numbered(say, index);
        } else if let Some(tool) = self.chosen() {
            let arguments = match tool.schema {
                _ if tool.custom => text::head(&self.prompt, ECHO),
                Some(schema) => schema::instance(schema).to_string(),
                None => "{}".to_owned(),
            };
            answer.calls = vec![self.call(tool.name, &arguments, seed)];
        } else {
            answer.text = match self.shape {
                Shape::Text => numbered(format!("You said: {}", text::head(&self.prompt, ECHO)), index),
                Shape::JsonObject => {
                    let said = text::head(&self.prompt, ECHO);
                    serde_json::json!({"you_said": said, "choice": index}).to_string()
                }
                Shape::JsonSchema(schema) => schema::instance(schema).to_string(),
            };
        }
        for (at, call) in answer.calls.iter_mut().enumerate() {
            call.seed = ids::derive(seed, at as u64);
        }
        answer
    }

    fn chosen(&self) -> Option<&Tool<'_>> {
        match self.choice {
            Choice::Auto | Choice::Never => None,
            Choice::Any => self.tools.first(),
            Choice::Named(name) => self.tools.iter().find(|tool| tool.name == name),
        }
    }

    fn call(&self, name: &str, arguments: &str, seed: u64) -> ToolCall {
        let custom = self.tools.iter().any(|tool| tool.name == name && tool.custom);
        ToolCall { seed, name: name.to_owned(), arguments: arguments.to_owned(), custom }
    }
}

fn numbered(text: String, index: u64) -> String {
    if index == 0 { text } else { format!("{text} [{index}]") }
}

impl Answer {
    /// Ends the answer at the first of the stop sequences and at so many tokens. Arguments of calls count too and
    /// are cut where the tokens end, as the real providers do.
    pub(crate) fn limit(&mut self, stops: &[&str], max_tokens: Option<u64>) {
        let found = stops.iter().filter(|stop| !stop.is_empty());
        let found = found.filter_map(|stop| self.text.find(stop).map(|at| (at, *stop))).min_by_key(|found| found.0);
        if let Some((at, stop)) = found {
            self.text.truncate(at);
            self.calls.clear();
            self.end = End::Stop(stop.to_owned());
        }
        let Some(mut left) = max_tokens else { return };
        if let Some(end) = text::token_end(&self.text, left) {
            self.text.truncate(end);
            self.calls.clear();
            self.end = End::Length;
            return;
        }
        left = left.saturating_sub(text::tokens(&self.text));
        for at in 0..self.calls.len() {
            let Some(call) = self.calls.get_mut(at) else {
                return;
            };
            let cost = text::byte_tokens(&call.arguments);
            if cost > left {
                let room = usize::try_from(left).unwrap_or(usize::MAX).saturating_mul(4);
                let end = text::floor(&call.arguments, room);
                call.arguments.truncate(end);
                self.calls.truncate(at + 1);
                self.end = End::Length;
                return;
            }
            left -= cost;
        }
    }

    /// Tokens of everything that was said.
    pub(crate) fn tokens(&self) -> u64 {
        let calls: u64 = self.calls.iter().map(|call| 1 + text::byte_tokens(&call.arguments)).sum();
        let refusal = self.refusal.as_deref().map_or(0, text::tokens);
        text::tokens(&self.text) + refusal + calls + self.thinking_tokens()
    }

    pub(crate) fn thinking_tokens(&self) -> u64 {
        self.thinking.as_deref().map_or(0, text::tokens)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(prompt: &str) -> Ask<'static> {
        Ask { prompt: prompt.to_owned(), parallel: true, ..Ask::default() }
    }

    #[test]
    fn echoes_and_differs_by_choice() {
        assert_eq!(ask("hi").answer(0).text, "You said: hi");
        assert_eq!(ask("hi").answer(1).text, "You said: hi [1]");
        assert_eq!(ask("sim:say exactly this").answer(0).text, "exactly this");
    }

    #[test]
    fn forced_tools_get_arguments_from_their_schema() {
        let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
        let tools = vec![Tool { name: "f", schema: Some(&schema), custom: false }];
        let mut ask = Ask { tools, choice: Choice::Any, ..ask("hi") };
        assert_eq!(ask.answer(0).calls[0].arguments, r#"{"n":1}"#);
        ask.results = vec!["42".to_owned()];
        assert_eq!(ask.answer(0).text, "The tool said: 42");
    }

    #[test]
    fn limits_cut_text_and_arguments() {
        let mut answer = ask("sim:say one two three").answer(0);
        answer.limit(&[], Some(2));
        assert_eq!((answer.text.as_str(), &answer.end), ("one two", &End::Length));
        let mut answer = ask("sim:say one two three").answer(0);
        answer.limit(&["three", "two"], Some(10));
        assert_eq!((answer.text.as_str(), &answer.end), ("one ", &End::Stop("two".to_owned())));
        let mut answer = ask(r#"sim:tool f {"a":"bcdefghi"}"#).answer(0);
        answer.limit(&[], Some(1));
        assert_eq!((answer.calls[0].arguments.as_str(), answer.end), (r#"{"a""#, End::Length));
    }
}
