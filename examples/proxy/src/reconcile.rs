//! `llm-proxy reconcile`: the ledger beside a provider's bill.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use llm_layers_accounts::reconcile::{Bill, BillError, Comparison};
use rust_decimal::Decimal;

use crate::ledger;

/// A longer bill is none.
const MAX_BILL: u64 = 256 << 20;

/// What cannot be read.
#[derive(Debug)]
pub enum Error {
    /// The bill cannot be opened or read.
    File(PathBuf, io::Error),
    /// The ledger cannot be read.
    Ledger(ledger::Error),
    /// A line of the bill is none.
    Bill(PathBuf, BillError),
}

/// Compares a ledger, or what of it is about one provider, with a bill.
///
/// # Errors
/// One of them cannot be read.
pub fn compare(ledger: &Path, bill: &Path, provider: Option<&str>, tolerance: Decimal) -> Result<Comparison, Error> {
    let file = |error| Error::File(bill.to_owned(), error);
    let length = std::fs::metadata(bill).map_err(file)?.len();
    if length > MAX_BILL {
        return Err(file(io::ErrorKind::FileTooLarge.into()));
    }
    let text = std::fs::read_to_string(bill).map_err(file)?;
    let billed = Bill::read(&text).map_err(|error| Error::Bill(bill.to_owned(), error))?;
    let mut problem = None;
    let entries = ledger::entries(ledger).map_err(Error::Ledger)?;
    let entries = entries
        .map_while(|entry| entry.map_err(|error| problem = Some(error)).ok())
        .filter(|entry| provider.is_none_or(|provider| entry.deployment.provider() == provider));
    let comparison = Comparison::new(&billed, entries, tolerance);
    match problem {
        Some(error) => Err(Error::Ledger(error)),
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
            Self::Ledger(error) => error.fmt(f),
            Self::Bill(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
