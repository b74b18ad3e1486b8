use std::sync::LazyLock;

use llm_layers_wire::json::Object;
use memchr::memmem;

use super::cursor::Cursor;
use crate::stats::Share;

/// How much of its prompt a request asks the provider to keep: `cache_control`, as Anthropic has it (docs.claude.com,
/// "Prompt caching", 2026-11-12) and many took it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Up to the last mark, in parts of [`Share::WHOLE`] of what is written.
    pub(super) share: u64,
    /// For an hour and not for five minutes, which costs more.
    pub(super) for_an_hour: bool,
}

impl Marks {
    /// `None` where nothing is marked.
    pub(super) fn of(object: &Object) -> Option<Self> {
        /// Within a text the quotes would be escaped.
        static MARK: LazyLock<memmem::FinderRev<'static>> =
            LazyLock::new(|| memmem::FinderRev::new(b"\"cache_control\""));
        // A mark is for all that is before it in this order, whatever the order in the request.
        let (mut total, mut marked, mut for_an_hour) = (0, None, false);
        for member in ["tools", "system", "messages"] {
            let Some(text) = object.get(member) else { continue };
            if let Some(at) = MARK.rfind(text) {
                marked = Some(total + at);
                for_an_hour |= text.get(at..).is_some_and(is_for_an_hour);
            }
            total += text.len();
        }
        let share = Share::part(marked? as u64, total as u64);
        Some(Self { share, for_an_hour })
    }
}

/// `"cache_control": {"type": "ephemeral", "ttl": "1h"}`, from its name on.
fn is_for_an_hour(mark: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'{', mark) else { return false };
    let mut found = false;
    let _ = Cursor::new(mark.get(at..).unwrap_or_default()).members(|name, value| {
        let text = value.string();
        found |= name == b"ttl" && text == Some(b"1h");
        match text {
            Some(_) => Some(std::ops::ControlFlow::Continue(())),
            None => value.value().map(|_| std::ops::ControlFlow::Continue(())),
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_before_the_last_mark_is_kept() {
        let of = |text: &'static str| Marks::of(&Object::parse(text).unwrap());
        assert_eq!(of(r#"{"messages":[{"role":"user","content":"\"cache_control\":{}"}]}"#), None);
        assert_eq!(of(r#"{"cache_control":{"type":"ephemeral"}}"#), None, "of no part of the prompt");
        let all = of(r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a long text of many words and many more","cache_control":{"type":"ephemeral"}}]}]}"#).unwrap();
        assert!(all.share > Share::WHOLE / 2 && all.share < Share::WHOLE && !all.for_an_hour, "{all:?}");
        let system = of(r#"{"messages":[{"role":"user","content":"a question, as long as what is marked, or longer than that"}],"system":[{"type":"text","text":"s","cache_control":{"ttl":"1h","type":"ephemeral"}}]}"#).unwrap();
        assert!(system.share < Share::WHOLE / 2 && system.for_an_hour, "{system:?}");
        let odd = of(r#"{"messages":[{"cache_control":null},{"cache_control":{"ttl":{"ttl":"1h"}}}]}"#).unwrap();
        assert!(!odd.for_an_hour);
    }
}
