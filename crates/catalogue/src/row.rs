//! Rows of the catalogue's files: one JSON object a line.

use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;

use crate::capability::Capabilities;
use crate::model::{Kind, Model, Tier};
use crate::price::{Price, PriceRow};

/// What a line has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Box<str>,
    #[serde(default)]
    aliases: Vec<Box<str>>,
    price: Option<PriceRow>,
    context_window: Option<u64>,
    max_output: Option<u64>,
    capabilities: Option<Capabilities>,
    #[serde(default)]
    regions: Vec<Box<str>>,
    tier: Option<Tier>,
    tier_source: Option<Box<str>>,
    #[serde(default)]
    kind: Kind,
    deprecated: Option<Date>,
    trains: Option<bool>,
    retains: Option<bool>,
    source: Box<str>,
    date: Date,
}

impl Model {
    /// Reads one line.
    pub(crate) fn read(provider: &str, line: &str) -> Result<Self, String> {
        let mut reader = serde_json::Deserializer::from_str(line);
        let row: Row = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let error = error.into_inner();
            if path == "." { error.to_string() } else { format!("`{path}`: {error}") }
        })?;
        reader.end().map_err(|error| error.to_string())?;
        for (member, id) in std::iter::once(("id", &row.id)).chain(row.aliases.iter().map(|id| ("aliases", id))) {
            if id.is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()) {
                return Err(format!("`{member}`: empty, or with a blank in it"));
            }
        }
        if row.tier.is_some() != row.tier_source.is_some() {
            return Err("`tier` and `tier_source` come together".into());
        }
        if !row.source.starts_with("https://") {
            return Err("`source`: not an https URL".into());
        }
        Ok(Self {
            provider: provider.into(),
            id: row.id,
            aliases: row.aliases,
            kind: row.kind,
            price: row.price.as_ref().map(Price::new).transpose().map_err(|error| error.to_string())?,
            context_window: row.context_window,
            max_output: row.max_output,
            capabilities: row.capabilities,
            regions: row.regions,
            tier: row.tier,
            tier_source: row.tier_source,
            deprecated: row.deprecated,
            trains: row.trains,
            retains: row.retains,
            source: Some(row.source),
            date: Some(row.date),
        })
    }
}

/// What is wrong with a row: the line, the member, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowError {
    /// The provider whose rows they are.
    pub provider: Box<str>,
    /// The line, from 1.
    pub line: usize,
    /// The member and what is wrong with it.
    pub problem: Box<str>,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.provider, self.line, self.problem)
    }
}

impl std::error::Error for RowError {}
