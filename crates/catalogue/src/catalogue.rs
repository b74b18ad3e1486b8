//! Models by provider and id.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::model::Model;
use crate::names::undecorated;
use crate::row::RowError;
use crate::rows::ROWS;

/// What is known of models.
///
/// ```
/// use llm_layers_catalogue::Catalogue;
///
/// let models = "{\"id\":\"small-1\",\"aliases\":[\"small\"],\"context_window\":8192,\
///     \"source\":\"https://a.example/models\",\"date\":\"2026-11-12\"}";
/// let catalogue = Catalogue::read("local", models)?;
/// let found = catalogue.find("local", "small-latest").ok_or("not there")?;
/// assert_eq!((&*found.id, found.context_window, found.price.is_some()), ("small-1", Some(8192), false));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// By provider and id, as they are listed.
    models: Vec<Arc<Model>>,
    /// By provider, then by id and alias: where it is among `models`.
    names: HashMap<Box<str>, HashMap<Box<str>, usize>>,
}

impl Catalogue {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What this crate knows. It is read on first use, which takes some milliseconds.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Catalogue> = LazyLock::new(|| {
            let mut all = Catalogue::new();
            // A test reads each of them: there is no bad one in a release.
            for catalogue in ROWS.iter().filter_map(|(provider, rows)| Catalogue::read(provider, rows).ok()) {
                catalogue.models.into_iter().for_each(|model| all.insert(model));
            }
            all
        });
        &BUILTIN
    }

    /// Reads one provider's models: a JSON object a line, as `docs/catalogue.md` has it. Empty lines are passed over.
    ///
    /// # Errors
    /// The first line that is wrong, or that has an id that a line before has.
    pub fn read(provider: &str, rows: &str) -> Result<Self, RowError> {
        let mut catalogue = Self::new();
        for (n, line) in rows.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let error = |problem: String| RowError { provider: provider.into(), line: n + 1, problem: problem.into() };
            let model = Model::read(provider, line).map_err(error)?;
            let mut own = Vec::new();
            for (member, id) in std::iter::once(("id", &model.id)).chain(model.aliases.iter().map(|id| ("aliases", id)))
            {
                if own.contains(&id) || catalogue.exact(provider, id).is_some() {
                    return Err(error(format!("`{member}`: there is a `{id}` already")));
                }
                own.push(id);
            }
            catalogue.insert(Arc::new(model));
        }
        Ok(catalogue)
    }

    /// Adds a model. One of the same provider and id is replaced; an alias that another model had is taken over.
    pub fn insert(&mut self, model: Arc<Model>) {
        let names = self.names.entry(model.provider.clone()).or_default();
        let known = names.get(&model.id).copied().filter(|at| self.models.get(*at).is_some_and(|m| m.id == model.id));
        let at = known.unwrap_or(self.models.len());
        if known.is_some() {
            names.retain(|_, found| *found != at);
        }
        names.insert(model.id.clone(), at);
        for alias in &model.aliases {
            names.insert(alias.clone(), at);
        }
        match self.models.get_mut(at) {
            Some(old) => *old = model,
            None => self.models.push(model),
        }
    }

    /// A model by its id, by an alias, or by either with something around it that does not change the model: a date
    /// (`-2024-08-06`, `-20250929`, `@20250929`), `-latest`, `-001`, `models/`, Bedrock's regions (`eu.`), versions
    /// (`:0`) and ARNs. The longest that is known wins.
    pub fn find(&self, provider: &str, model: &str) -> Option<&Arc<Model>> {
        undecorated(model).find_map(|id| self.exact(provider, id))
    }

    fn exact(&self, provider: &str, id: &str) -> Option<&Arc<Model>> {
        self.models.get(*self.names.get(provider)?.get(id)?)
    }

    /// All models.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &Arc<Model>> {
        self.models.iter()
    }

    /// The models that have all of these words, in capitals or not, in `provider/id`, in an alias, or as their kind,
    /// tier, region or a capability; and those that have prices by length (`steps`), of a service tier (`batch`,
    /// `flex`, `priority`) or by hours (`off-peak`), or a day on which they are gone (`deprecated`).
    pub fn search(&self, words: &str) -> impl Iterator<Item = &Arc<Model>> {
        let words: Vec<_> = words.split_whitespace().map(str::to_lowercase).collect();
        self.models.iter().filter(move |model| {
            let name = format!("{}/{}", model.provider, model.id).to_lowercase();
            words.iter().all(|word| {
                let is = |text: &str| text.eq_ignore_ascii_case(word);
                name.contains(word)
                    || model.aliases.iter().any(|alias| alias.to_lowercase().contains(word))
                    || is(model.kind.name())
                    || model.tier.is_some_and(|tier| is(tier.name()))
                    || model.regions.iter().any(|region| is(region))
                    || model.capabilities.is_some_and(|all| all.iter().any(|capability| is(capability.name())))
                    || model
                        .price
                        .as_ref()
                        .is_some_and(|price| price.features().any(|name| word.replace('_', "-") == name))
                    || (model.deprecated.is_some() && is("deprecated"))
            })
        })
    }
}
