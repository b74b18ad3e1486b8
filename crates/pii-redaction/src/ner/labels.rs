use std::{collections::BTreeMap, fmt, fs, path::Path};

use llm_layers_core::BoxError;
use llm_layers_pii::Entity;
use serde::Deserialize;

use super::NerError;

/// What is read of a model's `config.json`.
pub(super) struct Config {
    pub(super) labels: Labels,
    pub(super) most_tokens: usize,
}

/// What a model's labels mean: `B-PER` and `I-PER` are one kind, a token that begins one or goes on with it.
#[derive(Clone)]
pub(super) struct Labels {
    /// By the label's number; `None` for what is outside of everything.
    labels: Vec<Option<Label>>,
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy)]
pub(super) struct Label {
    pub(super) kind: usize,
    pub(super) begins: bool,
}

#[derive(Clone)]
struct Kind {
    name: String,
    entity: Option<Entity>,
}

#[derive(Deserialize)]
struct Raw {
    id2label: BTreeMap<usize, String>,
    max_position_embeddings: Option<usize>,
}

pub(super) fn read(file: &Path) -> Result<Config, NerError> {
    let wrong = |source: BoxError| NerError::Config { file: file.to_owned(), source };
    let text = fs::read(file).map_err(|error| wrong(error.into()))?;
    parse(&text).map_err(wrong)
}

fn parse(text: &[u8]) -> Result<Config, BoxError> {
    let raw: Raw = serde_json::from_slice(text)?;
    if raw.id2label.is_empty() || !raw.id2label.keys().copied().eq(0..raw.id2label.len()) {
        return Err("`id2label` does not number the labels from 0".into());
    }
    // Two positions are left free: the family of RoBERTa begins to count at 2.
    let most_tokens = raw.max_position_embeddings.unwrap_or(512).clamp(2, 514) - 2;
    Ok(Config { labels: Labels::new(raw.id2label.into_values()), most_tokens })
}

impl Labels {
    fn new(names: impl Iterator<Item = String>) -> Self {
        let mut kinds: Vec<Kind> = Vec::new();
        let labels = names.map(|label| {
            let (begins, name) = split(&label);
            if name == "O" {
                return None;
            }
            let kind = kinds.iter().position(|kind| kind.name == name).unwrap_or_else(|| {
                kinds.push(Kind { name: name.to_owned(), entity: entity(name) });
                kinds.len() - 1
            });
            Some(Label { kind, begins })
        });
        Self { labels: labels.collect(), kinds }
    }

    /// How many labels there are.
    pub(super) const fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) const fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// The labels by their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<Label>> {
        self.labels.iter().copied()
    }

    pub(super) fn entity(&self, kind: usize) -> Option<&Entity> {
        self.kinds.get(kind)?.entity.as_ref()
    }

    /// Says what a label means, in any case; none for what is not looked for.
    pub(super) fn name(&mut self, label: &str, entity: Option<Entity>) {
        for kind in self.kinds.iter_mut().filter(|kind| kind.name.eq_ignore_ascii_case(label)) {
            kind.entity.clone_from(&entity);
        }
    }
}

/// The schemes BIO, BILOU, BIOES and none.
fn split(label: &str) -> (bool, &str) {
    match label.split_at_checked(2) {
        Some(("B-" | "U-" | "S-", name)) => (true, name),
        Some(("I-" | "L-" | "E-" | "M-", name)) => (false, name),
        _ => (false, label),
    }
}

/// What usual labels mean: those of CoNLL 2003, OntoNotes 5 and of models for personal data. What is nobody's is not
/// looked for.
fn entity(label: &str) -> Option<Entity> {
    let name = label.to_ascii_lowercase();
    Some(match name.as_str() {
        "per" | "person" | "name" | "given_name" | "surname" | "firstname" | "first_name" | "givenname"
        | "lastname" | "last_name" | "middlename" | "middle_name" => Entity::PERSON,
        "loc" | "location" | "gpe" | "city" | "state" | "county" => Entity::new("location"),
        "org" | "organization" | "organisation" | "company" => Entity::new("organization"),
        "street" | "street_name" | "street_address" | "address" | "building_number" | "buildingnum"
        | "secondary_address" => Entity::STREET_ADDRESS,
        "zip" | "zip_code" | "zipcode" | "postal_code" => Entity::POSTCODE,
        "phone_number" | "telephone" | "telephonenum" => Entity::PHONE,
        "email_address" => Entity::EMAIL,
        "credit_card_number" => Entity::CREDIT_CARD,
        "ssn" | "social_security_number" => Entity::US_SSN,
        "routing_number" => Entity::US_ROUTING_NUMBER,
        "drivers_license" | "driver_license" | "driverlicense" => Entity::DRIVING_LICENCE,
        "dob" | "dateofbirth" => Entity::DATE_OF_BIRTH,
        "misc" | "cardinal" | "date" | "event" | "fac" | "language" | "law" | "money" | "norp" | "ordinal"
        | "percent" | "product" | "quantity" | "time" | "work_of_art" => return None,
        // `LABEL_0` is what `transformers` calls what nobody has named.
        unnamed if unnamed.starts_with("label_") => return None,
        _ => Entity::new(name),
    })
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.kinds.iter().map(|kind| (&kind.name, &kind.entity))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_kinds_and_kinds_are_entities() {
        let config = r#"{"id2label": {"0": "O", "1": "B-PER", "2": "I-PER", "3": "U-GPE", "4": "MISC", "5": "I-x"},
            "max_position_embeddings": 512, "model_type": "bert"}"#;
        let mut config = parse(config.as_bytes()).unwrap();
        assert_eq!(config.most_tokens, 510);
        let read: Vec<_> = config.labels.iter().map(|label| label.map(|label| (label.kind, label.begins))).collect();
        assert_eq!(
            read,
            [None, Some((0, true)), Some((0, false)), Some((1, true)), Some((2, false)), Some((3, false))]
        );
        config.labels.name("x", None);
        config.labels.name("misc", Some(Entity::new("other")));
        assert_eq!(
            format!("{:?}", config.labels),
            r#"{"PER": Some(person), "GPE": Some(location), "MISC": Some(other), "x": None}"#
        );
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        for text in
            ["", "[]", "{}", r#"{"id2label": {}}"#, r#"{"id2label": {"1": "O"}}"#, r#"{"id2label": {"a": "O"}}"#]
        {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
