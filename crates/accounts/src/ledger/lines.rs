use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
};

use super::row::Line;
use crate::Entry;

/// The entries of a file, as [`JsonLines::read`](crate::JsonLines::read) gives them.
pub struct Lines<R = BufReader<File>> {
    reader: R,
    number: u64,
    /// What is behind a failure of the file cannot be read either.
    is_over: bool,
}

/// A line of a ledger that cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadError {
    /// The line, counted from 1.
    pub line: u64,
    problem: Problem,
}

impl ReadError {
    /// Whether the file has failed, and not what is written in it. Nothing comes behind it.
    #[must_use]
    pub const fn is_io(&self) -> bool {
        matches!(self.problem, Problem::Io(_))
    }
}

#[derive(Debug)]
enum Problem {
    Io(io::Error),
    TooLong,
    Json(serde_json::Error),
    Member(&'static str),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.problem {
            Problem::Io(error) => write!(f, "{error}"),
            Problem::TooLong => write!(f, "longer than {MAX_LINE} bytes"),
            Problem::Json(error) => {
                // Its place ends with a line of its own, which is always the first.
                let (column, told) = (error.column(), error.to_string());
                let place = format!(" at line {} column {column}", error.line());
                write!(f, "{} at column {column}", told.strip_suffix(&place).unwrap_or(&told))
            }
            Problem::Member(member) => write!(f, "`{member}` is missing or makes no sense"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => Some(error),
            Problem::Json(error) => Some(error),
            Problem::TooLong | Problem::Member(_) => None,
        }
    }
}

/// No entry is longer: names are cut before they are written.
const MAX_LINE: u64 = 1 << 20;

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let mut line = Vec::new();
        loop {
            line.clear();
            self.number += 1;
            match self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) if line.len() as u64 == MAX_LINE && line.last() != Some(&b'\n') => {
                    let skipped = skip_line(&mut self.reader);
                    return Some(Err(self.error(skipped.err().map_or(Problem::TooLong, Problem::Io))));
                }
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let line = line.strip_suffix(b"\n").unwrap_or(&line);
                    let entry = serde_json::from_slice::<Line<'_>>(line).map_err(Problem::Json);
                    let entry = entry.and_then(|line| line.entry().map_err(Problem::Member));
                    return Some(entry.map_err(|problem| self.error(problem)));
                }
                Err(error) => return Some(Err(self.error(Problem::Io(error)))),
            }
        }
    }
}

impl<R> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, number: 0, is_over: false }
    }

    fn error(&mut self, problem: Problem) -> ReadError {
        self.is_over = matches!(problem, Problem::Io(_));
        ReadError { line: self.number, problem }
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let read = reader.fill_buf()?;
        match (read.iter().position(|byte| *byte == b'\n'), read.len()) {
            (_, 0) => return Ok(()),
            (Some(end), _) => {
                reader.consume(end + 1);
                return Ok(());
            }
            (None, all) => reader.consume(all),
        }
    }
}

impl<R> fmt::Debug for Lines<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).finish_non_exhaustive()
    }
}
