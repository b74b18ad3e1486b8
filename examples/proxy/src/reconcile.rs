//! `llm-proxy reconcile`: the ledger beside a provider's bill.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use llm_layers_accounts::reconcile::{Bill, BillError, Comparison};
use rust_decimal::Decimal;

use crate::ledger::{self, Entries, Skipped};

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
    /// The bill has a header and nothing else, or none of the days that are asked.
    NoDays(PathBuf),
}

/// What is compared with a bill, and how closely.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Calls to this provider only.
    pub provider: Option<&'a str>,
    /// The first day that the bill is of, where it is not its own first.
    pub first: Option<Date>,
    /// The last one.
    pub last: Option<Date>,
    /// By what share a day may differ.
    pub tolerance: Decimal,
}

/// Compares a ledger, or what of it is about one provider, with a bill; and says what of the ledger is left out.
///
/// # Errors
/// One of them cannot be read, or the bill is of no day.
pub fn compare(ledger: &Path, bill: &Path, asked: &Asked<'_>) -> Result<(Comparison, Skipped), Error> {
    let file = |error| Error::File(bill.to_owned(), error);
    let length = std::fs::metadata(bill).map_err(file)?.len();
    if length > MAX_BILL {
        return Err(file(io::ErrorKind::FileTooLarge.into()));
    }
    let text = std::fs::read_to_string(bill).map_err(file)?;
    let billed = Bill::read(&text).map_err(|error| Error::Bill(bill.to_owned(), error))?;
    let billed = billed.between(asked.first, asked.last);
    let mut problem = None;
    let mut all = Entries::of(ledger).map_err(Error::Ledger)?;
    let entries = all
        .by_ref()
        .map_while(|entry| entry.map_err(|error| problem = Some(error)).ok())
        .filter(|entry| asked.provider.is_none_or(|provider| entry.deployment.provider() == provider));
    let comparison = Comparison::new(&billed, entries, asked.tolerance);
    match problem {
        Some(error) => Err(Error::Ledger(error)),
        None if comparison.days.is_empty() => Err(Error::NoDays(bill.to_owned())),
        None => Ok((comparison, all.into_skipped())),
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
            Self::NoDays(path) => write!(f, "{}: there are no days to compare", path.display()),
        }
    }
}

impl std::error::Error for Error {}
