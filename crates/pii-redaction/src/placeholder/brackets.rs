use std::fmt::Write;

/// What opens and closes placeholders, and how else models may spell that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Brackets {
    pub(crate) open: Box<str>,
    pub(crate) close: Box<str>,
    /// Both spelled the same way: as they are, in full width, as Markdown, JSON and HTML escape them, as in URLs, and as
    /// look-alikes.
    pub(crate) spelled: Vec<(Box<str>, Box<str>)>,
}

impl Brackets {
    pub(super) fn new(open: &str, close: &str) -> Self {
        let mut spelled = Vec::new();
        for spell in SPELLINGS {
            let spell = |text: &str| text.chars().map(spell).collect::<String>().into_boxed_str();
            let pair = (spell(open), spell(close));
            if !spelled.contains(&pair) {
                spelled.push(pair);
            }
        }
        Self { open: open.into(), close: close.into(), spelled }
    }
}

const SPELLINGS: &[fn(char) -> String] = &[
    |char| char.to_string(),
    |char| like(char, |_| wide(char)),
    |char| like(char, |char| Some(format!(r"\{char}"))),
    |char| like(char, |char| Some(format!(r"\\{char}"))),
    |char| json(char, r"\u"),
    |char| json(char, r"\\u"),
    |char| like(char, named),
    |char| format!("&#{};", u32::from(char)),
    |char| format!("&#x{:x};", u32::from(char)),
    |char| {
        char.to_string().bytes().fold(String::new(), |mut out, byte| {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02x}");
            out
        })
    },
    |char| like(char, |char| alike(char, "〈〉【】")),
    |char| like(char, |char| alike(char, "‹›〔〕")),
    |char| like(char, |char| alike(char, "⟨⟩⟦⟧")),
    |char| like(char, |char| alike(char, "《》「」")),
];

/// What this makes of ASCII, and other characters as they are.
fn like(char: char, spell: impl Fn(char) -> Option<String>) -> String {
    Some(char).filter(char::is_ascii).and_then(spell).unwrap_or_else(|| char.to_string())
}

fn wide(char: char) -> Option<String> {
    char::from_u32(u32::from(char) + 0xfee0).map(String::from)
}

fn named(char: char) -> Option<String> {
    let name = match char {
        '<' => "&lt;",
        '>' => "&gt;",
        '&' => "&amp;",
        _ => return None,
    };
    Some(name.to_owned())
}

fn json(char: char, prefix: &str) -> String {
    let mut units = [0; 2];
    char.encode_utf16(&mut units).iter().map(|unit| format!("{prefix}{unit:04x}")).collect()
}

/// The look-alikes of `<`, `>`, `[` and `]`, in this order.
fn alike(char: char, alikes: &str) -> Option<String> {
    "<>[]".find(char).and_then(|at| alikes.chars().nth(at)).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_spelled_in_many_ways() {
        let brackets = Brackets::new("<", ">");
        let has = |open: &str, close: &str| brackets.spelled.iter().any(|(a, b)| (&**a, &**b) == (open, close));
        for (open, close) in [
            ("<", ">"),
            ("＜", "＞"),
            (r"\<", r"\>"),
            (r"\\<", r"\\>"),
            (r"\u003c", r"\u003e"),
            (r"\\u003c", r"\\u003e"),
            ("&lt;", "&gt;"),
            ("&#60;", "&#62;"),
            ("&#x3c;", "&#x3e;"),
            ("%3c", "%3e"),
            ("〈", "〉"),
            ("‹", "›"),
        ] {
            assert!(has(open, close), "{open} {close}");
        }
        assert_eq!(Brackets::new("[[", "]]").spelled[0], ("[[".into(), "]]".into()));
        assert!(Brackets::new("[[", "]]").spelled.contains(&(r"\[\[".into(), r"\]\]".into())));
    }
}
