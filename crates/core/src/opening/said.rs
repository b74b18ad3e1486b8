use llm_layers_wire::{
    openai::{self, ChunkChoice},
    sse::Event,
};

/// What an event of a stream says, as far as it matters for whether the answer has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Said {
    /// A greeting, a comment, the frame of what is to come: not a word yet.
    Nothing,
    /// A word of the answer, or its end.
    Something,
    /// The provider failed, and says so in place of an answer.
    Failed(openai::Error),
}

impl Said {
    /// What this event says, in the shape of chat completions, completions, responses or messages. Events of any other
    /// shape say something.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let Some(data) = event.data() else { return Self::Nothing };
        let chunk = event.chunk();
        if chunk.is_some_and(openai::Chunk::is_error) {
            return Self::failed(data);
        }
        // The older completions and the chats. Azure opens with a verdict on the prompt and no choice at all.
        if let Some(chunk) = chunk.filter(|chunk| chunk.object().contains("choices")) {
            return if chunk.choices().iter().any(says) { Self::Something } else { Self::Nothing };
        }
        // The other two name their events, and say the name in the data too, where some servers leave it at that.
        let told = || chunk.and_then(|chunk| chunk.object().text("type"));
        match event.name().map(String::from_utf8_lossy).or_else(told).as_deref() {
            Some("error") => Self::failed(data),
            Some("response.failed") => {
                Self::failed(chunk.and_then(|chunk| chunk.object().get("response")).unwrap_or_default())
            }
            Some(
                "ping"
                | "message_start"
                | "content_block_start"
                | "response.created"
                | "response.queued"
                | "response.in_progress"
                | "response.output_item.added"
                | "response.content_part.added",
            ) => Self::Nothing,
            _ => Self::Something,
        }
    }

    fn failed(data: &[u8]) -> Self {
        let unknown = || openai::Error::new("", "The provider failed without a reason.");
        Self::Failed(openai::Error::parse(data).unwrap_or_else(unknown))
    }
}

fn says(choice: &ChunkChoice) -> bool {
    // Some servers write an empty reason into every chunk.
    choice.finish_reason().is_some_and(|reason| !reason.is_empty())
        || choice.delta().iter().any(|(name, value)| name != "role" && is_said(value))
        || ["text", "message"].into_iter().filter_map(|name| choice.object().get(name)).any(is_said)
}

/// Whether the value of a member is a word of the answer.
fn is_said(value: &[u8]) -> bool {
    !matches!(value, b"null" | b"\"\"" | b"[]" | b"{}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the one event of a stream says: `n`othing, `s`omething, or a failure of this type and code.
    fn said(block: &str) -> String {
        let mut decoder = llm_layers_wire::sse::Decoder::default();
        decoder.push(format!("{block}\n\n").into());
        match Said::of(&decoder.next().expect("in bounds").expect("an event")) {
            Said::Nothing => "nothing".into(),
            Said::Something => "something".into(),
            Said::Failed(error) => format!("{} {} {}", error.kind, error.code.unwrap_or_default(), error.message),
        }
    }

    #[test]
    fn chats_and_completions() {
        for (choice, expected) in [
            (r#"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}"#, "nothing"),
            (r#"{"index":0,"delta":{"content":null,"tool_calls":[],"audio":{}}}"#, "nothing"),
            (r#"{"index":0,"delta":{}}"#, "nothing"),
            (r#"{"index":0,"delta":{"content":""},"finish_reason":""}"#, "nothing"),
            (r#"{"index":0,"delta":{"content":"Hi"}}"#, "something"),
            (r#"{"index":0,"delta":{"role":"assistant","content":"Hi"}}"#, "something"),
            (r#"{"index":0,"delta":{"reasoning_content":"Hm"}}"#, "something"),
            (r#"{"index":0,"delta":{"refusal":"No"}}"#, "something"),
            (r#"{"index":0,"delta":{"tool_calls":[{"index":0}]}}"#, "something"),
            (r#"{"index":0,"delta":{},"finish_reason":"stop"}"#, "something"),
            (r#"{"index":0,"text":"","finish_reason":null}"#, "nothing"),
            (r#"{"index":0,"text":"Hi","finish_reason":null}"#, "something"),
            (r#"{"index":0,"message":{"content":"Hi"}}"#, "something"),
        ] {
            assert_eq!(said(&format!(r#"data: {{"choices":[{choice}]}}"#)), expected, "{choice}");
        }
        // Azure's first event, and a usage of nothing.
        assert_eq!(said(r#"data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}]}"#), "nothing");
        assert_eq!(said("data: [DONE]"), "something");
        assert_eq!(said(": OPENROUTER PROCESSING"), "nothing");
        assert_eq!(said("retry: 3000"), "nothing");
    }

    #[test]
    fn messages_and_responses() {
        for (event, expected) in [
            ("event: message_start\ndata: {\"type\":\"message_start\"}", "nothing"),
            ("event: ping\ndata: {\"type\":\"ping\"}", "nothing"),
            ("event: content_block_start\ndata: {\"type\":\"content_block_start\"}", "nothing"),
            ("event: content_block_delta\ndata: {\"type\":\"content_block_delta\"}", "something"),
            ("event: message_delta\ndata: {\"type\":\"message_delta\"}", "something"),
            ("event: response.created\ndata: {\"response\":{\"error\":null}}", "nothing"),
            ("event: response.output_item.added\ndata: {}", "nothing"),
            ("event: response.output_text.delta\ndata: {\"delta\":\"Hi\"}", "something"),
            // By the type alone, as some servers send them.
            ("data: {\"type\":\"response.in_progress\"}", "nothing"),
            ("data: {\"type\":\"message_start\"}", "nothing"),
            ("data: {\"type\":\"response.completed\"}", "something"),
            ("data: {\"candidates\":[]}", "something"),
            ("data: a word", "something"),
        ] {
            assert_eq!(said(event), expected, "{event}");
        }
    }

    #[test]
    fn failures() {
        for (event, expected) in [
            (r#"data: {"error":{"message":"m","type":"server_error","code":"c"}}"#, "server_error c m"),
            (r#"data: {"error":{"message":"m","code":503},"choices":[{"delta":{"content":""}}]}"#, " 503 m"),
            (r#"data: {"error":{"code":"c"}}"#, "  The provider failed without a reason."),
            (r#"data: {"error":"busy"}"#, "  busy"),
            (
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}",
                "overloaded_error  m",
            ),
            ("event: error\ndata: {\"type\":\"error\",\"code\":\"c\",\"message\":\"m\"}", "error c m"),
            ("data: {\"type\":\"error\",\"code\":\"c\",\"message\":\"m\"}", "error c m"),
            ("event: response.failed\ndata: {\"response\":{\"error\":{\"code\":\"c\",\"message\":\"m\"}}}", " c m"),
            ("event: error\ndata: upstream died", "  The provider failed without a reason."),
        ] {
            assert_eq!(said(event), expected, "{event}");
        }
        assert_eq!(said(r#"data: {"error":null,"choices":[{"delta":{"content":"Hi"}}]}"#), "something");
    }
}
