//! A fault at work: from the request to the bytes that are sent.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use super::{Fault, Instead, Until};
use crate::call::{Call, Speaks};
use crate::reply::{Event, Payload, Ready, Reply};
use crate::{anthropic, azure, bedrock, cohere, gemini, ollama, openai};

/// What the server has to do.
pub(crate) struct Verdict {
    pub(crate) slow: Option<Duration>,
    pub(crate) pace: Option<Duration>,
    pub(crate) opening: Opening,
    pub(crate) ready: Ready,
    pub(crate) ending: Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Answer,
    Reset,
    Hang,
}

/// What follows the last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    Clean,
    Stall,
    Reset,
}

impl Fault {
    pub(crate) fn apply(&self, speaks: Speaks, call: &Call<'_>) -> Verdict {
        let opening = match self.instead {
            Instead::Reset => Opening::Reset,
            Instead::Hang => Opening::Hang,
            _ => Opening::Answer,
        };
        let (mut ready, ending) = self.render(speaks, self.reply(speaks, call));
        let mut pace = self.pace;
        if self.framing.tear {
            ready.frames = super::framing::tear(&ready.frames);
            // One piece, one write.
            pace = pace.or(Some(Duration::ZERO));
        }
        Verdict { slow: self.slow, pace, opening, ready, ending }
    }

    fn reply(&self, speaks: Speaks, call: &Call<'_>) -> Reply {
        let reply = match self.instead {
            Instead::Nothing => speaks.reply(call),
            Instead::Status(status) => speaks.shaped(speaks.status(status, self.retry_after.as_deref()), call),
            Instead::Quota => speaks.shaped(speaks.quota(), call),
            Instead::Html => html(),
            Instead::Empty => empty(speaks.reply(call)),
            // Nobody will see it.
            Instead::Reset | Instead::Hang => Reply::raw(StatusCode::OK, "text/plain", Bytes::new()),
        };
        // Google tells the delay in the body of the 429 and in no header.
        let told = matches!((speaks, self.instead), (Speaks::Google(_), Instead::Status(429)));
        self.advise(reply, told)
    }

    /// The headers about trying again that were asked for by name.
    fn advise(&self, mut reply: Reply, told: bool) -> Reply {
        if let Some(value) = self.retry_after.as_ref().filter(|_| !told) {
            reply = reply.with_text("retry-after", value);
        }
        if let Some(value) = self.retry_after_ms {
            reply = reply.with_text("retry-after-ms", &value.to_string());
        }
        if let Some(value) = self.should_retry {
            reply = reply.with_text("x-should-retry", if value { "true" } else { "false" });
        }
        reply
    }

    fn render(&self, speaks: Speaks, reply: Reply) -> (Ready, Close) {
        let Reply { status, headers, payload, layout } = reply;
        let headers = *headers;
        match payload {
            Payload::Events(mut events) => {
                self.edits.stream(&mut events);
                let ending = self.end_events(speaks, &mut events);
                let frames = self.framing.encode(&events, layout);
                (Ready { status, headers, frames, announced: None }, ending)
            }
            Payload::Json(value) => {
                let value = match self.until {
                    // As some gateways do: the status says 200, the body is an error.
                    Until::Error(_) => error_event(speaks).value().cloned().unwrap_or_default(),
                    _ => self.edits.plain(value),
                };
                let (frame, announced, ending) = self.end_bytes(self.edits.text(Bytes::from(value.to_string())));
                (Ready { status, headers, frames: Arc::from([frame]), announced }, ending)
            }
            Payload::Raw(bytes) => {
                let (frame, announced, ending) = self.end_bytes(self.edits.text(bytes));
                (Ready { status, headers, frames: Arc::from([frame]), announced }, ending)
            }
        }
    }

    fn end_events(&self, speaks: Speaks, events: &mut Vec<Event>) -> Close {
        match self.until {
            Until::TheEnd => Close::Clean,
            Until::Cut(after) => {
                events.truncate(after);
                Close::Clean
            }
            Until::Error(after) => {
                let end = events.last().filter(|event| event.is_array_end()).cloned();
                events.truncate(after);
                events.push(error_event(speaks));
                events.extend(end);
                Close::Clean
            }
            Until::Stall(after) => {
                events.truncate(after);
                Close::Stall
            }
            Until::Reset(after) => {
                events.truncate(after);
                Close::Reset
            }
        }
    }

    /// The bytes that are sent, the length that is announced, the end.
    fn end_bytes(&self, body: Bytes) -> (Bytes, Option<u64>, Close) {
        let announced = Some(body.len() as u64);
        let head = |after: usize| body.slice(..after.min(body.len()));
        match self.until {
            Until::TheEnd | Until::Error(_) => (body, announced, Close::Clean),
            // A clean end has to be one by HTTP's rules too, so no length is announced.
            Until::Cut(after) => (head(after), None, Close::Clean),
            Until::Stall(after) => (head(after), announced, Close::Stall),
            Until::Reset(after) => (head(after), announced, Close::Reset),
        }
    }
}

fn error_event(speaks: Speaks) -> Event {
    match speaks {
        Speaks::OpenAi => Event::json(openai::error::in_stream()),
        Speaks::Anthropic => Event::named("error", anthropic::error::in_stream()),
        Speaks::Bedrock => bedrock::error::in_stream(),
        Speaks::Cohere => cohere::error::in_stream(),
        Speaks::Ollama => ollama::error::in_stream(),
        Speaks::Google(_) => Event::json(gemini::error::in_stream()),
        Speaks::Azure => Event::json(azure::error::in_stream()),
    }
}

/// Whatever the head would have been, and no body.
fn empty(reply: Reply) -> Reply {
    let payload = match reply.payload {
        Payload::Events(_) => Payload::Events(Vec::new()),
        Payload::Json(_) | Payload::Raw(_) => Payload::Raw(Bytes::new()),
    };
    Reply { payload, ..reply }
}

/// What a load balancer says when nobody is behind it.
fn html() -> Reply {
    const PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
        <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n";
    Reply::raw(StatusCode::BAD_GATEWAY, "text/html; charset=UTF-8", Bytes::from_static(PAGE.as_bytes()))
        .with(http::header::SERVER, HeaderValue::from_static("cloudflare"))
}
