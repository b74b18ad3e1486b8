//! The messages of the API and their fields, from the types and converters of google-genai 3.4.0 (looked up in
//! November 2026). Fields that one surface alone has are listed at the end.

use super::proto::Kind::{Any, Bool, Bytes, Enum, Int32, Many, Map, Number, One, Struct, Text};
use super::proto::Message;

pub(super) static REQUEST: Message = Message(&[
    ("model", Text),
    ("contents", Many(&One(&CONTENT))),
    ("systemInstruction", One(&CONTENT)),
    ("tools", Many(&One(&TOOL))),
    ("toolConfig", One(&TOOL_CONFIG)),
    ("generationConfig", One(&GENERATION_CONFIG)),
    ("safetySettings", Many(&One(&SAFETY_SETTING))),
    ("cachedContent", Text),
    ("labels", Struct),
    ("serviceTier", Enum("ServiceTier", &["unspecified", "flex", "standard", "priority"])),
    ("store", Bool),
    ("modelArmorConfig", Struct),
]);

pub(super) static COUNT_REQUEST: Message = Message(&[
    ("model", Text),
    ("contents", Many(&One(&CONTENT))),
    ("generateContentRequest", One(&REQUEST)),
    ("systemInstruction", One(&CONTENT)),
    ("tools", Many(&One(&TOOL))),
    ("generationConfig", One(&GENERATION_CONFIG)),
]);

pub(super) static EMBED_REQUEST: Message = Message(&[
    ("model", Text),
    ("content", One(&CONTENT)),
    ("taskType", Enum("TaskType", &TASK_TYPES)),
    ("title", Text),
    ("outputDimensionality", Int32),
    ("embedContentConfig", One(&EMBED_CONFIG)),
]);

/// On Vertex AI the settings have a message of their own.
static EMBED_CONFIG: Message = Message(&[
    ("taskType", Enum("TaskType", &TASK_TYPES)),
    ("title", Text),
    ("outputDimensionality", Int32),
    ("autoTruncate", Bool),
    ("documentOcr", Bool),
    ("audioTrackExtraction", Bool),
]);

pub(super) static BATCH_EMBED_REQUEST: Message = Message(&[("requests", Many(&One(&EMBED_REQUEST)))]);

/// Instances are not protocol buffers: their members keep the spelling of the model.
pub(super) static PREDICT_REQUEST: Message =
    Message(&[("instances", Many(&Struct)), ("parameters", Struct), ("labels", Struct)]);

const TASK_TYPES: [&str; 9] = [
    "TASK_TYPE_UNSPECIFIED",
    "RETRIEVAL_QUERY",
    "RETRIEVAL_DOCUMENT",
    "SEMANTIC_SIMILARITY",
    "CLASSIFICATION",
    "CLUSTERING",
    "QUESTION_ANSWERING",
    "FACT_VERIFICATION",
    "CODE_RETRIEVAL_QUERY",
];

static CONTENT: Message = Message(&[("role", Text), ("parts", Many(&One(&PART)))]);

static PART: Message = Message(&[
    ("text", Text),
    ("inlineData", One(&BLOB)),
    ("fileData", One(&FILE)),
    ("functionCall", One(&FUNCTION_CALL)),
    ("functionResponse", One(&FUNCTION_RESPONSE)),
    ("executableCode", Struct),
    ("codeExecutionResult", Struct),
    ("toolCall", Struct),
    ("toolResponse", Struct),
    ("thought", Bool),
    ("thoughtSignature", Bytes),
    ("videoMetadata", Struct),
    ("mediaResolution", Struct),
    ("partMetadata", Struct),
]);

/// The fields of a part of which there is exactly one.
pub(super) const PART_DATA: [&str; 9] = [
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
];

static BLOB: Message = Message(&[("mimeType", Text), ("data", Bytes), ("displayName", Text)]);
static FILE: Message = Message(&[("mimeType", Text), ("fileUri", Text), ("displayName", Text)]);

static FUNCTION_CALL: Message =
    Message(&[("id", Text), ("name", Text), ("args", Struct), ("partialArgs", Any), ("willContinue", Bool)]);

static FUNCTION_RESPONSE: Message = Message(&[
    ("id", Text),
    ("name", Text),
    ("response", Struct),
    ("parts", Many(&One(&RESPONSE_PART))),
    ("willContinue", Bool),
    ("scheduling", Text),
]);

static RESPONSE_PART: Message = Message(&[("inlineData", One(&BLOB)), ("fileData", One(&FILE))]);

static TOOL: Message = Message(&[
    ("functionDeclarations", Many(&One(&FUNCTION_DECLARATION))),
    ("googleSearch", Struct),
    ("googleSearchRetrieval", Struct),
    ("codeExecution", Struct),
    ("urlContext", Struct),
    ("googleMaps", Struct),
    ("computerUse", Struct),
    ("fileSearch", Struct),
    ("mcpServers", Any),
    ("retrieval", Struct),
    ("enterpriseWebSearch", Struct),
]);

