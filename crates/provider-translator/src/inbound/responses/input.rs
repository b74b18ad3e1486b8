//! Items as messages: whatever an assistant does between two turns of others is one message.

use foldhash::HashMap;
use llm_layers_core::Failure;
use llm_layers_wire::json::Object;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    content::{self, string},
    message::{Assistant, Called, Content, Custom, Function, Message, ToolCall},
    request::raw,
    seal,
};
use crate::{place::Place, warnings::Warnings};

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    role: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    call_id: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    namespace: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    summary: Option<&'a RawValue>,
    #[serde(borrow)]
    encrypted_content: Option<&'a RawValue>,
}

/// Reads `instructions` and `input`.
pub(super) fn messages<'a>(object: &'a Object, warnings: &mut Warnings) -> Result<Vec<Message<'a>>, Failure> {
    let mut builder = Builder::default();
    if let Some(instructions) = raw(object, "instructions") {
        let content = Content::Text(string(Some(instructions), &Place::new("instructions"))?);
        builder.messages.push(Message::System { content });
    }
    let place = Place::new("input");
    let input = raw(object, "input").ok_or_else(|| place.missing())?;
    if input.get().starts_with('"') {
        builder.messages.push(Message::User { content: Content::Text(input) });
    } else if input.get().starts_with('[') {
        for (index, raw) in place.list(input)?.into_iter().enumerate() {
            builder.item(raw, &place.item(index), warnings)?;
        }
    } else {
        return Err(place.expected("a string or a list of items"));
    }
    builder.end_turn();
    if builder.messages.is_empty() {
        return Err(place.invalid("it is empty"));
    }
    Ok(builder.messages)
}

#[derive(Default)]
struct Builder<'a> {
    messages: Vec<Message<'a>>,
    /// The assistant's turn that is still being read.
    turn: Option<Assistant<'a>>,
    /// What hangs on calls of this turn, by their ids.
    extras: HashMap<String, Box<RawValue>>,
}

impl<'a> Builder<'a> {
    fn item(&mut self, raw: &'a RawValue, place: &Place<'_>, warnings: &mut Warnings) -> Result<(), Failure> {
        let item: Item<'a> = place.members(raw)?;
        let kind_place = place.member("type");
        let kind = item.kind.map(|raw| kind_place.text(raw)).transpose()?;
        if item.namespace.is_some() {
            warnings.dropped("input.namespace", "unsupported")?;
        }
        match kind.as_deref() {
            Some("message") => self.message(&item, place, warnings),
            None if item.role.is_some() => self.message(&item, place, warnings),
            Some("function_call") => {
                let function = Function {
                    name: string(item.name, &place.member("name"))?,
                    arguments: string(item.arguments, &place.member("arguments"))?,
                };
                self.call(&item, Called::Function { function }, place)
            }
            Some("custom_tool_call") => {
                let custom = Custom {
                    name: string(item.name, &place.member("name"))?,
                    input: string(item.input, &place.member("input"))?,
                };
                self.call(&item, Called::Custom { custom }, place)
            }
            Some("function_call_output" | "custom_tool_call_output") => {
                let tool_call_id = string(item.call_id, &place.member("call_id"))?;
                let content = content::read(item.output, &place.member("output"), warnings)?;
                self.other(Message::Tool { tool_call_id, content });
                Ok(())
            }
            Some("reasoning") => self.reasoning(&item, place, warnings),
            // A reference may come without a type.
            Some("item_reference") | None => {
                let message =
                    format!("`{place}` refers to a stored item, and nothing is stored. Send the item itself.");
                Err(place.refused("unsupported_parameter", message))
            }
            // Left out, something would be missing from the conversation.
            Some(kind) => {
                // A word of the client's own is not repeated at any length.
                let kind: String = kind.chars().take(64).collect();
                Err(kind_place.unsupported(&format!("chat completions have no items of type `{kind}`")))
            }
        }
    }

    fn message(&mut self, item: &Item<'a>, place: &Place<'_>, warnings: &mut Warnings) -> Result<(), Failure> {
        let role = place.member("role");
        let role_text = role.text(item.role.ok_or_else(|| role.missing())?)?;
        let content = content::read(item.content, &place.member("content"), warnings)?;
        match role_text.as_ref() {
            "user" => self.other(Message::User { content }),
            "system" => self.other(Message::System { content }),
            "developer" => self.other(Message::Developer { content }),
            "assistant" => {
                let turn = self.turn.get_or_insert_default();
                turn.content = Some(match turn.content.take() {
                    Some(earlier) => earlier.and(content),
                    None => content,
                });
            }
            _ => return Err(role.invalid("it is none of user, assistant, system and developer")),
        }
        Ok(())
    }

    fn call(&mut self, item: &Item<'a>, called: Called<'a>, place: &Place<'_>) -> Result<(), Failure> {
        let id = string(item.call_id, &place.member("call_id"))?;
        self.turn.get_or_insert_default().tool_calls.push(ToolCall { id, called, extra_content: None });
        Ok(())
    }

    fn reasoning(&mut self, item: &Item<'a>, place: &Place<'_>, warnings: &mut Warnings) -> Result<(), Failure> {
        let turn = self.turn.get_or_insert_default();
        let content = texts(item.content, &place.member("content"))?;
        let summary = texts(item.summary, &place.member("summary"))?;
        let text = if content.is_empty() { summary } else { content };
        if !text.is_empty() && !turn.reasoning_content.is_empty() {
            turn.reasoning_content.push_str(PARAGRAPH);
        }
        turn.reasoning_content.push_str(&text);
        if let Some(raw) = item.encrypted_content {
            match seal::open(&place.member("encrypted_content").text(raw)?) {
                Some((details, extras)) => {
                    turn.reasoning_details.extend(details);
                    self.extras.extend(extras.into_iter().map(|extra| (extra.id, extra.extra_content)));
                }
                // Another's: only whoever has made it can read it.
                None => warnings.dropped("input.encrypted_content", "foreign")?,
            }
        }
        Ok(())
    }

    /// Adds a message of somebody else than the assistant, whose turn has ended.
    fn other(&mut self, message: Message<'a>) {
        self.end_turn();
        self.messages.push(message);
    }

    fn end_turn(&mut self) {
        let mut extras = std::mem::take(&mut self.extras);
        if let Some(mut turn) = self.turn.take() {
            for call in &mut turn.tool_calls {
                if extras.is_empty() {
                    break;
                }
                let id: Option<String> = serde_json::from_str(call.id.get()).ok();
                call.extra_content = id.and_then(|id| extras.remove(&id));
            }
            if turn.content.is_none() && turn.tool_calls.is_empty() {
                // It has only thought; what it says must be there all the same.
                turn.content = serde_json::from_str("\"\"").ok().map(Content::Text);
            }
            self.messages.push(Message::Assistant(turn));
        }
    }
}

const PARAGRAPH: &str = "\n\n";

/// The texts of a list of `{"type": …, "text": …}`, as paragraphs.
fn texts(raw: Option<&RawValue>, place: &Place<'_>) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Text<'a> {
        #[serde(borrow)]
        text: Option<&'a RawValue>,
    }
    let mut texts = String::new();
    let items = raw.map(|raw| place.list(raw)).transpose()?.unwrap_or_default();
    for (index, raw) in items.into_iter().enumerate() {
        let place = place.item(index);
        let Text { text } = place.members(raw)?;
        let place = place.member("text");
        if index > 0 {
            texts.push_str(PARAGRAPH);
        }
        texts.push_str(&place.text(text.ok_or_else(|| place.missing())?)?);
    }
    Ok(texts)
}
