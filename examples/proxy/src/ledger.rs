//! Ledgers of JSON lines: a file, or a folder with a file for each day.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    vec,
};

use llm_layers_accounts::{Entry, JsonLines, Lines, ReadError};

/// What of a ledger cannot be read.
#[derive(Debug)]
pub enum Error {
    /// A file cannot be opened, or a folder has none.
    File(PathBuf, io::Error),
    /// Reading has failed in the middle.
    Line(PathBuf, ReadError),
    /// There is no entry.
    Empty(PathBuf),
}

/// The entries of a ledger, of a folder in the order of the names of its files. Behind what cannot be read there are none.
#[derive(Debug)]
pub struct Entries {
    files: vec::IntoIter<PathBuf>,
    open: Option<(PathBuf, Lines)>,
    skipped: Skipped,
}

/// Lines that are no entries. A process that dies while it writes leaves one, and the days around it can be read.
#[derive(Debug, Default)]
pub struct Skipped {
    number: u64,
    /// The first ones.
    told: Vec<(PathBuf, ReadError)>,
}

impl Entries {
    /// Of a file, or of the files of the proxy's in a folder.
    ///
    /// # Errors
    /// It is not there, or a folder without files.
    pub fn of(ledger: &Path) -> Result<Self, Error> {
        let files = files(ledger).map_err(|error| Error::File(ledger.to_owned(), error))?;
        Ok(Self { files: files.into_iter(), open: None, skipped: Skipped::default() })
    }

    /// What was left out so far.
    #[must_use]
    pub fn into_skipped(self) -> Skipped {
        self.skipped
    }

    fn fail<T>(&mut self, error: Error) -> Option<Result<T, Error>> {
        (self.files, self.open) = (Vec::new().into_iter(), None);
        Some(Err(error))
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((path, lines)) = &mut self.open else {
                let path = self.files.next()?;
                match JsonLines::read(&path) {
                    Ok(lines) => self.open = Some((path, lines)),
                    Err(error) => return self.fail(Error::File(path, error)),
                }
                continue;
            };
            match lines.next() {
                None => self.open = None,
                Some(Ok(entry)) => return Some(Ok(entry)),
                Some(Err(error)) if error.is_io() => {
                    let path = path.clone();
                    return self.fail(Error::Line(path, error));
                }
                Some(Err(error)) => self.skipped.add(path, error),
            }
        }
    }
}

impl Skipped {
    /// So many are told one by one.
    const MOST: usize = 20;

    /// Whether every line was an entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.number == 0
    }

    fn add(&mut self, path: &Path, error: ReadError) {
        self.number += 1;
        if self.told.len() < Self::MOST {
            self.told.push((path.to_owned(), error));
        }
    }
}

/// The files of a folder that the proxy has written. What else is there may be a copy of them.
fn files(ledger: &Path) -> io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(ledger)?.is_dir() {
        return Ok(vec![ledger.to_owned()]);
    }
    let names = std::fs::read_dir(ledger)?.map(|file| file.map(|file| file.file_name()));
    let mut names = names.collect::<io::Result<Vec<_>>>()?;
    names.retain(|name| {
        let name = name.as_encoded_bytes();
        name.starts_with(b"llm-calls-") && name.ends_with(b".jsonl")
    });
    names.sort_unstable();
    if names.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the folder has no file `llm-calls-*.jsonl`"));
    }
    Ok(names.into_iter().map(|name| ledger.join(name)).collect())
}

/// A line for each, and one for all.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => f.write_str("1 line is no entry, and is left out:")?,
            number => write!(f, "{number} lines are no entries, and are left out:")?,
        }
        for (path, error) in &self.told {
            write!(f, "\n  {}: {error}", path.display())?;
        }
        match self.number.saturating_sub(self.told.len() as u64) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Line(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Empty(path) => write!(f, "{}: there is no entry", path.display()),
        }
    }
}

impl std::error::Error for Error {}
