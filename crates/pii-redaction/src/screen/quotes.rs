use llm_layers_pii::Finding;

/// Where strings begin and end in the source text of JSON.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quotes {
    in_string: bool,
    escaped: bool,
}

impl Quotes {
    /// Goes over a text. Where something was found outside of strings, which is a number, it is put into quotes: what
    /// takes its place is no number. Gives the text with these and the findings where they then are; nothing if there is
    /// none such.
    pub(super) fn quote(&mut self, text: &str, found: &[Finding]) -> Option<(String, Vec<Finding>)> {
        let mut edits: Vec<usize> = Vec::new();
        let mut at = 0;
        for finding in found {
            self.pass(text.get(at..finding.range.start).unwrap_or_default());
            if !self.in_string && !text.get(finding.range.clone()).is_some_and(|value| value.contains('"')) {
                edits.push(finding.range.start);
            }
            at = at.max(finding.range.start);
        }
        self.pass(text.get(at..).unwrap_or_default());
        if edits.is_empty() {
            return None;
        }
        let mut quoted = String::with_capacity(text.len() + 2 * edits.len());
        let mut moved = Vec::with_capacity(found.len());
        let mut at = 0;
        for finding in found {
            if finding.range.start < at {
                continue;
            }
            let is_quoted = edits.contains(&finding.range.start);
            quoted.push_str(text.get(at..finding.range.start).unwrap_or_default());
            if is_quoted {
                quoted.push('"');
            }
            let start = quoted.len();
            quoted.push_str(text.get(finding.range.clone()).unwrap_or_default());
            moved.push(Finding { range: start..quoted.len(), ..finding.clone() });
            if is_quoted {
                quoted.push('"');
            }
            at = finding.range.end;
        }
        quoted.push_str(text.get(at..).unwrap_or_default());
        Some((quoted, moved))
    }

    fn pass(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ => {}
            }
        }
    }
}
