//! Looking into the objects and lists of an answer.

use bytes::Bytes;
use llm_layers_wire::json::{Array, Limits, Object};

/// An answer, or a part of one, that nobody can look into here, and a client perhaps can: a member's name that is no
/// Unicode. It must not go on unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// What a provider says may be of any length within the limits on answers and events.
pub(crate) const LIMITS: Limits = Limits::LENIENT.with_max_bytes(usize::MAX).with_max_members(usize::MAX);

/// An object; `None` of what is something else.
pub(crate) fn parse(text: Bytes) -> Result<Option<Object>, Unreadable> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return Ok(None);
    }
    Object::parse_with(text, &LIMITS).map(Some).map_err(|_| Unreadable)
}

/// A list; `None` of what is something else.
pub(crate) fn parse_list(text: Bytes) -> Result<Option<Array>, Unreadable> {
    if !text.starts_with(b"[") {
        return Ok(None);
    }
    Array::parse_with(text, &LIMITS).map(Some).map_err(|_| Unreadable)
}

/// A member that is an object.
pub(crate) fn object(outer: &Object, member: &str) -> Result<Option<Object>, Unreadable> {
    outer.get_bytes(member).map_or(Ok(None), parse)
}

/// A member that is a list.
pub(crate) fn list(outer: &Object, member: &str) -> Result<Option<Array>, Unreadable> {
    outer.get_bytes(member).map_or(Ok(None), parse_list)
}
