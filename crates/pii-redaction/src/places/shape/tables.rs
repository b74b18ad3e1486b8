//! Which members of which objects are the protocol's own, and what the others hold.
//!
//! What a table does not name is a text: a member that was invented yesterday is looked at.
//!
//! Source: the types of openai 3.52.0 and anthropic 2.11.0 for Python, and openai-openapi of August 2026, read in
//! November 2026.

use super::Shape;
use crate::Media;

pub(super) fn request(name: &str) -> Option<Shape> {
    Some(match name {
        "messages" => Shape::Message,
        // A name of a model may be anything, and is looked up, not read.
        "model" => Shape::Opaque,
        "system" => Shape::Content,
        "input" | "instructions" => Shape::Item,
        "prompt" => Shape::Prompt,
        "tools" | "functions" | "mcp_servers" => Shape::Tool,
        "response_format" | "output_format" | "output_config" | "text" => Shape::Format,
        "prediction" => Shape::Part,
        "metadata" | "user" | "safety_identifier" | "prompt_cache_key" | "stop" | "stop_sequences" | "suffix"
        | "web_search_options" => Shape::Data,
        "stream"
        | "stream_options"
        | "temperature"
        | "top_p"
        | "top_k"
        | "min_p"
        | "n"
        | "seed"
        | "logprobs"
        | "top_logprobs"
        | "max_tokens"
        | "max_completion_tokens"
        | "max_output_tokens"
        | "max_tool_calls"
        | "frequency_penalty"
        | "presence_penalty"
        | "repetition_penalty"
        | "logit_bias"
        | "modalities"
        | "reasoning_effort"
        | "reasoning"
        | "service_tier"
        | "verbosity"
        | "store"
        | "parallel_tool_calls"
        | "tool_choice"
        | "function_call"
        | "audio"
        | "dimensions"
        | "encoding_format"
        | "echo"
        | "best_of"
        | "include"
        | "truncation"
        | "background"
        | "previous_response_id"
        | "conversation"
        | "thinking"
        | "cache_control"
        | "speed"
        | "container"
        | "context_management"
        | "prompt_cache_options"
        | "prompt_cache_retention"
        | "anthropic_version"
        | "anthropic_beta"
        | "inference_geo" => Shape::Own,
        _ => return None,
    })
}

pub(super) fn answer(name: &str) -> Option<Shape> {
    Some(match name {
        "choices" => Shape::Choice,
        "content" => Shape::Content,
        "output" => Shape::Item,
        "data" => Shape::Vector,
        "id" | "object" | "type" | "role" | "status" | "created" | "created_at" | "completed_at" | "usage"
        | "system_fingerprint" | "stop_reason" | "index" => Shape::Own,
        // What a response was asked for stands in it once more.
        _ => return request(name),
    })
}

pub(super) fn vector(name: &str) -> Option<Shape> {
    Some(match name {
        "embedding" => Shape::Opaque,
        "object" | "index" => Shape::Own,
        _ => return None,
    })
}

pub(super) fn choice(name: &str) -> Option<Shape> {
    Some(match name {
        "message" | "delta" => Shape::Message,
        "index" | "finish_reason" | "native_finish_reason" | "stop_reason" => Shape::Own,
        "logprobs" => Shape::Opaque,
        _ => return None,
    })
}

pub(super) fn message(name: &str) -> Option<Shape> {
    Some(match name {
        "content" => Shape::Content,
        "name" => Shape::Name,
        "tool_calls" | "function_call" => Shape::Call,
        "audio" => Shape::Audio,
        "images" => Shape::Part,
        "reasoning_details" | "thinking_blocks" | "extra_content" | "provider_specific_fields" => Shape::Reasoning,
        "role" | "id" | "type" | "status" | "tool_call_id" | "cache_control" => Shape::Own,
        "refusal" | "reasoning" | "reasoning_content" => Shape::Data,
        _ => return None,
    })
}

pub(super) fn tool(name: &str) -> Option<Shape> {
    Some(match name {
        "function" | "custom" | "format" | "grammar" | "tools" => Shape::Tool,
        "parameters" | "input_schema" | "schema" => Shape::Schema,
        // How the provider reaches a server of the user's: without it there is no tool.
        "headers" | "authorization" | "authorization_token" | "server_url" | "url" => Shape::Opaque,
        "type" | "name" | "strict" | "syntax" | "cache_control" | "defer_loading" | "allowed_callers"
        | "allowed_tools" | "require_approval" | "server_label" | "connector_id" | "vector_store_ids" | "max_uses"
        | "tool_configuration" => Shape::Own,
        "description" | "definition" | "input_examples" | "user_location" | "filters" => Shape::Data,
        _ => return None,
    })
}

pub(super) fn format(name: &str) -> Option<Shape> {
    Some(match name {
        "format" | "json_schema" => Shape::Format,
        "schema" => Shape::Schema,
        "type" | "name" | "strict" | "effort" | "verbosity" => Shape::Own,
        "description" => Shape::Data,
        _ => return None,
    })
}

/// JSON Schema 2020-12 and what came before it.
pub(super) fn schema(name: &str) -> Option<Shape> {
    Some(match name {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => Shape::Properties,
        "items"
        | "prefixItems"
        | "additionalItems"
        | "unevaluatedItems"
        | "contains"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "propertyNames"
        | "anyOf"
        | "allOf"
        | "oneOf"
        | "not"
        | "if"
        | "then"
        | "else" => Shape::Schema,
        "type" | "format" | "$ref" | "$schema" | "$id" | "$anchor" | "minimum" | "maximum" | "exclusiveMinimum"
        | "exclusiveMaximum" | "multipleOf" | "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
        | "maxProperties" | "minContains" | "maxContains" => Shape::Own,
        "title" | "description" | "default" | "enum" | "const" | "examples" | "required" | "pattern" => Shape::Data,
        _ => return None,
    })
}

pub(super) fn prompt(name: &str) -> Option<Shape> {
    Some(match name {
        "variables" => Shape::Variables,
        "id" | "version" => Shape::Own,
        _ => return None,
    })
}

/// An item of a response's input or output, of whichever type.
pub(super) fn item(name: &str) -> Option<Shape> {
    Some(match name {
        "content" | "output" | "summary" => Shape::Content,
        "arguments" => Shape::Arguments,
        "result" => Shape::Base64(Media::Image),
        "tools" => Shape::Tool,
        "type"
        | "id"
        | "role"
        | "status"
        | "call_id"
        | "name"
        | "server_label"
        | "approval_request_id"
        | "phase"
        | "encrypted_content" => Shape::Own,
        _ => return None,
    })
}

/// An event of a response's stream, or of a message's.
pub(super) fn event(name: &str) -> Option<Shape> {
    Some(match name {
        "response" | "message" => Shape::Answer,
        "item" => Shape::Item,
        "part" | "content_block" => Shape::Part,
        "arguments" => Shape::Arguments,
        "partial_image_b64" => Shape::Base64(Media::Image),
        "logprobs" => Shape::Opaque,
        "type"
        | "sequence_number"
        | "item_id"
        | "output_index"
        | "content_index"
        | "summary_index"
        | "annotation_index"
        | "partial_image_index"
        | "index"
        | "usage"
        | "obfuscation" => Shape::Own,
        _ => return None,
    })
}
