//! Answers that were given before. The same request has the same answer, so its bytes can be kept:
//! under load the simulated provider then costs a comparison of the body and no JSON at all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::reply::Ready;

const MAX_ENTRIES: usize = 128;
/// Of the request, and of the answer.
const MAX_BYTES: usize = 256 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Memo(Mutex<HashMap<u64, Entry>>);

#[derive(Debug)]
struct Entry {
    variant: String,
    body: Bytes,
    ready: Ready,
}

impl Memo {
    /// `variant` is whatever besides the body decides the answer: path and API version.
    pub(crate) fn get(&self, hash: u64, variant: &str, body: &Bytes) -> Option<Ready> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&hash)?;
        (entry.variant == variant && entry.body == *body).then(|| entry.ready.clone())
    }

    pub(crate) fn put(&self, hash: u64, variant: &str, body: &Bytes, ready: &Ready) {
        let size: usize = ready.frames.iter().map(Bytes::len).sum();
        if body.len() > MAX_BYTES || size > MAX_BYTES {
            return;
        }
        let entry = Entry { variant: variant.to_owned(), body: body.clone(), ready: ready.clone() };
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        entries.insert(hash, entry);
    }
}
