use super::Span;

/// The parts of a text with what `write` gives in the place of each span; `None` for those that stay. A span that runs
/// over several is replaced in the first of them, and the others lose their share.
pub(super) fn replace(
    parts: &[&str],
    joined: &str,
    spans: &[Span],
    mut write: impl FnMut(&str, usize, &mut String),
) -> Vec<Option<String>> {
    let mut spans = spans.iter().peekable();
    let mut end = 0;
    let replaced = parts.iter().map(|part| {
        let start = end;
        end += part.len();
        let (mut out, mut from) = (None::<String>, start);
        while let Some((range, kind)) = spans.peek().filter(|(range, _)| range.start < end && start < end) {
            put(&mut out, joined, from..range.start.max(start), part.len());
            if let Some(out) = out.as_mut().filter(|_| range.start >= start) {
                write(joined.get(range.clone()).unwrap_or_default(), *kind, out);
            }
            from = range.end.min(end);
            if range.end > end {
                break;
            }
            spans.next();
        }
        if let Some(out) = &mut out {
            out.push_str(joined.get(from..end).unwrap_or_default());
        }
        out
    });
    replaced.collect()
}

/// Appends what stands between two spans.
fn put(out: &mut Option<String>, text: &str, range: std::ops::Range<usize>, length: usize) {
    // A placeholder may be a little longer than what it stands for.
    let out = out.get_or_insert_with(|| String::with_capacity(length + 32));
    out.push_str(text.get(range).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_replaced_and_a_split_value_once() {
        let parts = ["ab1", "2", "3cd4", "", "ef", "56"];
        let spans = [(2..5, 0), (7..8, 1), (10..12, 2)];
        let joined = parts.concat();
        let mut seen = Vec::new();
        let replaced = replace(&parts, &joined, &spans, |value, kind, out| {
            seen.push((value.to_owned(), kind));
            out.push('#');
        });
        let expected = [Some("ab#"), Some(""), Some("cd#"), None, None, Some("#")];
        assert_eq!(replaced.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
        assert_eq!(seen, [("123".to_owned(), 0), ("4".to_owned(), 1), ("56".to_owned(), 2)]);
    }
}
