use std::fmt;

/// Text that is not the JSON it should be: what is wrong, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

/// What is wrong with a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text ends before the value does.
    UnexpectedEnd,
    /// A byte that cannot stand here; what could is named.
    Unexpected {
        /// What would have been right, in words.
        expected: &'static str,
    },
    /// A control character inside a string, which must be escaped.
    ControlCharacter,
    /// A backslash followed by something that is no escape.
    InvalidEscape,
    /// A number that JSON does not know: a leading zero or plus, a missing digit.
    InvalidNumber,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// Something other than white space after the value.
    TrailingCharacters,
    /// A member that is named twice.
    DuplicateMember {
        /// The member's name, cut to 64 characters.
        name: String,
    },
    /// More bytes than allowed.
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Deeper than allowed.
    TooDeep {
        /// The limit, in levels.
        limit: u8,
    },
    /// More members or items than allowed.
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl Error {
    pub(super) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The byte where the text went wrong, counted from 0.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Whether the text was refused for its size, rather than for its syntax.
    #[must_use]
    pub const fn is_too_long(&self) -> bool {
        matches!(self.kind, ErrorKind::TooLong { .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::UnexpectedEnd => f.write_str("the text ends too early")?,
            ErrorKind::Unexpected { expected } => write!(f, "expected {expected}")?,
            ErrorKind::ControlCharacter => f.write_str("unescaped control character in a string")?,
            ErrorKind::InvalidEscape => f.write_str("invalid escape in a string")?,
            ErrorKind::InvalidNumber => f.write_str("invalid number")?,
            ErrorKind::InvalidUtf8 => f.write_str("invalid UTF-8")?,
            ErrorKind::TrailingCharacters => f.write_str("unexpected characters after the value")?,
            ErrorKind::DuplicateMember { name } => write!(f, "member {name:?} is named twice")?,
            ErrorKind::TooLong { limit } => return write!(f, "the text is longer than {limit} bytes"),
            ErrorKind::TooDeep { limit } => write!(f, "nested deeper than {limit} levels")?,
            ErrorKind::TooMany { limit } => write!(f, "more than {limit} members")?,
        }
        write!(f, " at byte {}", self.offset)
    }
}

impl std::error::Error for Error {}

/// A member whose value is not of the type that was asked for.
#[derive(Debug)]
pub struct ReadError {
    member: Box<str>,
    source: serde_json::Error,
}

impl ReadError {
    pub(super) fn new(member: &str, source: serde_json::Error) -> Self {
        Self { member: member.into(), source }
    }

    /// The member that was read.
    #[must_use]
    pub fn member(&self) -> &str {
        &self.member
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `serde_json` quotes a wrong value whole, however long it is.
        let source: String = self.source.to_string().chars().take(200).collect();
        write!(f, "invalid value for `{}`: {source}", self.member)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
