//! Where a JSON object ends that comes in fragments.

/// Follows the nesting of a text and nothing else: whether it is JSON is for its reader to say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct JsonEnd {
    depth: u32,
    in_string: bool,
    is_escaped: bool,
    is_over: bool,
}

impl JsonEnd {
    pub(super) fn feed(&mut self, fragment: &str) {
        for byte in fragment.bytes() {
            match byte {
                _ if std::mem::take(&mut self.is_escaped) => {}
                b'\\' if self.in_string => self.is_escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_over |= self.depth == 0;
                }
                _ => {}
            }
        }
    }

    /// Whether the outermost brace has been closed.
    pub(super) const fn is_over(self) -> bool {
        self.is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_the_outermost_brace_however_it_is_cut() {
        for (text, is_over) in [
            ("{}", true),
            (r#" {"a":{"b":[1,{}]},"c":"}\"}\\"} "#, true),
            (r#"{"a":"}"#, false),
            (r#"{"a":"\"}"#, false),
            (r#"{"a":[}"#, false),
            ("", false),
            ("12", false),
            ("}", true),
        ] {
            for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                let mut end = JsonEnd::default();
                end.feed(&text[..cut]);
                end.feed(&text[cut..]);
                assert_eq!(end.is_over(), is_over, "{text} at {cut}");
            }
        }
    }
}
