//! The request of Converse and ConverseStream, member by member.

use super::shape::{Class, Member, Shape};

const fn may(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: false, shape }
}

const fn must(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: true, shape }
}

const fn list(of: &'static Shape) -> Shape {
    Shape::List { least: 0, most: usize::MAX, of }
}

static TEXT: Shape = Shape::Text { least: 0, most: usize::MAX, class: Class::Any };
static FULL_TEXT: Shape = Shape::Text { least: 1, most: usize::MAX, class: Class::Any };
static TOOL_NAME: Shape = Shape::Text { least: 1, most: 64, class: Class::Name };
static TOOL_ID: Shape = Shape::Text { least: 1, most: 64, class: Class::Id };

pub(super) static REQUEST: Shape = Shape::Structure(&[
    must("messages", &MESSAGES),
    may("system", &SYSTEM),
    may("inferenceConfig", &INFERENCE),
    may("toolConfig", &TOOL_CONFIG),
    may("guardrailConfig", &GUARDRAIL),
    may("additionalModelRequestFields", &Shape::Document),
    may("promptVariables", &Shape::Document),
    may("additionalModelResponseFieldPaths", &Shape::List { least: 0, most: 10, of: &FULL_TEXT }),
    may("requestMetadata", &Shape::Map { most: 16 }),
    may("performanceConfig", &Shape::Structure(&[may("latency", &Shape::Enum(&["standard", "optimized"]))])),
    may("serviceTier", &Shape::Structure(&[must("type", &Shape::Enum(&["priority", "default", "flex", "reserved"]))])),
    may("outputConfig", &OUTPUT),
]);

static MESSAGES: Shape = list(&Shape::Structure(&[
    must("role", &Shape::Enum(&["user", "assistant", "system"])),
    must("content", &list(&CONTENT)),
]));

static CONTENT: Shape = Shape::Union(
    "ContentBlock",
    &[
        may("text", &TEXT),
        may("image", &IMAGE),
        may("toolUse", &TOOL_USE),
        may("toolResult", &TOOL_RESULT),
        may("document", &DOCUMENT),
        may("video", &Shape::Document),
        may("audio", &Shape::Document),
        may("guardContent", &Shape::Document),
        may("cachePoint", &CACHE_POINT),
        may("reasoningContent", &REASONING),
        may("citationsContent", &Shape::Document),
        may("searchResult", &Shape::Document),
        may("toolAddition", &Shape::Document),
        may("toolRemoval", &Shape::Document),
    ],
);

static S3: Shape = Shape::Structure(&[must("uri", &FULL_TEXT), may("bucketOwner", &TEXT)]);

static IMAGE: Shape = Shape::Structure(&[
    must("format", &Shape::Enum(&["png", "jpeg", "gif", "webp"])),
    must("source", &Shape::Union("ImageSource", &[may("bytes", &Shape::Blob), may("s3Location", &S3)])),
]);

static DOCUMENT: Shape = Shape::Structure(&[
    may("format", &Shape::Enum(&["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"])),
    must("name", &Shape::Text { least: 1, most: 200, class: Class::Any }),
    must(
        "source",
        &Shape::Union(
            "DocumentSource",
            &[
                may("bytes", &Shape::Blob),
                may("s3Location", &S3),
                may("text", &TEXT),
                may("content", &list(&Shape::Union("DocumentContentBlock", &[may("text", &TEXT)]))),
            ],
        ),
    ),
    may("context", &TEXT),
    may("citations", &Shape::Structure(&[must("enabled", &Shape::Bool)])),
]);

static TOOL_USE: Shape = Shape::Structure(&[
    must("toolUseId", &TOOL_ID),
    must("name", &TOOL_NAME),
    must("input", &Shape::Document),
    may("type", &Shape::Enum(&["server_tool_use"])),
]);

static TOOL_RESULT: Shape = Shape::Structure(&[
    must("toolUseId", &TOOL_ID),
    must(
        "content",
        &list(&Shape::Union(
            "ToolResultContentBlock",
            &[
                may("json", &Shape::Document),
                may("text", &TEXT),
                may("image", &IMAGE),
                may("document", &DOCUMENT),
                may("video", &Shape::Document),
                may("searchResult", &Shape::Document),
            ],
        )),
    ),
    may("status", &Shape::Enum(&["success", "error"])),
    may("type", &TEXT),
]);

static REASONING: Shape = Shape::Union(
    "ReasoningContentBlock",
    &[
        may("reasoningText", &Shape::Structure(&[must("text", &TEXT), may("signature", &TEXT)])),
        may("redactedContent", &Shape::Blob),
    ],
);

static CACHE_POINT: Shape =
    Shape::Structure(&[must("type", &Shape::Enum(&["default"])), may("ttl", &Shape::Enum(&["5m", "1h"]))]);

static SYSTEM: Shape = list(&Shape::Union(
    "SystemContentBlock",
    &[may("text", &FULL_TEXT), may("guardContent", &Shape::Document), may("cachePoint", &CACHE_POINT)],
));

static INFERENCE: Shape = Shape::Structure(&[
    may("maxTokens", &Shape::Whole(1)),
    may("temperature", &Shape::Unit),
    may("topP", &Shape::Unit),
    may("stopSequences", &Shape::List { least: 0, most: 2500, of: &FULL_TEXT }),
]);

static TOOL_CONFIG: Shape = Shape::Structure(&[
    must("tools", &Shape::List { least: 1, most: usize::MAX, of: &TOOL }),
    may(
        "toolChoice",
        &Shape::Union(
            "ToolChoice",
            &[
                may("auto", &Shape::Structure(&[])),
                may("any", &Shape::Structure(&[])),
                may("tool", &Shape::Structure(&[must("name", &TOOL_NAME)])),
            ],
        ),
    ),
]);

static TOOL: Shape = Shape::Union(
    "Tool",
    &[
        may(
            "toolSpec",
            &Shape::Structure(&[
                must("name", &TOOL_NAME),
                may("description", &FULL_TEXT),
                must("inputSchema", &Shape::Union("ToolInputSchema", &[may("json", &Shape::Document)])),
                may("strict", &Shape::Bool),
            ]),
        ),
        may("systemTool", &Shape::Structure(&[must("name", &TOOL_NAME)])),
        may("cachePoint", &CACHE_POINT),
    ],
);

static GUARDRAIL: Shape = Shape::Structure(&[
    may("guardrailIdentifier", &TEXT),
    may("guardrailVersion", &TEXT),
    may("trace", &Shape::Enum(&["enabled", "disabled", "enabled_full"])),
    may("streamProcessingMode", &Shape::Enum(&["sync", "async"])),
]);

static OUTPUT: Shape = Shape::Structure(&[
    may(
        "textFormat",
        &Shape::Structure(&[
            must("type", &Shape::Enum(&["json_schema"])),
            must(
                "structure",
                &Shape::Union(
                    "OutputFormatStructure",
                    &[may(
                        "jsonSchema",
                        &Shape::Structure(&[must("schema", &TEXT), may("name", &TEXT), may("description", &TEXT)]),
                    )],
                ),
            ),
        ]),
    ),
    may("effort", &Shape::Enum(&["low", "medium", "high", "xhigh", "max"])),
]);
