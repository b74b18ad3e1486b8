//! One request: read, record, choose the fault, answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, Version};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::body::{Ending, SimBody};
use super::io::Control;
use super::read::{self, ReadError};
use crate::call::{Call, Speaks};
use crate::counts::Ticket;
use crate::fault::{self, Fault, Opening, Verdict};
use crate::record::Received;
use crate::reply::Ready;
use crate::state::State;

/// Why a request gets no answer at all.
#[derive(Debug)]
pub(super) enum NoAnswer {
    Reset,
    Stopped,
    Broken(hyper::Error),
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reset => f.write_str("reset by a fault"),
            Self::Stopped => f.write_str("the provider was stopped"),
            Self::Broken(_) => f.write_str("the request broke off"),
        }
    }
}

impl std::error::Error for NoAnswer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(error) => Some(error),
            Self::Reset | Self::Stopped => None,
        }
    }
}

pub(super) async fn serve(
    state: &Arc<State>,
    control: &Arc<Control>,
    request: Request<Incoming>,
) -> Result<Response<SimBody>, NoAnswer> {
    let mut ticket = Ticket::new(state);
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let speaks = Speaks::of(state.settings.dialect, &parts);
    let body = match read::read(body).await {
        Ok(body) => body,
        Err(ReadError::TooLarge) => {
            return Ok(respond(&speaks.too_large().ready(), None, Ending::Clean, ticket));
        }
        Err(ReadError::Broken(error)) => return Err(NoAnswer::Broken(error)),
    };

    let refused = speaks.authenticate(&state.settings, &parts, &body);
    if refused.is_none()
        && let Some(bench) = state.bench.answer(speaks, &parts, &body)
    {
        return Ok(respond(&bench.ready, bench.pace, Ending::Clean, ticket));
    }
    record(state, &parts, &body, arrived);
    if let Some(refused) = refused {
        return Ok(respond(&refused.ready(), None, Ending::Clean, ticket));
    }

    let verdict = answer(state, speaks, &parts, &body);
    let Verdict { slow, pace, opening, ready, ending } = match verdict {
        Answered::Plain(ready) => {
            return Ok(respond(&ready, state.settings.pace, Ending::Clean, ticket));
        }
        Answered::Faulty(verdict) => *verdict,
    };
    if let Some(slow) = slow {
        tokio::time::sleep(slow).await;
    }
    // A reset of the connection would take the other streams of HTTP/2 with it; hyper resets the stream.
    let control = (parts.version != Version::HTTP_2).then(|| control.clone());
    match opening {
        Opening::Hang => {
            state.stopped().await;
            return Err(NoAnswer::Stopped);
        }
        Opening::Reset => {
            ticket.complete();
            if let Some(control) = control {
                control.reset_on_close();
            }
            return Err(NoAnswer::Reset);
        }
        Opening::Answer => {}
    }
    let ending = match ending {
        fault::Close::Clean => Ending::Clean,
        fault::Close::Reset => Ending::Reset(control),
        fault::Close::Stall => {
            let state = state.clone();
            Ending::Stall(Box::pin(async move { state.stopped().await }))
        }
    };
    Ok(respond(&ready, pace.or(state.settings.pace), ending, ticket))
}

enum Answered {
    Plain(Ready),
    Faulty(Box<Verdict>),
}

/// Everything between the request and the bytes of the answer; nothing here waits.
fn answer(state: &State, speaks: Speaks, parts: &Parts, body: &Bytes) -> Answered {
    let is_post = parts.method == Method::POST;
    let asked = if is_post { state.take_armed() } else { None };
    let header = parts.headers.get(fault::HEADER);
    let variant = speaks.variant(parts);
    let seed = crate::ids::derive(crate::ids::hash(body), crate::ids::hash(variant.as_bytes()));
    if is_post
        && asked.is_none()
        && header.is_none()
        && let Some(ready) = state.memo.get(seed, &variant, body)
    {
        return Answered::Plain(ready);
    }

    let call = Call::new(&state.settings, parts, body, seed);
    let fault = match (asked, header) {
        (Some(fault), _) => Some(Ok(fault)),
        (None, Some(spec)) => Some(spec.to_str().unwrap_or("?").parse::<Fault>()),
        (None, None) => speaks.model(&call).as_deref().and_then(fault::of_model),
    };
    match fault {
        Some(Ok(fault)) => Answered::Faulty(Box::new(fault.apply(speaks, &call))),
        Some(Err(error)) => Answered::Plain(speaks.bad_fault(&error.to_string()).ready()),
        None => {
            let ready = speaks.reply(&call).ready();
            if is_post {
                state.memo.put(seed, &variant, body, &ready);
            }
            Answered::Plain(ready)
        }
    }
}

fn record(state: &State, parts: &Parts, body: &Bytes, arrived: Instant) {
    if state.recorder.is_on() {
        state.recorder.push(Received {
            method: parts.method.clone(),
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            headers: parts.headers.clone(),
            body: body.clone(),
            arrived,
        });
    }
}

fn respond(ready: &Ready, pace: Option<Duration>, ending: Ending, ticket: Ticket) -> Response<SimBody> {
    let mut response = Response::new(SimBody::new(ready, pace, ending, ticket));
    *response.status_mut() = ready.status;
    *response.headers_mut() = ready.headers.clone();
    response
}
