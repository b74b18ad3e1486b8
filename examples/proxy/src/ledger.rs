//! Ledgers of JSON lines: a file, or a folder with a file for each day.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use llm_layers_accounts::{Entry, JsonLines, ReadError};

/// What of a ledger cannot be read.
#[derive(Debug)]
pub enum Error {
    /// A file cannot be opened or read, or a folder has none.
    File(PathBuf, io::Error),
    /// A line is no entry.
    Line(PathBuf, ReadError),
}

/// The entries, of a folder in the order of the names of its files. Behind what cannot be read there are none.
///
/// # Errors
/// It is not there, or a folder without files.
pub fn entries(ledger: &Path) -> Result<impl Iterator<Item = Result<Entry, Error>>, Error> {
    let files = files(ledger).map_err(|error| Error::File(ledger.to_owned(), error))?;
    let mut is_over = false;
    let entries = files.into_iter().flat_map(|path| {
        let (lines, unopened) = match JsonLines::read(&path) {
            Ok(lines) => (Some(lines), None),
            Err(error) => (None, Some(Err(Error::File(path.clone(), error)))),
        };
        let lines = lines.into_iter().flatten();
        unopened.into_iter().chain(lines.map(move |line| line.map_err(|error| Error::Line(path.clone(), error))))
    });
    Ok(entries.take_while(move |entry| !std::mem::replace(&mut is_over, entry.is_err())))
}

fn files(ledger: &Path) -> io::Result<Vec<PathBuf>> {
    if !std::fs::metadata(ledger)?.is_dir() {
        return Ok(vec![ledger.to_owned()]);
    }
    let paths = std::fs::read_dir(ledger)?.map(|file| file.map(|file| file.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort_unstable();
    if paths.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the folder has no file `*.jsonl`"));
    }
    Ok(paths)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Line(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
