//! How written calls begin.

/// What stands at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening<'a> {
    /// A call. Its JSON begins at this offset.
    Call(Form<'a>, usize),
    /// The beginning of what may become a call, once more of the text is there.
    Unfinished,
    /// Anything else.
    Words,
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form<'a> {
    /// Its JSON holds name and arguments.
    Json {
        /// What ends it.
        end: &'static str,
    },
    /// Its JSON holds the arguments.
    Named { name: &'a str, end: &'static str },
}

const TAG: &str = "<tool_call>";
const FUNCTION: &str = "<function=";
const MISTRAL: &str = "[TOOL_CALLS]";
const MISTRAL_ARGUMENTS: &str = "[ARGS]";
const FENCE: &str = "```";

/// What the first member of a call may be.
const MEMBERS: [&str; 5] = ["\"name\"", "\"arguments\"", "\"parameters\"", "\"type\"", "\"id\""];

/// More white space than this is not waited through, nor a longer name.
const MAX_SPACE: usize = 64;
const MAX_NAME: usize = 64;

impl<'a> Opening<'a> {
    /// Of what may stand anywhere in a text.
    pub(super) fn marked(text: &'a str) -> Self {
        Reader { text, at: 0 }.marked().unwrap_or_else(|stop| stop)
    }

    /// Of what must be the whole text.
    pub(super) fn of_whole(text: &'a str) -> Self {
        Reader { text, at: 0 }.whole().unwrap_or_else(|stop| stop)
    }
}

/// A cursor over the text. Where the text does not go on as a call must, or ends, the error says what to think of it.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn marked(mut self) -> Result<Opening<'a>, Opening<'a>> {
        let mark = self.one_of(&[TAG, FUNCTION, MISTRAL])?;
        if mark == FUNCTION {
            let name = self.name()?;
            self.one_of(&[">"])?;
            self.space()?;
            return self.json(Form::Named { name, end: "</function>" }, &["{"]);
        }
        self.space()?;
        if mark == MISTRAL && !self.rest().starts_with(['{', '[']) {
            let name = self.name()?;
            if !self.rest().starts_with('{') {
                self.one_of(&[MISTRAL_ARGUMENTS])?;
                self.space()?;
            }
            return self.json(Form::Named { name, end: "" }, &["{"]);
        }
        self.json(Form::Json { end: if mark == TAG { "</tool_call>" } else { "" } }, &["{", "["])
    }

    fn whole(mut self) -> Result<Opening<'a>, Opening<'a>> {
        self.space()?;
        let mut end = "";
        if self.rest().starts_with('`') {
            end = self.one_of(&[FENCE])?;
            self.skip(MAX_NAME, |c| c.is_ascii_alphanumeric() || c == '_')?;
            self.space()?;
        }
        let start = self.at;
        if self.one_of(&["{", "["])? == "[" {
            self.space()?;
            self.one_of(&["{"])?;
        }
        self.space()?;
        self.one_of(&MEMBERS)?;
        Ok(Opening::Call(Form::Json { end }, start))
    }

    fn json(&mut self, form: Form<'a>, brackets: &[&'static str]) -> Result<Opening<'a>, Opening<'a>> {
        let start = self.at;
        self.one_of(brackets).map(|_| Opening::Call(form, start))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes over one of these words.
    fn one_of(&mut self, words: &[&'static str]) -> Result<&'static str, Opening<'a>> {
        let rest = self.rest();
        if let Some(word) = words.iter().find(|word| rest.starts_with(**word)) {
            self.at += word.len();
            return Ok(word);
        }
        Err(if words.iter().any(|word| word.starts_with(rest)) { Opening::Unfinished } else { Opening::Words })
    }

    fn name(&mut self) -> Result<&'a str, Opening<'a>> {
        let name = self.skip(MAX_NAME, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))?;
        if name.is_empty() { Err(Opening::Words) } else { Ok(name) }
    }

    fn space(&mut self) -> Result<(), Opening<'a>> {
        self.skip(MAX_SPACE, |c| matches!(c, ' ' | '\t' | '\n' | '\r')).map(|_| ())
    }

    /// Goes over at most so many of these characters, behind which something else must follow.
    fn skip(&mut self, most: usize, is_one: fn(char) -> bool) -> Result<&'a str, Opening<'a>> {
        let rest = self.rest();
        let end = rest.char_indices().take(most + 1).find(|(_, c)| !is_one(*c)).map(|(at, _)| at);
        let stop = if rest.len() > most { Opening::Words } else { Opening::Unfinished };
        let skipped = rest.get(..end.ok_or(stop)?).unwrap_or_default();
        self.at += skipped.len();
        Ok(skipped)
    }
}
