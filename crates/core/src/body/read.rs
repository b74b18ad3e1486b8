use std::{fmt, future::poll_fn, pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use http_body::Body as HttpBody;
use llm_layers_wire::json::{self, Object};

use super::{Body, Kind};
use crate::BoxError;

/// A body that could not be read whole.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// It is longer than allowed.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// It is not the JSON object that it should be.
    Json(json::Error),
    /// It broke off.
    Body(BoxError),
    /// It is compressed in a way that is not understood, or its compressed bytes are broken.
    Encoding(Box<str>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::Json(error) => write!(f, "the body is not a valid JSON object: {error}"),
            Self::Body(_) => f.write_str("the body broke off"),
            Self::Encoding(what) => write!(f, "the body cannot be decoded: {what}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Body(error) => Some(&**error),
            Self::TooLarge { .. } | Self::Encoding(_) => None,
        }
    }
}

impl From<json::Error> for ReadError {
    fn from(error: json::Error) -> Self {
        match error.kind() {
            json::ErrorKind::TooLong { limit } => Self::TooLarge { limit: *limit },
            _ => Self::Json(error),
        }
    }
}

impl Body {
    /// Reads the body whole and gives its bytes, which stay in it. Trailers are dropped.
    ///
    /// A body that came in one piece is not copied.
    ///
    /// # Errors
    /// It is longer than `limit` bytes, or broke off. The body is then what is left of it: see
    /// [`discard`](Self::discard).
    pub async fn bytes(&mut self, limit: usize) -> Result<Bytes, ReadError> {
        let bytes = match &self.kind {
            Kind::Whole(bytes) => bytes.clone(),
            Kind::Object(object) => object.to_bytes(),
            Kind::Empty => Bytes::new(),
            Kind::Pieces(_) | Kind::Events(_) | Kind::Stream(_) => {
                let bytes = read(self, limit).await?;
                *self = Self::from(bytes.clone());
                bytes
            }
        };
        if bytes.len() > limit {
            *self = Self::empty();
            return Err(ReadError::TooLarge { limit });
        }
        Ok(bytes)
    }

    /// Reads what is left of a body and drops it, up to so many bytes.
    ///
    /// A server that answers 413 and closes at once resets the connection under a client that is still sending,
    /// and the client never sees the answer. Let it come to its end, within reason.
    pub async fn discard(&mut self, limit: usize) {
        let mut left = limit as u64;
        while self.size_hint().lower() <= left {
            let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut *self).poll_frame(cx)).await else { break };
            let length = frame.data_ref().map_or(0, Bytes::len) as u64;
            let Some(rest) = left.checked_sub(length) else { break };
            left = rest;
        }
        *self = Self::empty();
    }

    /// Lets a body that was refused come to its end, so that its sender hears why: 64 MiB of it at most, and for
    /// 10 s at most.
    ///
    /// That of a client who [waits for leave](crate::head::awaits_continue) is let go unread: reading would invite what was
    /// just refused.
    pub async fn discard_refused(&mut self, awaits_continue: bool) {
        if !awaits_continue {
            let discard = self.discard(64 << 20);
            let _ = tokio::time::timeout(Duration::from_secs(10), discard).await;
        }
        *self = Self::empty();
    }

    /// Reads the body whole and splits it as a JSON object, once: the next layer finds it split.
    ///
    /// # Errors
    /// It is longer than `limits` allow, broke off, or is no JSON object.
    pub async fn object(&mut self, limits: &json::Limits) -> Result<&mut Object, ReadError> {
        if !matches!(self.kind, Kind::Object(_)) {
            let bytes = self.bytes(limits.max_bytes).await?;
            let object = Object::parse_with(bytes, limits)?;
            self.kind = Kind::Object(Box::new(object));
        }
        match &mut self.kind {
            Kind::Object(object) => Ok(object),
            _ => unreachable!("it has just been set"),
        }
    }
}

async fn read(body: &mut Body, limit: usize) -> Result<Bytes, ReadError> {
    let hint = body.size_hint();
    if hint.lower() > limit as u64 {
        return Err(ReadError::TooLarge { limit });
    }
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(ReadError::Body)?.into_data() else { continue };
        if first.len() + joined.len() + data.len() > limit {
            return Err(ReadError::TooLarge { limit });
        }
        if first.is_empty() && joined.is_empty() {
            first = data;
            continue;
        }
        if joined.is_empty() {
            // Room for what the sender has announced, within reason: the announcement may be a lie.
            let announced = usize::try_from(hint.lower()).unwrap_or(0).min(limit).min(1 << 20);
            joined.reserve(announced.max(first.len() + data.len()));
            joined.extend_from_slice(&std::mem::take(&mut first));
        }
        joined.extend_from_slice(&data);
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}
