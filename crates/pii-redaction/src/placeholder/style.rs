use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use super::Brackets;

/// How placeholders are spelled: `<EMAIL_7f3a09c2>` by default.
///
/// Between what opens and closes one stand the kind's name and a tag of hexadecimal digits. The tag is what nobody can
/// guess: with eight digits a guess is right once in four thousand million times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    brackets: Arc<Brackets>,
    tag_length: usize,
    is_lower: bool,
}

/// A [`Style`] that placeholders could not be told by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StyleError {
    /// What opens or closes a placeholder has one to eight characters, and none that is a letter, a digit, a space, an
    /// underscore, a hyphen, a colon, a quotation mark, a backslash or a control character.
    Bracket,
    /// A tag has 4 to 32 digits.
    TagLength,
}

impl Style {
    /// The digits of a tag, unless set otherwise.
    pub const TAG_LENGTH: usize = 8;

    /// Other brackets than `<` and `>`.
    ///
    /// # Errors
    /// One is empty, too long, or made of what occurs in names and tags or needs to be escaped in JSON.
    pub fn brackets(mut self, open: &str, close: &str) -> Result<Self, StyleError> {
        if !(is_bracket(open) && is_bracket(close)) {
            return Err(StyleError::Bracket);
        }
        self.brackets = Arc::new(Brackets::new(open, close));
        Ok(self)
    }

    /// Another number of digits. What stands where a tag would, after the name of a kind, is not searched: of very many digits
    /// it might be somebody's key.
    ///
    /// # Errors
    /// It is less than 4 or more than 32.
    pub fn tag_length(mut self, digits: usize) -> Result<Self, StyleError> {
        if !(4..=32).contains(&digits) {
            return Err(StyleError::TagLength);
        }
        self.tag_length = digits;
        Ok(self)
    }

    /// Names in lower case: `<email_7f3a09c2>`.
    #[must_use]
    pub const fn lower_case(mut self) -> Self {
        self.is_lower = true;
        self
    }

    pub(crate) fn open(&self) -> &str {
        &self.brackets.open
    }

    pub(crate) fn close(&self) -> &str {
        &self.brackets.close
    }

    pub(crate) const fn all_brackets(&self) -> &Arc<Brackets> {
        &self.brackets
    }

    pub(crate) const fn digits(&self) -> usize {
        self.tag_length
    }

    pub(crate) const fn is_lower_case(&self) -> bool {
        self.is_lower
    }
}

impl Default for Style {
    fn default() -> Self {
        static BRACKETS: LazyLock<Arc<Brackets>> = LazyLock::new(|| Arc::new(Brackets::new("<", ">")));
        Self { brackets: Arc::clone(&BRACKETS), tag_length: Self::TAG_LENGTH, is_lower: false }
    }
}

/// Whether this can be told from a name and a tag, and needs no escaping in JSON.
fn is_bracket(text: &str) -> bool {
    let is_fit = |char: char| {
        !(char.is_alphanumeric() || char.is_whitespace() || char.is_control() || "_-:\"'`\\*".contains(char))
    };
    (1..=8).contains(&text.chars().count()) && text.chars().all(is_fit)
}

impl fmt::Display for StyleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bracket => "one to eight characters, none of them a letter, digit, space, quotation mark, backslash, `_`, `-`, `:` or `*`",
            Self::TagLength => "a tag has 4 to 32 digits",
        })
    }
}

impl std::error::Error for StyleError {}
