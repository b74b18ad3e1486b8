//! The calls of an answer. They are open until it ends: a provider may send several in turns.

use serde_json::value::RawValue;

use super::{
    events::Event,
    items::{CustomToolCall, FunctionCall, Growing, Item, Status},
    output::{Output, TooLong},
    said::Call,
};

impl Output {
    /// Adds a call, or a fragment of one.
    pub(super) fn call(&mut self, call: &Call<'_>) -> Result<(), TooLong> {
        let at = match self.calls.get(&call.index) {
            Some(at) => *at,
            None => self.begin_call(call)?,
        };
        let Some(delta) = call.input else { return Ok(()) };
        self.take(delta.get().len())?;
        let place = |id| Event { item_id: Some(id), output_index: Some(at), delta: Some(delta), ..Event::default() };
        match self.items.get_mut(at) {
            Some(Item::FunctionCall(FunctionCall { id, arguments, .. })) => {
                arguments.push(delta);
                self.events.send("response.function_call_arguments.delta", &place(id));
            }
            Some(Item::CustomToolCall(CustomToolCall { id, input, .. })) => {
                input.push(delta);
                self.events.send("response.custom_tool_call_input.delta", &place(id));
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_call(&mut self, call: &Call<'_>) -> Result<usize, TooLong> {
        let given = call.id.and_then(|id| serde_json::from_str::<String>(id.get()).ok());
        let call_id = given.unwrap_or_else(|| format!("call_{}{:04x}", self.seed, call.index));
        if let Some(extra) = call.extra {
            self.hang(&call_id, extra)?;
        }
        self.close(Status::Completed);
        let at = self.items.len();
        let mut name = Growing::default();
        if let Some(given) = call.name {
            name.push(given);
        }
        let item = if call.is_custom {
            let id = self.next_id("ctc")?;
            Item::CustomToolCall(CustomToolCall { id, call_id, name, input: Growing::default() })
        } else {
            let id = self.next_id("fc")?;
            let status = Status::InProgress;
            Item::FunctionCall(FunctionCall { id, call_id, name, arguments: Growing::default(), status })
        };
        self.added(&item);
        self.items.push(item);
        self.calls.insert(call.index, at);
        Ok(at)
    }

    /// Ends all calls, in their order. The last may have been cut off.
    pub(super) fn end_calls(&mut self, last: Status) {
        let mut places: Vec<usize> = self.calls.drain().map(|(_, at)| at).collect();
        places.sort_unstable();
        let count = places.len();
        for (nth, at) in places.into_iter().enumerate() {
            let status = if nth + 1 == count { last } else { Status::Completed };
            self.end_call(at, status);
        }
    }

    fn end_call(&mut self, at: usize, status: Status) {
        let Some(item) = self.items.get_mut(at) else { return };
        item.end(status);
        match item {
            Item::FunctionCall(FunctionCall { id, arguments, .. }) => {
                let place = || Event { item_id: Some(id), output_index: Some(at), ..Event::default() };
                // A function without arguments is called with none, and not with no JSON at all.
                let none = RawValue::from_string("\"{}\"".to_owned()).ok();
                if let Some(none) = none.filter(|_| arguments.is_empty() && status == Status::Completed) {
                    arguments.push(&none);
                    let event = Event { delta: Some(&none), ..place() };
                    self.events.send("response.function_call_arguments.delta", &event);
                }
                let event = Event { arguments: Some(arguments), ..place() };
                self.events.send("response.function_call_arguments.done", &event);
            }
            Item::CustomToolCall(CustomToolCall { id, input, .. }) => {
                let event = Event { item_id: Some(id), output_index: Some(at), input: Some(input), ..Event::default() };
                self.events.send("response.custom_tool_call_input.done", &event);
            }
            Item::Reasoning(_) | Item::Message(_) => {}
        }
        self.done(at);
    }
}
