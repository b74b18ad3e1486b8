use llm_layers_core::Operation;
use llm_layers_wire::json::{self, Object};

/// Which requests are answered from the cache, and whose answers are kept.
///
/// By default all are whose answer depends on nothing but themselves. That includes those of a `temperature` above 0:
/// whoever wants another answer to the same question says `cache-control: no-cache`.
///
/// ```
/// use llm_layers_cache::{Admission, CacheLayer};
///
/// // Only what would be answered alike anyway, and nothing that acts.
/// let layer = CacheLayer::default().admission(Admission::new().max_temperature(0.0).tools(false));
/// # let _ = layer;
/// ```
///
/// Never cached are requests that depend on what a provider remembers or looks up: `previous_response_id`,
/// `conversation`, `background`, `container`, `web_search_options`, and tools that the provider runs itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    max_temperature: Option<f64>,
    max_choices: u64,
    tools: bool,
    images: bool,
}

/// Members by which a request depends on more than itself.
const DEPENDING: [&str; 6] =
    ["previous_response_id", "conversation", "background", "container", "web_search_options", "mcp_servers"];

impl Admission {
    /// All.
    #[must_use]
    pub const fn new() -> Self {
        Self { max_temperature: None, max_choices: u64::MAX, tools: true, images: true }
    }

    /// Only requests with a `temperature` of no more than this. One that does not say has a temperature of 1.
    #[must_use]
    pub const fn max_temperature(mut self, most: f64) -> Self {
        self.max_temperature = Some(most);
        self
    }

    /// Only requests for no more than so many choices (`n`).
    #[must_use]
    pub const fn max_choices(mut self, most: u64) -> Self {
        self.max_choices = most;
        self
    }

    /// Whether requests that offer tools are.
    #[must_use]
    pub const fn tools(mut self, yes: bool) -> Self {
        self.tools = yes;
        self
    }

    /// Whether requests that show pictures, audio or files are.
    #[must_use]
    pub const fn images(mut self, yes: bool) -> Self {
        self.images = yes;
        self
    }

    pub(crate) fn admits(&self, operation: Operation, request: &Object) -> bool {
        if operation == Operation::Embedding {
            return true;
        }
        let says = |name: &str| request.get(name).is_some_and(|value| !matches!(value, b"null" | b"false"));
        !DEPENDING.iter().any(|name| says(name))
            && self.max_temperature.is_none_or(|most| temperature(request) <= most)
            && choices(request) <= self.max_choices
            && tools(request).all(|tool| self.tools && !runs_at_provider(operation, tool))
            && (self.images || !shows(request))
    }
}

impl Default for Admission {
    fn default() -> Self {
        Self::new()
    }
}

fn temperature(request: &Object) -> f64 {
    // What cannot be read is for the provider to refuse.
    request.read("temperature").ok().flatten().unwrap_or(1.0)
}

fn choices(request: &Object) -> u64 {
    request.read("n").ok().flatten().unwrap_or(1)
}

fn tools(request: &Object) -> impl Iterator<Item = &[u8]> {
    ["tools", "functions"].into_iter().filter_map(|name| request.get(name)).flat_map(json::items)
}

/// Whether a tool is the provider's own: what it finds today is not what it finds tomorrow.
fn runs_at_provider(operation: Operation, tool: &[u8]) -> bool {
    const CLIENTS: [&[u8]; 10] = [
        b"\"function\"",
        b"\"custom\"",
        b"\"local_shell\"",
        b"\"apply_patch\"",
        b"\"shell\"",
        b"\"computer_use_preview\"",
        b"\"computer-preview\"",
        b"\"computer\"",
        b"\"namespace\"",
        b"null",
    ];
    // Anthropic's own tools that the client runs.
    const RUN_BY_CLIENT: [&[u8]; 4] = [b"\"bash_", b"\"text_editor_", b"\"computer_", b"\"memory_"];
    let Some((_, kind)) = json::members(tool).find(|(name, _)| *name == b"type") else { return false };
    let is_clients = CLIENTS.contains(&kind)
        || operation == Operation::Message && RUN_BY_CLIENT.iter().any(|prefix| kind.starts_with(prefix));
    !is_clients
}

/// Whether a message has a part that is neither text nor a call.
fn shows(request: &Object) -> bool {
    const KINDS: [&[u8]; 9] = [
        b"\"image_url\"",
        b"\"input_image\"",
        b"\"image\"",
        b"\"input_audio\"",
        b"\"file\"",
        b"\"input_file\"",
        b"\"document\"",
        b"\"video_url\"",
        b"\"audio_url\"",
    ];
    let is_shown = |part: &[u8]| json::members(part).any(|(name, value)| name == b"type" && KINDS.contains(&value));
    let contents = |message| json::members(message).filter(|(name, _)| *name == b"content").map(|(_, value)| value);
    ["messages", "input"]
        .into_iter()
        .filter_map(|name| request.get(name))
        .flat_map(json::items)
        .any(|message| is_shown(message) || contents(message).flat_map(json::items).any(is_shown))
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Operation::{ChatCompletion, Message, Response};

    use super::*;

    fn admits(admission: &Admission, operation: Operation, request: &str) -> bool {
        admission.admits(operation, &Object::parse(request.to_owned()).unwrap())
    }

    #[test]
    fn what_depends_on_more_than_itself_is_not_cached() {
        let all = Admission::new();
        for (operation, request, expected) in [
            (ChatCompletion, r#"{"temperature":1.5,"n":4,"tools":[{"type":"function"}]}"#, true),
            (ChatCompletion, r#"{"web_search_options":{}}"#, false),
            (Response, r#"{"previous_response_id":null,"background":false}"#, true),
            (Response, r#"{"previous_response_id":"r"}"#, false),
            (Response, r#"{"background":true}"#, false),
            (Response, r#"{"tools":[{"type":"function"},{"type":"web_search"}]}"#, false),
            (Message, r#"{"tools":[{"name":"f"},{"type":"bash_20250124"}]}"#, true),
            (Message, r#"{"tools":[{"type":"web_search_20250305"}]}"#, false),
        ] {
            assert_eq!(admits(&all, operation, request), expected, "{request}");
        }
    }

    #[test]
    fn what_is_cached_is_a_setting() {
        let image = r#"{"messages":[{"content":[{"type":"text"},{"type":"image_url"}]}]}"#;
        for (admission, request, expected) in [
            (Admission::new().max_temperature(0.0), "{}", false),
            (Admission::new().max_temperature(0.0), r#"{"temperature":0}"#, true),
            (Admission::new().max_temperature(0.5), r#"{"temperature":0.7}"#, false),
            (Admission::new().max_choices(1), r#"{"n":2}"#, false),
            (Admission::new().max_choices(1), "{}", true),
            (Admission::new().tools(false), r#"{"tools":[{"type":"function"}]}"#, false),
            (Admission::new().tools(false), r#"{"functions":[{"name":"f"}]}"#, false),
            (Admission::new().tools(false), r#"{"tools":[]}"#, true),
            (Admission::new().images(false), image, false),
            (Admission::new().images(false), r#"{"messages":[{"content":"\"type\":\"image_url\""}]}"#, true),
            (Admission::new(), image, true),
        ] {
            assert_eq!(admits(&admission, ChatCompletion, request), expected, "{request}");
        }
    }
}
