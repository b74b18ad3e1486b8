use super::{
    Case, Script, Step, TestBody, TestError,
    case::variants,
    observe::{Turn, read_all, turn},
    verify::{Expected, verify},
};
use crate::runtime::with_runtime;
use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;
use std::{error::Error, fmt};

type BoxError = Box<dyn Error + Send + Sync>;

/// The suite for one wrapping function: what is fed, and what may be expected of it.
///
/// [`body_conformance!`](crate::body_conformance) makes a test of each case; [`run`](Self::run) runs all.
#[must_use]
pub struct Conformance<F> {
    wrap: F,
    pieces: Vec<Bytes>,
    model: fn(&[u8]) -> Vec<u8>,
    trailers: bool,
    error_becomes_data: bool,
    transparent: bool,
}

impl<F, B> Conformance<F>
where
    F: Fn(TestBody) -> B,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// A suite for `wrap`, which is expected to leave data, trailers and errors as they are.
    pub fn new(wrap: F) -> Self {
        let pieces = ["alpha", " beta", "\r\n", "\u{e4}\u{1f642}", " omega"];
        Self {
            wrap,
            pieces: pieces.map(Bytes::from).into(),
            model: <[u8]>::to_vec,
            trailers: true,
            error_becomes_data: false,
            transparent: false,
        }
    }

    /// Sets what is fed, frame by frame: data that the layer understands, such as SSE events.
    pub fn pieces<T: Into<Bytes>>(mut self, pieces: impl IntoIterator<Item = T>) -> Self {
        self.pieces = pieces.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what whole output belongs to a whole input, for a layer that changes the data.
    pub fn model(mut self, model: fn(&[u8]) -> Vec<u8>) -> Self {
        self.model = model;
        self
    }

    /// Sets whether trailers have to survive (default).
    pub fn trailers(mut self, survive: bool) -> Self {
        self.trailers = survive;
        self
    }

    /// Sets whether an inner error may become a last piece of data, such as an SSE error event, in place of
    /// being passed on. Off by default.
    pub fn error_becomes_data(mut self, yes: bool) -> Self {
        self.error_becomes_data = yes;
        self
    }

    /// Sets whether length and end have to be known wherever the inner body knows them, as of a wrapper
    /// that only watches. Off by default.
    ///
    /// A wrapper that loses the exact length turns a `content-length` into chunks; one that loses
    /// `is_end_stream` makes a bodiless answer a body.
    pub fn transparent(mut self, yes: bool) -> Self {
        self.transparent = yes;
        self
    }

    /// Runs all cases.
    ///
    /// # Panics
    ///
    /// With the case, the rule and the remedy, when the wrapper breaks a rule.
    #[track_caller]
    pub fn run(&self) {
        Case::ALL.into_iter().for_each(|case| self.run_case(case));
    }

    /// Runs one case, once for each way of speaking of length and end.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    #[track_caller]
    pub fn run_case(&self, case: Case) {
        for script in variants(&case.script(&self.pieces)) {
            let outcome = with_runtime(|| match case {
                Case::DropUnread => self.drop_after(&script, 0),
                Case::DropMidway => self.drop_after(&script, 1),
                Case::DropPending => self.drop_after(&script, usize::MAX),
                _ => self.read(&script),
            });
            report(outcome, &case, &script);
        }
    }

    /// Runs a script of your own: it is read to its end.
    ///
    /// The script must have an end: one that falls silent is reported as a body that hangs.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    #[track_caller]
    pub fn check(&self, script: &Script) {
        report(with_runtime(|| self.read(script)), &"of your own", script);
    }

    fn read(&self, script: &Script) -> Result<(), String> {
        if script.steps.iter().any(|step| matches!(step, Step::Never)) {
            return Err("the script falls silent for good, so that no reading of it ends".into());
        }
        let body = script.body();
        let inner = body.handle();
        let mut body = Box::pin((self.wrap)(body));
        let seen = read_all(body.as_mut(), &inner)?;
        verify(&seen, &self.expected(script))?;
        if self.transparent {
            self.knows_what_is_known(script)?;
        }
        drop(body);
        dropped(inner.is_dropped())
    }

    fn expected(&self, script: &Script) -> Expected {
        let trailers = script.steps.iter().find_map(Step::as_trailers).cloned();
        Expected {
            data: (self.model)(&script.whole()),
            trailers: self.trailers.then_some(trailers),
            error: script.steps.iter().find_map(Step::as_error).cloned(),
            error_becomes_data: self.error_becomes_data,
        }
    }

    /// Length and end, looked at before the first poll.
    fn knows_what_is_known(&self, script: &Script) -> Result<(), String> {
        let inner = script.body();
        let (length, is_end) = (inner.size_hint().exact(), inner.is_end_stream());
        let body = (self.wrap)(inner);
        if length.is_some() && body.size_hint().exact() != length {
            return Err(format!(
                "the inner body has exactly {length:?} bytes, and the wrapper says {:?}: forward `size_hint`",
                body.size_hint()
            ));
        }
        if is_end && !body.is_end_stream() {
            return Err("the inner body is over, and the wrapper does not say so: forward `is_end_stream`".into());
        }
        Ok(())
    }

    fn drop_after(&self, script: &Script, frames: usize) -> Result<(), String> {
        let body = script.body();
        let inner = body.handle();
        let mut body = Box::pin((self.wrap)(body));
        for _ in 0..frames {
            match turn(body.as_mut(), &inner)? {
                Turn::Frame(_) => {}
                Turn::Waits | Turn::End => break,
                Turn::Error(error) => {
                    return Err(format!("it failed with \"{error}\" on a sound body"));
                }
            }
        }
        drop(body);
        dropped(inner.is_dropped())
    }
}

impl<F> fmt::Debug for Conformance<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conformance")
            .field("pieces", &self.pieces)
            .field("trailers", &self.trailers)
            .field("error_becomes_data", &self.error_becomes_data)
            .field("transparent", &self.transparent)
            .finish_non_exhaustive()
    }
}

impl Step {
    fn as_trailers(&self) -> Option<&HeaderMap> {
        match self {
            Self::Trailers(trailers) => Some(trailers),
            _ => None,
        }
    }

    fn as_error(&self) -> Option<&TestError> {
        match self {
            Self::Error(error) => Some(error),
            _ => None,
        }
    }
}

fn dropped(yes: bool) -> Result<(), String> {
    if yes {
        return Ok(());
    }
    Err("it was dropped and the inner body was not: the provider goes on sending, and billing, for a client \
         that is gone. Own the inner body; hand it to no task and no global"
        .into())
}

#[track_caller]
fn report(outcome: Result<(), String>, case: &dyn fmt::Debug, script: &Script) {
    if let Err(what) = outcome {
        panic!(
            "body conformance, case {case:?} (hint {:?}, end announced: {}): {what}",
            script.hint, script.announces_end
        );
    }
}
