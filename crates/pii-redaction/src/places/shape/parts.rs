//! The parts of contents, and what they are made of.

use super::Shape;
use crate::Media;

pub(super) fn part(name: &str) -> Option<Shape> {
    Some(match name {
        "text" => Shape::PartText,
        "content" => Shape::Content,
        "image_url" => Shape::Url(Media::Image),
        "video_url" => Shape::Url(Media::Video),
        "input_audio" => Shape::Audio,
        "file" => Shape::File,
        "file_data" => Shape::Base64(Media::File),
        "file_url" => Shape::Url(Media::File),
        "file_id" => Shape::FileId(Media::File),
        "source" => Shape::Source(Media::File),
        "input" => Shape::Data,
        "arguments" => Shape::Arguments,
        "thinking" => Shape::Thought,
        "data" => Shape::Encrypted,
        "logprobs" => Shape::Opaque,
        "type"
        | "id"
        | "tool_use_id"
        | "tool_call_id"
        | "name"
        | "status"
        | "detail"
        | "signature"
        | "encrypted_content"
        | "encrypted_index"
        | "cache_control"
        | "prompt_cache_breakpoint" => Shape::Own,
        "citations" | "annotations" => Shape::Reasoning,
        "refusal" | "filename" | "title" | "context" => Shape::Data,
        _ => return None,
    })
}

pub(super) fn call(name: &str) -> Option<Shape> {
    Some(match name {
        "function" | "custom" => Shape::Call,
        "arguments" => Shape::Arguments,
        "input" => Shape::Data,
        "id" | "type" | "index" | "name" | "status" => Shape::Own,
        "extra_content" | "provider_specific_fields" => Shape::Reasoning,
        _ => return None,
    })
}

pub(super) fn reasoning(name: &str) -> Option<Shape> {
    Some(match name {
        "text" | "thinking" | "summary" => Shape::Thought,
        "signature" | "thought_signature" | "data" | "encrypted_content" | "encrypted_index" | "type" | "format"
        | "id" | "index" => Shape::Own,
        "google" | "url_citation" => Shape::Reasoning,
        _ => return None,
    })
}

pub(super) fn source(name: &str, kind: Media) -> Option<Shape> {
    Some(match name {
        "data" => Shape::SourceData(kind),
        "url" => Shape::Url(kind),
        "content" => Shape::Content,
        "file_id" => Shape::FileId(kind),
        "type" | "media_type" => Shape::Own,
        _ => return None,
    })
}

pub(super) fn url(name: &str, kind: Media) -> Option<Shape> {
    Some(match name {
        "url" => Shape::Url(kind),
        "file_id" => Shape::FileId(kind),
        "detail" | "format" => Shape::Own,
        _ => return None,
    })
}

pub(super) fn audio(name: &str) -> Option<Shape> {
    Some(match name {
        "data" => Shape::Base64(Media::Audio),
        "id" | "format" | "expires_at" => Shape::Own,
        _ => return None,
    })
}

pub(super) fn file(name: &str) -> Option<Shape> {
    Some(match name {
        "file_data" => Shape::Base64(Media::File),
        "file_url" => Shape::Url(Media::File),
        "file_id" => Shape::FileId(Media::File),
        _ => return None,
    })
}
