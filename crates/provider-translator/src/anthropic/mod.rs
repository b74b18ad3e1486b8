//! TEMPORARY interface stub by the lead, so that the service compiles; the real module replaces this file.
use crate::{
    ApiVersion,
    translate::{Flow, Translate},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use llm_layers_core::{BoxError, Clock, Failure};
use llm_layers_wire::{json::Object, sse::Event};
pub(crate) struct Options<'a> {
    pub(crate) model: &'a str,
    pub(crate) api_version: ApiVersion,
    pub(crate) strict: bool,
    pub(crate) default_max_tokens: u32,
    pub(crate) clock: Clock,
}
pub(crate) struct Warnings;
impl Warnings {
    pub(crate) fn into_header(self) -> Option<HeaderValue> {
        None
    }
}
pub(crate) struct Translated {
    pub(crate) body: Bytes,
    pub(crate) warnings: Warnings,
    pub(crate) answer: Answer,
}
pub(crate) struct Answer;
impl Translate for Answer {
    fn whole(self: Box<Self>, body: Bytes) -> Result<Bytes, Failure> {
        Ok(body)
    }
    fn event(&mut self, _: Event, _: &mut Vec<Event>) -> Flow {
        Flow::Over
    }
    fn end(&mut self, _: Option<BoxError>, _: &mut Vec<Event>) -> Flow {
        Flow::Over
    }
}
pub(crate) fn request(_: &Object, _: &Options<'_>) -> Result<Translated, Failure> {
    Err(Failure::bad_request("stub"))
}
pub(crate) fn failure(status: StatusCode, _: &HeaderMap, body: &[u8], provider: &str) -> Failure {
    crate::errors::failure(status, body, provider)
}