static FUNCTION_DECLARATION: Message = Message(&[
    ("name", Text),
    ("description", Text),
    ("parameters", One(&SCHEMA)),
    ("parametersJsonSchema", Any),
    ("response", One(&SCHEMA)),
    ("responseJsonSchema", Any),
    ("behavior", Enum("FunctionDeclaration.Behavior", &["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"])),
]);

static SCHEMA: Message = Message(&[
    ("type", Enum("Type", &["TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"])),
    ("format", Text),
    ("title", Text),
    ("description", Text),
    ("nullable", Bool),
    ("default", Any),
    ("example", Any),
    ("enum", Many(&Text)),
    ("items", One(&SCHEMA)),
    ("minItems", Any),
    ("maxItems", Any),
    ("properties", Map(&SCHEMA)),
    ("propertyOrdering", Many(&Text)),
    ("required", Many(&Text)),
    ("minProperties", Any),
    ("maxProperties", Any),
    ("minimum", Number),
    ("maximum", Number),
    ("minLength", Any),
    ("maxLength", Any),
    ("pattern", Text),
    ("anyOf", Many(&One(&SCHEMA))),
    ("additionalProperties", Any),
    ("ref", Text),
    ("defs", Map(&SCHEMA)),
]);

static TOOL_CONFIG: Message = Message(&[
    ("functionCallingConfig", One(&FUNCTION_CALLING_CONFIG)),
    ("retrievalConfig", Struct),
    ("includeServerSideToolInvocations", Bool),
]);

static FUNCTION_CALLING_CONFIG: Message = Message(&[
    ("mode", Enum("FunctionCallingConfig.Mode", &["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"])),
    ("allowedFunctionNames", Many(&Text)),
    ("streamFunctionCallArguments", Bool),
]);

static GENERATION_CONFIG: Message = Message(&[
    ("temperature", Number),
    ("topP", Number),
    ("topK", Number),
    ("candidateCount", Int32),
    ("maxOutputTokens", Int32),
    ("stopSequences", Many(&Text)),
    ("responseMimeType", Text),
    ("responseSchema", One(&SCHEMA)),
    ("responseJsonSchema", Any),
    ("_responseJsonSchema", Any),
    ("responseFormat", Any),
    ("presencePenalty", Number),
    ("frequencyPenalty", Number),
    ("seed", Int32),
    ("responseLogprobs", Bool),
    ("logprobs", Int32),
    ("responseModalities", Many(&Enum("GenerationConfig.Modality", &MODALITIES))),
    ("speechConfig", Struct),
    ("imageConfig", Struct),
    ("mediaResolution", Enum("GenerationConfig.MediaResolution", &MEDIA_RESOLUTIONS)),
    ("thinkingConfig", One(&THINKING_CONFIG)),
    ("continuationToken", Text),
    ("audioTranscriptionConfig", Struct),
    ("translationConfig", Struct),
    ("enableEnhancedCivicAnswers", Bool),
    ("audioTimestamp", Bool),
    ("routingConfig", Struct),
    ("modelSelectionConfig", Struct),
]);

const MODALITIES: [&str; 5] = ["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "VIDEO"];
const MEDIA_RESOLUTIONS: [&str; 5] = [
    "MEDIA_RESOLUTION_UNSPECIFIED",
    "MEDIA_RESOLUTION_LOW",
    "MEDIA_RESOLUTION_MEDIUM",
    "MEDIA_RESOLUTION_HIGH",
    "MEDIA_RESOLUTION_ULTRA_HIGH",
];

static THINKING_CONFIG: Message = Message(&[
    ("includeThoughts", Bool),
    ("thinkingBudget", Int32),
    (
        "thinkingLevel",
        Enum(
            "ThinkingConfig.ThinkingLevel",
            &["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"],
        ),
    ),
]);

static SAFETY_SETTING: Message = Message(&[
    ("category", Enum("HarmCategory", &CATEGORIES)),
    ("threshold", Enum("SafetySetting.HarmBlockThreshold", &THRESHOLDS)),
    ("method", Enum("SafetySetting.HarmBlockMethod", &["HARM_BLOCK_METHOD_UNSPECIFIED", "SEVERITY", "PROBABILITY"])),
]);

const CATEGORIES: [&str; 11] = [
    "HARM_CATEGORY_UNSPECIFIED",
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
    "HARM_CATEGORY_IMAGE_HATE",
    "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
    "HARM_CATEGORY_IMAGE_HARASSMENT",
    "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_JAILBREAK",
];
const THRESHOLDS: [&str; 6] = [
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
    "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_NONE",
    "OFF",
];

/// Unknown to the Developer API. The names are unique among all messages.
pub(super) const VERTEX_ONLY: [&str; 10] = [
    "embedContentConfig",
    "modelArmorConfig",
    "retrieval",
    "enterpriseWebSearch",
    "method",
    "streamFunctionCallArguments",
    "partialArgs",
    "audioTimestamp",
    "routingConfig",
    "modelSelectionConfig",
];
/// Unknown to Vertex AI.
pub(super) const DEVELOPER_ONLY: [&str; 4] = ["store", "fileSearch", "mcpServers", "enableEnhancedCivicAnswers"];
