//! What a client must hand back as it got it, as `encrypted_content` of a reasoning item: a chat message's
//! `reasoning_details`, and what a provider has hung on a call in its `extra_content`.
//!
//! Base64 of a list's JSON text. Nothing is hidden by it: it is a carrier for what a provider has sealed itself. Calls
//! have no such place of their own that clients keep, so theirs is a reasoning item in front of them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// What no provider calls an item of its `reasoning_details`.
const CALL: &str = "llm-layers.call";

/// What hangs on a call.
#[derive(Debug, Deserialize)]
pub(super) struct Extra {
    pub(super) id: String,
    pub(super) extra_content: Box<RawValue>,
}

/// An item of the list for what hangs on a call.
pub(super) fn of_call(id: &str, extra_content: &RawValue) -> Option<Box<RawValue>> {
    #[derive(Serialize)]
    struct Item<'a> {
        r#type: &'static str,
        id: &'a str,
        extra_content: &'a RawValue,
    }
    to_raw_value(&Item { r#type: CALL, id, extra_content }).ok()
}

pub(super) fn close(list: &[Box<RawValue>]) -> Option<String> {
    if list.is_empty() { None } else { serde_json::to_vec(list).ok().map(|text| STANDARD.encode(text)) }
}

/// The details, as they were spelled, and what hangs on calls. `None` if it was made by anybody else.
pub(super) fn open(sealed: &str) -> Option<(Vec<Box<RawValue>>, Vec<Extra>)> {
    #[derive(Deserialize)]
    struct Kind {
        r#type: Option<String>,
    }
    let text = STANDARD.decode(sealed).ok()?;
    let list: Vec<Box<RawValue>> = serde_json::from_slice(&text).ok()?;
    let (mut details, mut extras) = (Vec::new(), Vec::new());
    for item in list {
        if !item.get().starts_with('{') {
            return None;
        }
        let kind: Option<Kind> = serde_json::from_str(item.get()).ok();
        if kind.and_then(|kind| kind.r#type).as_deref() == Some(CALL) {
            extras.push(serde_json::from_str(item.get()).ok()?);
        } else {
            details.push(item);
        }
    }
    Some((details, extras))
}
