//! What a client sees of the calls in an answer.

use crate::{
    ir::{Event, MOST_HELD},
    names::{Names, Wrap},
};

/// Which of an answer's calls are passed on. Converse cannot be told all that OpenAI's clients may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    All,
    /// One at a time was asked for.
    First,
    /// None was asked for; the tools are there because the history has calls.
    None,
    /// The call is the answer: its input is the text, in the shape that the client has asked for.
    AsText(Wrap),
}

/// A call that is being written.
#[derive(Debug)]
pub(super) struct Call {
    to: To,
    wrap: Wrap,
    /// Input that must be whole before it can be unwrapped.
    held: String,
}

#[derive(Clone, Copy, Debug)]
enum To {
    Tool(u32),
    Text,
}

impl Call {
    /// A call begins, of which there were `count` before. Nothing if the client is not to see it.
    pub(super) fn open(
        pass: Pass,
        count: &mut u32,
        id: Option<String>,
        name: &str,
        names: &Names,
        out: &mut Vec<Event>,
    ) -> Option<Self> {
        let index = *count;
        match pass {
            Pass::None => return None,
            Pass::First if index > 0 => return None,
            Pass::AsText(wrap) => return Some(Self { to: To::Text, wrap, held: String::new() }),
            Pass::All | Pass::First => {}
        }
        *count += 1;
        let name = names.original(name).to_owned();
        let wrap = names.wrap(&name);
        let id = id.unwrap_or_else(|| format!("call_{index}"));
        out.push(Event::ToolStart { choice: 0, index, id, name, kind: wrap.kind() });
        Some(Self { to: To::Tool(index), wrap, held: String::new() })
    }

    pub(super) fn input(&mut self, fragment: String, out: &mut Vec<Event>) {
        if self.wrap == Wrap::Plain {
            self.say(fragment, out);
        } else if self.held.len() <= MOST_HELD {
            self.held.push_str(&fragment);
        }
    }

    pub(super) fn close(mut self, out: &mut Vec<Event>) {
        if !self.held.is_empty() {
            let opened = self.wrap.open(&std::mem::take(&mut self.held));
            self.say(opened, out);
        }
        if let To::Tool(index) = self.to {
            out.push(Event::ToolEnd { choice: 0, index });
        }
    }

    fn say(&self, fragment: String, out: &mut Vec<Event>) {
        out.push(match self.to {
            To::Tool(index) => Event::ToolInput { choice: 0, index, fragment },
            To::Text => Event::Text { choice: 0, text: fragment },
        });
    }
}
