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
/// `conversation`, `background`, `container`, `web_search_options`, a stored `prompt` of a Response, what other providers
/// call `search_parameters`, `enable_search` or `plugins`, and tools that the provider runs itself, or that nobody knows.
/// Nor are models that search, as far as their names tell: `…:online`, `…-search-preview…`, `…-search-api…` and `sonar…`. Of
/// others that do, and of names of your own for such models, nothing is known here: ask those with `cache-control: no-store`.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    max_temperature: Option<f64>,
    max_choices: u64,
    tools: bool,
    images: bool,
}

/// Members by which a request depends on more than itself: OpenAI's and Anthropic's, and then those by which xAI, Alibaba's
/// Qwen and OpenRouter are told to search the web.
const DEPENDING: [&str; 9] = [
    "previous_response_id",
    "conversation",
    "background",
    "container",
    "web_search_options",
    "mcp_servers",
    "search_parameters",
    "enable_search",
    "plugins",
];

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
        let says = |name: &str| request.get(name).is_some_and(|value| !matches!(value, b"null" | b"false" | b"[]"));
        let depends = DEPENDING.iter().any(|name| says(name))
            // Of a completion it is the text itself.
            || operation == Operation::Response && says("prompt")
            || searches(&request.text("model").unwrap_or_default());
        !depends
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

/// Whether a model is one that looks up what it is asked, by the name that its provider gives it: OpenRouter's suffix,
/// OpenAI's search models, Perplexity's.
fn searches(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default();
    name.ends_with(":online")
        || name.contains("-search-preview")
        || name.contains("-search-api")
        || name.starts_with("sonar")
}

/// Whether a tool is the provider's own, or may be: what it finds today is not what it finds tomorrow.
fn runs_at_provider(operation: Operation, tool: &[u8]) -> bool {
    const CLIENTS: [&[u8]; 8] = [
        b"\"function\"",
        b"\"custom\"",
        b"\"local_shell\"",
        b"\"apply_patch\"",
        b"\"computer_use_preview\"",
        b"\"computer-preview\"",
        b"\"computer\"",
        b"\"namespace\"",
    ];
    // Anthropic's own tools that the client runs.
    const RUN_BY_CLIENT: [&[u8]; 4] = [b"\"bash_", b"\"text_editor_", b"\"computer_", b"\"memory_"];
    match member(tool, b"type").filter(|kind| *kind != b"null") {
        // Without an environment it depends on the provider where it runs.
        Some(b"\"shell\"") => member(tool, b"environment").and_then(|it| member(it, b"type")) != Some(b"\"local\""),
        Some(kind) => {
            let is_anthropics = || RUN_BY_CLIENT.iter().any(|prefix| kind.starts_with(prefix));
            !(CLIENTS.contains(&kind) || operation == Operation::Message && is_anthropics())
        }
        // A function, as Anthropic has it, or OpenAI had it once. Gateways have others: `{"google_search":{}}`.
        None => !["name", "function", "custom"].iter().any(|name| member(tool, name.as_bytes()).is_some()),
    }
}

/// The value of this member.
fn member<'a>(object: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    json::members(object).find_map(|(name, value)| (name == wanted).then_some(value))
}

/// Whether a message, or what a tool has answered in it, has a part that is neither text nor a call.
fn shows(request: &Object) -> bool {
    ["messages", "input"]
        .into_iter()
        .filter_map(|name| request.get(name))
        .flat_map(json::items)
        .any(|message| is_shown(message, DEEPEST))
}

/// A message, the answer of a tool in it, a page or a result in that, and what it shows.
const DEEPEST: usize = 4;

fn is_shown(part: &[u8], deeper: usize) -> bool {
    const KINDS: [&[u8]; 11] = [
        b"\"image_url\"",
        b"\"input_image\"",
        b"\"image\"",
        b"\"input_audio\"",
        b"\"file\"",
        b"\"input_file\"",
        b"\"document\"",
        b"\"video_url\"",
        b"\"audio_url\"",
        b"\"computer_screenshot\"",
        b"\"container_upload\"",
    ];
    json::members(part).any(|(name, value)| match name {
        b"type" => KINDS.contains(&value),
        b"content" | b"output" if deeper > 0 => {
            is_shown(value, deeper - 1) || json::items(value).any(|item| is_shown(item, deeper - 1))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Operation::{ChatCompletion, Completion, Message, Response};

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
            (Message, r#"{"tools":[{"type":null,"name":"f","input_schema":{}}]}"#, true),
            (Message, r#"{"tools":[{"input_schema":{}}]}"#, false),
            (ChatCompletion, r#"{"tools":[{"function":{"name":"f"}}]}"#, true),
            (ChatCompletion, r#"{"functions":[{"name":"f"}]}"#, true),
            (ChatCompletion, r#"{"tools":[{"type":"custom","custom":{"name":"f"}}]}"#, true),
            (ChatCompletion, r#"{"tools":[{"type":"function"},{"google_search":{}}]}"#, false),
            (ChatCompletion, r#"{"tools":[{"googleSearch":{}}]}"#, false),
            (ChatCompletion, r#"{"tools":[{"type":"openrouter:web_search"}]}"#, false),
            (ChatCompletion, r#"{"tools":["a"]}"#, false),
            (Response, r#"{"tools":[{"type":"shell","environment":{"type":"local"}}]}"#, true),
            (Response, r#"{"tools":[{"type":"shell","environment":{"type":"container_auto"}}]}"#, false),
            (Response, r#"{"tools":[{"type":"shell"}]}"#, false),
            (Response, r#"{"prompt":{"id":"pmpt_1"}}"#, false),
            (Response, r#"{"prompt":null}"#, true),
            (Completion, r#"{"prompt":"Hi"}"#, true),
            (ChatCompletion, r#"{"plugins":[{"id":"web"}]}"#, false),
            (ChatCompletion, r#"{"plugins":[]}"#, true),
            (ChatCompletion, r#"{"search_parameters":{"mode":"auto"}}"#, false),
            (ChatCompletion, r#"{"enable_search":true}"#, false),
            (ChatCompletion, r#"{"enable_search":false}"#, true),
            (ChatCompletion, r#"{"model":"openai/gpt-4o:online"}"#, false),
            (ChatCompletion, r#"{"model":"gpt-4o-mini-search-preview-2025-03-11"}"#, false),
            (ChatCompletion, r#"{"model":"gpt-5-search-api"}"#, false),
            (ChatCompletion, r#"{"model":"perplexity/s\u006fnar-pro"}"#, false),
            (ChatCompletion, r#"{"model":"gpt-4o"}"#, true),
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
    #[test]
    fn what_a_tool_shows_is_shown() {
        let without = Admission::new().images(false);
        for (operation, request, is_admitted) in [
            (
                Message,
                r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"image"}]}]}]}"#,
                false,
            ),
            (
                Message,
                r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text"}]}]}]}"#,
                true,
            ),
            (Response, r#"{"input":[{"type":"function_call_output","output":[{"type":"input_image"}]}]}"#, false),
            (Response, r#"{"input":[{"type":"function_call_output","output":"{\"type\":\"image\"}"}]}"#, true),
            (Response, r#"{"input":[{"type":"computer_call_output","output":{"type":"computer_screenshot"}}]}"#, false),
        ] {
            assert_eq!(admits(&without, operation, request), is_admitted, "{request}");
            assert!(admits(&Admission::new(), operation, request));
        }
        let deep = format!("{{\"messages\":{}1{}}}", "[{\"content\":".repeat(60), "}]".repeat(60));
        assert!(admits(&without, Message, &deep));
    }
}
