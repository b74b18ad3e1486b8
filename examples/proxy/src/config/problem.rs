//! What is wrong with a file, told the way rustc tells it.

use std::fmt;

/// One thing that is wrong: where, what, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) member: String,
    pub(super) message: String,
    pub(super) help: String,
    pub(super) snippet: Option<Snippet>,
}

/// The line at fault, with every value hidden that might be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snippet {
    pub(super) source: String,
    /// Characters of `source` before the caret.
    pub(super) indent: usize,
    /// Number of carets, at least one.
    pub(super) width: usize,
}

impl Problem {
    /// Line in the file, from 1; 0 where the file as a whole is meant.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Column in characters, from 1; 0 where the file as a whole is meant.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Path of the member, such as `deployments[0].provider`; empty for a file that is no TOML.
    #[must_use]
    pub fn member(&self) -> &str {
        &self.member
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead.
    #[must_use]
    pub fn suggestion(&self) -> &str {
        &self.help
    }

    fn write(&self, file: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "error: {}", self.message)?;
        let number = self.line.to_string();
        let gutter = number.len();
        match &self.snippet {
            None => writeln!(out, " --> {file}")?,
            Some(snippet) => {
                writeln!(out, "{:gutter$}--> {file}:{}:{}", "", self.line, self.column)?;
                writeln!(out, "{:gutter$} |", "")?;
                writeln!(out, "{number} | {}", snippet.source)?;
                let (indent, carets) = (snippet.indent, "^".repeat(snippet.width));
                let label = match self.member.as_str() {
                    "" => String::new(),
                    member => format!(" `{member}`"),
                };
                writeln!(out, "{:gutter$} | {:indent$}{carets}{label}", "", "")?;
            }
        }
        if self.snippet.is_some() {
            writeln!(out, "{:gutter$} |", "")?;
        }
        writeln!(out, "{:gutter$} = help: {}", "", self.help)
    }
}

/// Everything that is wrong with a configuration, in the order of the file. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors {
    pub(super) file: String,
    pub(super) problems: Vec<Problem>,
}

impl Errors {
    /// An error about the configuration as a whole, which no line can be blamed for.
    pub(super) fn whole(source: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        let problem = Problem {
            line: 0,
            column: 0,
            member: String::new(),
            message: message.into(),
            help: help.into(),
            snippet: None,
        };
        Self { file: source.to_owned(), problems: vec![problem] }
    }

    /// The file's name, as it was given.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The problems, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            problem.write(&self.file, out)?;
            writeln!(out)?;
        }
        match self.problems.len() {
            1 => write!(out, "{}: 1 error", self.file),
            n => write!(out, "{}: {n} errors", self.file),
        }
    }
}

impl std::error::Error for Errors {}
