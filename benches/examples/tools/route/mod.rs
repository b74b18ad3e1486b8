//! The ways by which a call can reach a client: each a request, a provider's answer, and how a client reads it.

mod arguments;
mod chat;
mod messages;
mod responses;
mod text;

use std::{convert::Infallible, future::Future};

use http::{Request, Response, header::CONTENT_TYPE};
use llm_layers_core::Body;
use llm_layers_tool_call_validator::{Schemas, ValidateLayer};
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

use crate::{
    case::{Case, Outcome, Said},
    corpus::Tool,
};

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// `Schemas::check_arguments`, without HTTP.
    Arguments,
    Chat,
    ChatStream,
    Messages,
    MessagesStream,
    Responses,
    ResponsesStream,
    /// As the text of an answer that `response_format` wants to be JSON by the same schema.
    Text,
    TextStream,
}

/// A stream is cut into events of so many characters of the arguments.
const PIECES: [usize; 5] = [1, 3, 7, 64, usize::MAX];

impl Route {
    pub(crate) const ALL: [Self; 9] = [
        Self::Arguments,
        Self::Chat,
        Self::ChatStream,
        Self::Messages,
        Self::MessagesStream,
        Self::Responses,
        Self::ResponsesStream,
        Self::Text,
        Self::TextStream,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Arguments => "arguments alone",
            Self::Chat => "chat",
            Self::ChatStream => "chat, streamed",
            Self::Messages => "messages",
            Self::MessagesStream => "messages, streamed",
            Self::Responses => "responses",
            Self::ResponsesStream => "responses, streamed",
            Self::Text => "response_format",
            Self::TextStream => "response_format, streamed",
        }
    }

    /// Whether a case can come this way.
    pub(crate) fn takes(self, case: &Case<'_>) -> bool {
        match self {
            Self::Arguments => !case.is_about_call && !case.is_cut_off,
            Self::Chat | Self::ChatStream => true,
            // The arguments are JSON within JSON there.
            Self::Messages => case.written.is_none() && case.said.iter().all(messages::can_say),
            // Nothing at all is how a tool without arguments is called there.
            Self::MessagesStream => case.written.is_none() && case.said.iter().all(|said| !said.arguments.is_empty()),
            Self::Responses | Self::ResponsesStream => case.written.is_none(),
            // A text that is not there is no object.
            Self::Text | Self::TextStream => !case.is_about_call && case.kind != "nothing",
        }
    }
}

/// The layers that calls go through, with one cache of schemas for all.
pub(crate) struct Routes {
    schemas: Schemas,
    layer: ValidateLayer,
    written: ValidateLayer,
}

impl Routes {
    pub(crate) fn new() -> Self {
        let schemas = Schemas::default();
        let layer = ValidateLayer::default().schemas(schemas.clone()).hold_text(true);
        Self { written: layer.clone().written_calls(true), schemas, layer }
    }

    /// What becomes of a case, where a request offers these tools.
    pub(crate) async fn run(&self, route: Route, case: &Case<'_>, tools: &[&Tool], number: usize) -> Outcome {
        let pieces = PIECES[number % PIECES.len()];
        match route {
            Route::Arguments => arguments::run(&self.schemas, case),
            Route::Chat => {
                let (request, answer) = (chat::request(case, tools, false), chat::answer(case).to_string());
                self.exchange(case, "/v1/chat/completions", &request, answer, chat::read).await
            }
            Route::ChatStream => {
                let (request, answer) = (chat::request(case, tools, true), chat::stream(case, pieces));
                self.exchange(case, "/v1/chat/completions", &request, answer, chat::read_stream).await
            }
            Route::Messages => {
                let (request, answer) = (messages::request(case, tools, false), messages::answer(case));
                self.exchange(case, "/v1/messages", &request, answer, messages::read).await
            }
            Route::MessagesStream => {
                let (request, answer) = (messages::request(case, tools, true), messages::stream(case, pieces));
                self.exchange(case, "/v1/messages", &request, answer, messages::read_stream).await
            }
            Route::Responses => {
                let (request, answer) = (responses::request(case, tools, false), responses::answer(case).to_string());
                self.exchange(case, "/v1/responses", &request, answer, responses::read).await
            }
            Route::ResponsesStream => {
                let (request, answer) = (responses::request(case, tools, true), responses::stream(case, pieces));
                self.exchange(case, "/v1/responses", &request, answer, responses::read_stream).await
            }
            Route::Text => {
                let (request, answer) = (text::request(case, false), text::answer(case).to_string());
                self.exchange(case, "/v1/chat/completions", &request, answer, text::read).await
            }
            Route::TextStream => {
                let (request, answer) = (text::request(case, true), text::stream(case, pieces));
                self.exchange(case, "/v1/chat/completions", &request, answer, text::read_stream).await
            }
        }
    }

    async fn exchange(
        &self,
        case: &Case<'_>,
        path: &str,
        request: &Value,
        answer: String,
        read: fn(&Case<'_>, u16, &str) -> Option<Outcome>,
    ) -> Outcome {
        let layer = if case.written.is_some() { &self.written } else { &self.layer };
        let kind = if request["stream"] == true { "text/event-stream" } else { "application/json" };
        let provider = service_fn(move |_: Request<Body>| said(kind, answer.clone()));
        let head = Request::post(path).header(CONTENT_TYPE, "application/json");
        let request = head.body(Body::from(request.to_string())).expect("a request");
        let mut response = layer.layer(provider).oneshot(request).await.expect("infallible");
        let status = response.status().as_u16();
        let body = match response.body_mut().bytes(64 << 20).await {
            Ok(body) => String::from_utf8_lossy(&body).into_owned(),
            Err(error) => return Outcome::Broken(error.to_string()),
        };
        read(case, status, &body).unwrap_or(Outcome::Broken(format!("{status} {body}")))
    }
}

fn said(kind: &'static str, answer: String) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send {
    let response = Response::builder().header(CONTENT_TYPE, kind).body(Body::from(answer)).expect("a response");
    std::future::ready(Ok(response))
}

/// An error instead of an answer.
fn refused(status: u16, body: &str, code: &str) -> Option<Outcome> {
    let body: Value = serde_json::from_str(body).ok()?;
    (status == 502 && body["error"]["code"] == code).then_some(Outcome::Refused(Vec::new()))
}

/// The data of each event, but for `[DONE]`.
fn events(body: &str) -> Option<Vec<Value>> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    data.map(|data| serde_json::from_str(data).ok()).collect()
}

/// A text in pieces of so many characters.
fn cut(text: &str, pieces: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(pieces.min(chars.len().max(1))).map(|piece| piece.iter().collect()).collect()
}

/// The name of another tool that is offered.
fn other<'a>(case: &Case<'_>, tools: &[&'a Tool]) -> &'a str {
    tools.iter().find(|tool| tool.name != case.tool.name).map_or("", |tool| &tool.name)
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A call of a stream, as it comes together.
fn slot(came: &mut Vec<Said>, at: usize) -> &mut Said {
    if came.len() <= at {
        came.resize(at + 1, Said { id: None, name: String::new(), arguments: String::new() });
    }
    &mut came[at]
}
