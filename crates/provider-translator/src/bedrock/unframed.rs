//! Claude's own stream, out of Bedrock's frames: the events that Anthropic would have sent, byte for byte.
//!
//! Source: `anthropic.lib.bedrock._stream_decoder` of Anthropic's Python SDK 2.11.0, which makes the same of them.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use llm_layers_core::{BoxError, Failure};
use llm_layers_wire::sse::Event;
use serde::Deserialize;

use super::{errors, invoke::unwrap};
use crate::{
    anthropic,
    errors::not_an_answer,
    inbound,
    translate::{Flow, Translate},
};

/// Names the events of a stream.
pub(super) struct Unframed {
    /// Something that matters has been said.
    spoken: bool,
    provider: Arc<str>,
}

impl Unframed {
    pub(super) fn new(provider: &Arc<str>) -> Self {
        Self { spoken: false, provider: Arc::clone(provider) }
    }

    fn named(&mut self, data: Vec<u8>, out: &mut Vec<Event>) -> Flow {
        #[derive(Deserialize)]
        struct Told<'a> {
            #[serde(rename = "type", borrow)]
            kind: Option<Cow<'a, str>>,
        }
        let Ok(Told { kind }) = serde_json::from_slice(&data) else {
            return Flow::Failed(not_an_answer("a chunk that is no JSON object", &self.provider));
        };
        // Nobody could tell what kind of event it is.
        let Some(kind) = kind.map(Cow::into_owned) else { return self.flow() };
        if kind == "error" && !self.spoken {
            return Flow::Failed(anthropic::in_stream(&data, &self.provider));
        }
        self.spoken |= !matches!(kind.as_str(), "message_start" | "content_block_start" | "ping");
        let is_last = matches!(kind.as_str(), "message_stop" | "error");
        out.push(Event::new(data).with_name(kind));
        if is_last { Flow::Over } else { self.flow() }
    }

    const fn flow(&self) -> Flow {
        if self.spoken { Flow::Going } else { Flow::Opening }
    }
}

impl Translate for Unframed {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        Ok(body)
    }

    fn event(&mut self, event: Event, out: &mut Vec<Event>) -> Flow {
        let name = event.name().and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let data = event.data().unwrap_or_default();
        match name {
            "chunk" => match unwrap(data) {
                Some(data) => self.named(data, out),
                None => Flow::Failed(not_an_answer("a chunk without bytes", &self.provider)),
            },
            name if errors::is_exception(name) => Flow::Failed(errors::in_stream(name, data, &self.provider)),
            _ => self.flow(),
        }
    }

    fn end(&mut self, error: Option<BoxError>, _: &mut Vec<Event>) -> Flow {
        Flow::Failed(errors::broken(error, &self.provider))
    }

    fn told(&self, failure: &Failure) -> Event {
        Event::new(inbound::messages_failure(failure.status(), failure.error()).1).with_name("error")
    }
}
