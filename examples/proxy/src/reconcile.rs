//! `llm-proxy reconcile`: the ledger beside a provider's bill.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use llm_layers_accounts::{
    JsonLines, ReadError,
    reconcile::{Bill, BillError, Comparison},
};
use rust_decimal::Decimal;

/// A longer bill is none.
const MAX_BILL: u64 = 256 << 20;

/// What cannot be read.
#[derive(Debug)]
pub enum Error {
    /// A file cannot be opened or read.
    File(PathBuf, io::Error),
    /// A line of the ledger is none.
    Ledger(PathBuf, ReadError),
    /// A line of the bill is none.
    Bill(PathBuf, BillError),
}

/// Compares a ledger of JSON lines, or what of it is about one provider, with a bill.
///
/// # Errors
/// One of them cannot be read.
pub fn compare(ledger: &Path, bill: &Path, provider: Option<&str>, tolerance: Decimal) -> Result<Comparison, Error> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |error| Error::File(path, error)
    };
    let length = std::fs::metadata(bill).map_err(file(bill))?.len();
    if length > MAX_BILL {
        return Err(file(bill)(io::ErrorKind::FileTooLarge.into()));
    }
    let text = std::fs::read_to_string(bill).map_err(file(bill))?;
    let billed = Bill::read(&text).map_err(|error| Error::Bill(bill.to_owned(), error))?;
    let mut problem = None;
    let lines = JsonLines::read(ledger).map_err(file(ledger))?;
    let entries = lines
        .map_while(|line| line.map_err(|error| problem = Some(error)).ok())
        .filter(|entry| provider.is_none_or(|provider| entry.deployment.provider() == provider));
    let comparison = Comparison::new(&billed, entries, tolerance);
    match problem {
        Some(error) => Err(Error::Ledger(ledger.to_owned(), error)),
        None => Ok(comparison),
    }
}

/// A share, as `1%` or `0.01`.
///
/// # Errors
/// It is neither, or less than nothing.
pub fn tolerance(text: &str) -> Result<Decimal, String> {
    let share = match text.strip_suffix('%') {
        Some(per_cent) => Decimal::from_str_exact(per_cent.trim_end()).map(|number| number / Decimal::ONE_HUNDRED),
        None => Decimal::from_str_exact(text),
    };
    let share = share.map_err(|_| "a share is `1%` or `0.01`".to_owned())?;
    if share.is_sign_negative() { Err("a tolerance is not below 0".to_owned()) } else { Ok(share) }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Ledger(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Bill(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
