//! `llm-proxy catalogue`: what models cost and can do.

use std::fmt;
use std::sync::Arc;

use llm_layers_catalogue::{Catalogue, Kind, Meter, Model, Price};

use crate::config::Config;

/// What of the catalogue is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Words that all have to be in what is known of a model.
    pub words: Vec<String>,
    /// The provider, by its name in the catalogue or the configuration.
    pub provider: Option<String>,
    /// JSON, an object a line, in place of a table.
    pub json: bool,
}

/// Why there is nothing to print.
#[derive(Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// The models that are asked for, by provider and id.
///
/// # Errors
/// There are none.
pub fn list(catalogue: &Catalogue, query: &Query) -> Result<String, Error> {
    let words = query.words.join(" ");
    let is_asked = |model: &&Arc<Model>| query.provider.as_ref().is_none_or(|name| *name == *model.provider);
    let mut models: Vec<_> = catalogue.search(&words).filter(is_asked).map(|model| &**model).collect();
    if models.is_empty() {
        return Err(not_found(catalogue, &words, query.provider.as_deref()));
    }
    models.sort_by_key(|model| (&model.provider, &model.id));
    Ok(if query.json { lines(&models) } else { table(&models) })
}

fn not_found(catalogue: &Catalogue, words: &str, provider: Option<&str>) -> Error {
    let Some(name) = provider else { return Error(format!("no model in the catalogue has all of: {words}")) };
    let mut providers: Vec<_> = catalogue.models().map(|model| &*model.provider).collect();
    providers.sort_unstable();
    providers.dedup();
    Error(if providers.contains(&name) {
        format!("no model of `{name}` in the catalogue has all of: {words}")
    } else {
        format!("the catalogue has no provider `{name}`; it has {}", providers.join(", "))
    })
}

/// The built-in catalogue with the deployments of a configuration: what it says of them, and the rest as it is known of
/// the model. Each is found by the name of its provider and its own.
///
/// # Errors
/// A price of a deployment is none.
pub fn configured(config: &Config, file: &str) -> Result<Catalogue, Error> {
    let mut catalogue = Catalogue::builtin().clone();
    for deployment in config.deployments() {
        let provider = config.providers().iter().find(|provider| provider.name == deployment.provider);
        let facts = deployment.facts(provider);
        let mut model = facts.map_err(|error| Error(format!("{file}: `{}`: {error}", deployment.name)))?;
        if deployment.name != deployment.model {
            model.aliases.push((*deployment.name).into());
        }
        if deployment.overrides.has_price() {
            (model.source, model.date) = (Some(file.into()), None);
        }
        catalogue.insert(Arc::new(model));
    }
    Ok(catalogue)
}

const UNKNOWN: &str = "unknown";
/// What has no price of its own, and needs none.
const NONE: &str = "-";
const HEAD: [&str; 14] = [
    "MODEL",
    "PROVIDER",
    "INPUT",
    "OUTPUT",
    "CACHED",
    "OTHER",
    "CONTEXT",
    "MAX OUTPUT",
    "TIER",
    "CAPABILITIES",
    "REGIONS",
    "DEPRECATED",
    "DATE",
    "SOURCE",
];

fn table(models: &[&Model]) -> String {
    let rows: Vec<_> =
        std::iter::once(HEAD.map(str::to_owned)).chain(models.iter().map(|model| cells(model))).collect();
    let widths = rows.iter().fold([0; HEAD.len()], |mut widths, row| {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
        widths
    });
    let mut text = String::from(
        "Prices: USD per million tokens or characters, per second, image or request. What is behind + is shown by --json.\n",
    );
    for row in rows {
        let line: String = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  ")).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn cells(model: &Model) -> [String; HEAD.len()] {
    let unknown = || UNKNOWN.to_owned();
    // What was cached is billed as input; what is no text, by other measures than tokens of it.
    let is_text = matches!(model.kind, Kind::Chat | Kind::Completion);
    let price = |meter| match model.price.as_ref().map(|price| price.usual(meter)) {
        Some(Some(usd)) => usd.to_string(),
        Some(None) if meter == Meter::CachedInput || !is_text => NONE.to_owned(),
        _ => unknown(),
    };
    let number = |number: Option<u64>| number.map_or_else(unknown, |number| number.to_string());
    let capabilities = model.capabilities.map_or_else(unknown, |all| all.to_string().replace(", ", ","));
    [
        model.id.to_string(),
        model.provider.to_string(),
        price(Meter::Input),
        price(Meter::Output),
        price(Meter::CachedInput),
        model.price.as_ref().map_or_else(unknown, others),
        number(model.context_window),
        number(model.max_output),
        model.tier.map_or_else(unknown, |tier| tier.to_string()),
        if capabilities.is_empty() { NONE.to_owned() } else { capabilities },
        if model.regions.is_empty() { unknown() } else { model.regions.join(",") },
        model.deprecated.map_or_else(|| NONE.to_owned(), |day| day.to_string()),
        model.date.map_or_else(unknown, |date| date.to_string()),
        model.source.as_deref().unwrap_or(UNKNOWN).to_owned(),
    ]
}

/// What a price names beside the three that have columns, and that there are others: behind `+`, those by length, service
/// tier and hours.
fn others(price: &Price) -> String {
    const COLUMNS: [Meter; 3] = [Meter::Input, Meter::Output, Meter::CachedInput];
    let named = Meter::ALL.into_iter().filter(|meter| !COLUMNS.contains(meter));
    let named = named.filter_map(|meter| Some(format!("{meter} {}", price.usual(meter)?)));
    let further = price.features().map(|name| format!("+{name}"));
    let all: Vec<_> = named.chain(further).collect();
    if all.is_empty() { NONE.to_owned() } else { all.join(", ") }
}

/// A row a line, with the provider; `null` is not known.
fn lines(models: &[&Model]) -> String {
    let line = |model: &&Model| serde_json::to_string(model).ok().map(|line| line + "\n");
    models.iter().filter_map(line).collect()
}
