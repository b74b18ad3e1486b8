use std::borrow::Cow;

/// What a JSON string means; borrowed when it holds no escape. `None` of what is no string.
///
/// ```
/// use llm_layers_wire::json::text;
///
/// assert_eq!(text(br#""gpt-5-mini""#).as_deref(), Some("gpt-5-mini"));
/// assert_eq!(text(br#""a\u0062c""#).as_deref(), Some("abc"));
/// assert_eq!(text(b"null"), None);
/// ```
#[must_use]
pub fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    serde_json::from_slice::<String>(value).ok().map(Cow::Owned)
}
