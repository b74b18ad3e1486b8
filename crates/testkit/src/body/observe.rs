//! Reads a wrapped body to its end and notes all that it said on the way.

use super::{BodyHandle, flag::Flag};
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use std::{
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

type BoxError = Box<dyn Error + Send + Sync>;

/// Polls in a row that wake themselves and give nothing: past this a body turns in circles.
const MAX_YIELDS: usize = 10_000;

/// What the body said of itself at one moment.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) hint: SizeHint,
    pub(super) is_end: bool,
    /// Frames and bytes that had come before.
    pub(super) frames: usize,
    pub(super) bytes: u64,
}

#[derive(Debug)]
pub(super) enum Seen {
    Data(Bytes),
    Trailers(HeaderMap),
}

#[derive(Debug, Default)]
pub(super) struct Observation {
    pub(super) claims: Vec<Claim>,
    pub(super) frames: Vec<Seen>,
    pub(super) error: Option<BoxError>,
}

impl Observation {
    pub(super) fn data(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for frame in &self.frames {
            if let Seen::Data(data) = frame {
                all.extend_from_slice(data);
            }
        }
        all
    }

    fn claim<B: Body>(&mut self, body: &B) {
        self.claims.push(Claim {
            hint: body.size_hint(),
            is_end: body.is_end_stream(),
            frames: self.frames.len(),
            bytes: self.data().len() as u64,
        });
    }

    fn take(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) => self.frames.push(Seen::Data(data)),
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    self.frames.push(Seen::Trailers(trailers));
                }
            }
        }
    }
}

/// What one poll came to, `Pending` that the inner body did not cause being told apart.
pub(super) enum Turn {
    Frame(Frame<Bytes>),
    Error(BoxError),
    End,
    /// The inner body stands in a silence or at a gate, and has the waker.
    Waits,
}

/// Polls until something comes or the inner body waits.
pub(super) fn turn<B>(mut body: Pin<&mut B>, inner: &BodyHandle) -> Result<Turn, String>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    for _ in 0..MAX_YIELDS {
        let (flag, waker) = Flag::new();
        match body.as_mut().poll_frame(&mut Context::from_waker(&waker)) {
            Poll::Ready(Some(Ok(frame))) => return Ok(Turn::Frame(frame)),
            Poll::Ready(Some(Err(error))) => return Ok(Turn::Error(error.into())),
            Poll::Ready(None) => return Ok(Turn::End),
            Poll::Pending if flag.is_woken() => {}
            Poll::Pending if inner.is_waiting() => return Ok(Turn::Waits),
            Poll::Pending => {
                return Err("it returned `Pending` although the inner body is not pending, and woke \
                     nobody: its task would sleep for ever. Poll the inner body until it is pending itself, \
                     or wake the task before returning"
                    .into());
            }
        }
    }
    Err(format!("it gave nothing in {MAX_YIELDS} polls and woke itself each time: it turns in circles"))
}

/// Reads to the end or the error, opening each gate on the way.
pub(super) fn read_all<B>(mut body: Pin<&mut B>, inner: &BodyHandle) -> Result<Observation, String>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut seen = Observation::default();
    seen.claim(&*body);
    loop {
        match turn(body.as_mut(), inner)? {
            Turn::Frame(frame) => seen.take(frame),
            Turn::End => break,
            Turn::Error(error) => {
                if inner.polls_after_error() > 0 {
                    return Err("it polled the inner body again after its error, before passing the error \
                         on: return the error first"
                        .into());
                }
                seen.error = Some(error);
                break;
            }
            Turn::Waits => open_gate(body.as_mut(), inner)?.into_iter().for_each(|f| seen.take(f)),
        }
        seen.claim(&*body);
    }
    seen.claim(&*body);
    stays_ended(body)?;
    Ok(seen)
}

/// Opens the gate and sees that the task which polled last is the one that is woken.
fn open_gate<B>(body: Pin<&mut B>, inner: &BodyHandle) -> Result<Option<Frame<Bytes>>, String>
where
    B: Body<Data = Bytes>,
{
    // A second waker, as when a body moves from one task to another: only the last one counts.
    let (flag, waker) = Flag::new();
    match body.poll_frame(&mut Context::from_waker(&waker)) {
        Poll::Pending => {}
        Poll::Ready(Some(Ok(frame))) => return Ok(Some(frame)),
        Poll::Ready(_) => return Err("it ended although the inner body is pending".into()),
    }
    inner.open();
    if flag.is_woken() {
        Ok(None)
    } else {
        Err("the inner body went on, and the task that polled last was not woken: pass the `Context` of \
             each poll down, and keep no waker of an earlier one"
            .into())
    }
}

fn stays_ended<B: Body>(mut body: Pin<&mut B>) -> Result<(), String> {
    let (_, waker) = Flag::new();
    for _ in 0..2 {
        let poll = || matches!(body.as_mut().poll_frame(&mut Context::from_waker(&waker)), Poll::Ready(None));
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(true) => {}
            Ok(false) => {
                return Err("polled again after its end or its error it gave something other than `None`: \
                     note the end and keep to it"
                    .into());
            }
            Err(_) => {
                return Err("polled again after its end or its error it panicked: note the end and give \
                     `None` from then on"
                    .into());
            }
        }
    }
    Ok(())
}
