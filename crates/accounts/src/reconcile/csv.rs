//! CSV as RFC 4180 has it: fields may be quoted, and hold commas, line ends and doubled quotes then.

/// A row, and the line on which it begins, counted from 1.
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) fields: Vec<String>,
}

/// The rows of a text; empty lines are none. An error is the line on which a quote begins that does not end, or is
/// followed by what is no comma.
pub(super) fn rows(text: &str) -> Rows<'_> {
    Rows { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 }
}

pub(super) struct Rows<'a> {
    rest: &'a str,
    line: usize,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, usize>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let line = self.line;
            let mut fields = Vec::new();
            loop {
                let Some((field, is_last)) = self.field() else {
                    self.rest = "";
                    return Some(Err(line));
                };
                fields.push(field);
                if is_last {
                    break;
                }
            }
            if fields.iter().any(|field| !field.is_empty()) {
                return Some(Ok(Row { line, fields }));
            }
        }
    }
}

impl Rows<'_> {
    /// The next field, and whether it is the last of its row.
    fn field(&mut self) -> Option<(String, bool)> {
        let field = match self.rest.strip_prefix('"') {
            Some(quoted) => {
                let (field, rest) = unquote(quoted)?;
                self.line += field.matches('\n').count();
                self.rest = rest;
                field
            }
            None => {
                let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
                let (field, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                field.trim().to_owned()
            }
        };
        let rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        if let Some(rest) = rest.strip_prefix(',') {
            self.rest = rest;
            return Some((field, false));
        }
        self.line += 1;
        self.rest = match rest.strip_prefix('\n') {
            Some(rest) => rest,
            None if rest.is_empty() => rest,
            None => return None,
        };
        Some((field, true))
    }
}

/// What stands before the closing quote, and what comes after it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Vec<(usize, Vec<String>)>, usize> {
        rows(text).map(|row| row.map(|row| (row.line, row.fields))).collect()
    }

    #[test]
    fn fields_are_plain_or_quoted() {
        let text = "\u{feff}a, b ,\"c,d\"\r\n\r\n\"1 \"\"x\"\"\n2\",,\n3,4";
        let rows = read(text).unwrap();
        let expected: [(usize, Vec<&str>); 3] =
            [(1, vec!["a", "b", "c,d"]), (3, vec!["1 \"x\"\n2", "", ""]), (5, vec!["3", "4"])];
        assert_eq!(rows, expected.map(|(line, fields)| (line, fields.into_iter().map(str::to_owned).collect())));
        assert_eq!(read("a\n\"b\n"), Err(2));
        assert_eq!(read("a\n\"b\"c\n"), Err(2));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(table in prop::collection::vec(prop::collection::vec("[a\"\n,\r é]{1,5}", 1..4), 0..5)) {
            let quoted = |row: &Vec<String>| {
                row.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect::<Vec<_>>().join(",")
            };
            let text: String = table.iter().map(|row| quoted(row) + "\r\n").collect();
            let read: Vec<_> = read(&text).unwrap().into_iter().map(|(_, fields)| fields).collect();
            prop_assert_eq!(read, table);
        }

        #[test]
        fn any_text_comes_to_an_end(text in "[a\",\n\r]{0,40}") {
            let _ = read(&text);
        }
    }
}
