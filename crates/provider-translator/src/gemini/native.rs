//! What of Google's answers is read. All else is ignored: new members and parts may appear at any time.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A whole answer, or an increment of a streamed one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow)]
    pub(super) prompt_feedback: Option<&'a RawValue>,
    pub(super) usage_metadata: Option<Usage>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    pub(super) block_reason: Option<String>,
    pub(super) block_reason_message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    pub(super) index: Option<u32>,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    pub(super) finish_reason: Option<String>,
    pub(super) finish_message: Option<String>,
    #[serde(borrow)]
    pub(super) safety_ratings: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) grounding_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) citation_metadata: Option<&'a RawValue>,
    /// The pages that the model has looked at.
    #[serde(borrow)]
    pub(super) url_context_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) avg_logprobs: Option<&'a RawValue>,
    pub(super) logprobs_result: Option<Logprobs>,
}

#[derive(Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    pub(super) text: Option<String>,
    pub(super) thought: Option<bool>,
    pub(super) thought_signature: Option<String>,
    #[serde(borrow)]
    pub(super) function_call: Option<FunctionCall<'a>>,
}

#[derive(Deserialize)]
pub(super) struct FunctionCall<'a> {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) args: Option<&'a RawValue>,
}

#[derive(Clone, Default, Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    pub(super) prompt_token_count: Option<u64>,
    pub(super) cached_content_token_count: Option<u64>,
    pub(super) candidates_token_count: Option<u64>,
    pub(super) thoughts_token_count: Option<u64>,
    pub(super) tool_use_prompt_token_count: Option<u64>,
    pub(super) total_token_count: Option<u64>,
    pub(super) prompt_tokens_details: Option<Vec<Modality>>,
    pub(super) candidates_tokens_details: Option<Vec<Modality>>,
}

#[derive(Clone, Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Modality {
    pub(super) modality: Option<String>,
    pub(super) token_count: Option<u64>,
}

/// What an answer rests on. Its indices are of bytes.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grounding {
    pub(super) grounding_chunks: Option<Vec<Chunk>>,
    pub(super) grounding_supports: Option<Vec<Support>>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk {
    pub(super) web: Option<Source>,
    pub(super) retrieved_context: Option<Source>,
    pub(super) maps: Option<Source>,
}

#[derive(Deserialize, Debug)]
pub(super) struct Source {
    pub(super) uri: Option<String>,
    pub(super) title: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Support {
    pub(super) segment: Option<Segment>,
    pub(super) grounding_chunk_indices: Option<Vec<usize>>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment {
    pub(super) start_index: Option<usize>,
    pub(super) end_index: Option<usize>,
    pub(super) text: Option<String>,
}

/// Texts of others that an answer quotes.
#[derive(Deserialize, Debug)]
pub(super) struct CitationMetadata {
    /// `citationSources` in the versions of before.
    #[serde(alias = "citationSources")]
    pub(super) citations: Option<Vec<Cited>>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cited {
    pub(super) start_index: Option<usize>,
    pub(super) end_index: Option<usize>,
    pub(super) uri: Option<String>,
    pub(super) title: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logprobs {
    pub(super) chosen_candidates: Option<Vec<Token>>,
    pub(super) top_candidates: Option<Vec<Top>>,
}

#[derive(Deserialize)]
pub(super) struct Top {
    pub(super) candidates: Option<Vec<Token>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Token {
    pub(super) token: Option<String>,
    pub(super) log_probability: Option<f64>,
}
