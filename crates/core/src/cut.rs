/// The beginning of a text, of at most so many bytes: what clients and providers choose may be of any length.
///
/// ```
/// use llm_layers_core::cut;
///
/// assert_eq!(cut("gpt-4o", 3), "gpt");
/// assert_eq!(cut("größe", 3), "gr", "no character is cut in two");
/// ```
#[must_use]
pub fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default()
}
