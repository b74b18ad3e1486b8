//! The rules that a reading of a body is held against.

use super::{
    TestError,
    observe::{Claim, Observation, Seen},
};
use http::HeaderMap;
use std::borrow::Cow;

/// What the script leads one to expect.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) data: Vec<u8>,
    /// `None`: not looked at.
    pub(super) trailers: Option<Option<HeaderMap>>,
    pub(super) error: Option<TestError>,
    pub(super) error_becomes_data: bool,
}

pub(super) fn verify(seen: &Observation, expected: &Expected) -> Result<(), String> {
    ends_rightly(seen, expected)?;
    data_is_right(seen, expected)?;
    order_is_right(seen)?;
    if let Some(trailers) = &expected.trailers {
        trailers_are_right(seen, trailers.as_ref())?;
    }
    seen.claims.iter().try_for_each(|claim| claim_is_right(claim, seen))
}

fn ends_rightly(seen: &Observation, expected: &Expected) -> Result<(), String> {
    match (&seen.error, &expected.error) {
        (None, None) => Ok(()),
        (Some(error), None) => Err(format!("it failed with \"{error}\" although the inner body is sound")),
        (Some(error), Some(wanted)) if wanted.is_cause_of(&**error) => Ok(()),
        (Some(error), Some(wanted)) => Err(format!(
            "it failed with \"{error}\", which neither is the inner error \"{wanted}\" nor has it as its \
             source: pass the error on, or keep it as the source"
        )),
        (None, Some(_)) if expected.error_becomes_data => Ok(()),
        (None, Some(wanted)) => Err(format!(
            "it ended as if all were well although the inner body failed with \"{wanted}\": the reader takes \
             half an answer for the whole. Pass the error on, or, where it is turned into a last piece of \
             data, say so by `error_becomes_data`"
        )),
    }
}

fn data_is_right(seen: &Observation, expected: &Expected) -> Result<(), String> {
    let data = seen.data();
    let right = match (&expected.error, &seen.error) {
        (None, _) => data == expected.data,
        // What was held back when the inner body broke may be lost; nothing may be made up.
        (Some(_), Some(_)) => expected.data.starts_with(&data),
        (Some(_), None) if data == expected.data => {
            return Err("the inner body failed and the output ended as that of a sound one: nothing tells \
                 the reader"
                .into());
        }
        (Some(_), None) => true,
    };
    if right {
        return Ok(());
    }
    Err(format!("the data differ: expected {}, got {}", text(&expected.data), text(&data)))
}

fn order_is_right(seen: &Observation) -> Result<(), String> {
    let trailers_at = seen.frames.iter().position(|frame| matches!(frame, Seen::Trailers(_)));
    match trailers_at {
        Some(at) if at + 1 != seen.frames.len() => {
            Err("a frame came after the trailers: trailers are the last frame and come once".into())
        }
        _ => Ok(()),
    }
}

fn trailers_are_right(seen: &Observation, wanted: Option<&HeaderMap>) -> Result<(), String> {
    let got = seen.frames.iter().find_map(|frame| match frame {
        Seen::Trailers(trailers) => Some(trailers),
        Seen::Data(_) => None,
    });
    if got == wanted || seen.error.is_some() {
        return Ok(());
    }
    Err(format!(
        "the trailers differ: expected {wanted:?}, got {got:?}. Forward frames that are not data; where the \
         layer drops trailers on purpose, say so by `trailers(false)`"
    ))
}

fn claim_is_right(claim: &Claim, seen: &Observation) -> Result<(), String> {
    let Claim { hint, frames, bytes, .. } = claim;
    let remaining = seen.data().len() as u64 - bytes;
    let (lower, upper) = (hint.lower(), hint.upper());
    // A body that breaks off gives less than it promised; it may still not give more.
    if seen.error.is_none() && lower > remaining {
        return Err(format!(
            "after {frames} frames `size_hint` promised at least {lower} bytes more, and {remaining} came. A \
             hint wrong by one byte becomes a wrong content-length: a body that changes its data says \
             `SizeHint::default()`"
        ));
    }
    if let Some(upper) = upper.filter(|upper| *upper < remaining) {
        return Err(format!(
            "after {frames} frames `size_hint` promised at most {upper} bytes more, and {remaining} came: \
             the rest would be cut off, or written into the next response"
        ));
    }
    if claim.is_end && *frames < seen.frames.len() {
        return Err(format!(
            "after {frames} frames `is_end_stream` was true, and {} more came: hyper asks no further and \
             loses them. Say true only when nothing is held back and the inner body is over",
            seen.frames.len() - frames
        ));
    }
    Ok(())
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.is_empty() {
        return "nothing".into();
    }
    format!("\"{}\"", bytes.escape_ascii()).into()
}
