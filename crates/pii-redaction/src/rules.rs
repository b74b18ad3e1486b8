use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, LazyLock},
};

use llm_layers_core::Secret;
use llm_layers_pii::{Entity, Finding};
use zeroize::Zeroizing;

use crate::{Action, Style, placeholder::name_of};

/// What is done about which kind, and how it is spelled: what all sessions of a layer share.
#[derive(Clone, Default)]
pub struct Rules {
    actions: HashMap<Entity, Action>,
    default: DefaultAction,
    style: Style,
    /// What kinds are called in placeholders, other than those that everybody knows.
    names: HashSet<Arc<str>>,
    key: Option<Zeroizing<[u8; 32]>>,
    encryption: Option<Zeroizing<[u8; 32]>>,
    is_short: bool,
}

/// Placeholders, where nothing else is said.
#[derive(Clone)]
struct DefaultAction(Action);

impl Default for DefaultAction {
    fn default() -> Self {
        Self(Action::Placeholder)
    }
}

/// Rules that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RulesError {
    /// [`Action::Encrypt`] without a key.
    NoKey,
    /// A key that is found by trying: it has fewer characters than [`Rules::SHORTEST_KEY`].
    ShortKey,
}

impl Rules {
    /// A key has so many characters at least: what is shorter is found by trying.
    pub const SHORTEST_KEY: usize = 16;

    /// Placeholders for every kind, with tags by chance.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is done about kinds of which nothing else is said.
    #[must_use]
    pub fn default_action(mut self, action: Action) -> Self {
        self.default = DefaultAction(action);
        self
    }

    /// What is done about this kind.
    #[must_use]
    pub fn action(mut self, entity: Entity, action: Action) -> Self {
        self.names.insert(plain(&entity));
        self.actions.insert(entity, action);
        self
    }

    /// These kinds may be found, so that their names are known again in placeholders of earlier calls.
    #[must_use]
    pub(crate) fn finding<'e>(mut self, entities: impl IntoIterator<Item = &'e Entity>) -> Self {
        self.names.extend(entities.into_iter().map(plain));
        self
    }

    /// How placeholders are spelled.
    #[must_use]
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// The same value, the same placeholder, hash and fake, in every call of the same caller, for as long as this key is
    /// kept. Who holds it can [decrypt](crate::decrypt) what was encrypted. It has
    /// [so many characters](Self::SHORTEST_KEY) or more, which [`check`](Self::check) says.
    #[must_use]
    pub fn key(mut self, key: &Secret) -> Self {
        self.is_short = key.expose().chars().count() < Self::SHORTEST_KEY;
        self.key = Some(derive("placeholders, hashes and fakes", key));
        self.encryption = Some(derive(ENCRYPTION, key));
        self
    }

    /// Whether all of this can be done.
    ///
    /// # Errors
    /// Something is to be encrypted, and there is no key; or the key is too short.
    pub fn check(&self) -> Result<(), RulesError> {
        if self.is_short {
            return Err(RulesError::ShortKey);
        }
        let mut actions = self.actions.values().chain([&self.default.0]);
        if self.key.is_none() && actions.any(|action| *action == Action::Encrypt) {
            return Err(RulesError::NoKey);
        }
        Ok(())
    }

    /// These rules for what a model says: what is looked for at all gets this action. Nobody puts values back there, so
    /// that what would get a placeholder is masked.
    #[must_use]
    pub(crate) fn for_answers(&self, action: &Action) -> Self {
        let action = if *action == Action::Placeholder { &Action::Mask } else { action };
        let mut rules = self.clone().default_action(action.clone());
        for of_kind in rules.actions.values_mut().filter(|of_kind| **of_kind != Action::Ignore) {
            *of_kind = action.clone();
        }
        if self.default.0 == Action::Ignore {
            rules.default = DefaultAction(Action::Ignore);
        }
        rules
    }

    /// What is done about this kind.
    #[must_use]
    pub fn action_of(&self, entity: &Entity) -> &Action {
        self.actions.get(entity).unwrap_or(&self.default.0)
    }

    /// These rules for texts that cannot be changed: what would be replaced is let be.
    pub(crate) fn unchanged(&self) -> Self {
        let let_be = |action: &Action| match action {
            Action::Block | Action::Report => action.clone(),
            _ => Action::Ignore,
        };
        let mut rules = self.clone().default_action(let_be(&self.default.0));
        for of_kind in rules.actions.values_mut() {
            *of_kind = let_be(of_kind);
        }
        rules
    }

    /// Of what was found in a text that cannot be changed, what is acted upon all the same.
    pub(crate) fn retain_unchanged(&self, found: &mut Vec<Finding>) {
        found.retain(|finding| matches!(self.action_of(&finding.entity), Action::Block | Action::Report));
    }

    /// Whether this is what some kind is called in placeholders that are written by these rules. It is never what somebody
    /// makes up: kinds have their names from whoever has set them.
    pub(crate) fn writes(&self, name: &str) -> bool {
        static KNOWN: LazyLock<HashSet<Arc<str>>> =
            LazyLock::new(|| Entity::KNOWN.iter().chain([&Entity::UNREAD]).map(plain).collect());
        let name = name.to_ascii_uppercase();
        KNOWN.contains(&*name) || self.names.contains(&*name)
    }

    pub(crate) const fn styled(&self) -> &Style {
        &self.style
    }

    /// The key of placeholders, hashes and fakes.
    pub(crate) fn keyed(&self) -> Option<&[u8; 32]> {
        self.key.as_deref()
    }

    pub(crate) fn encryption(&self) -> Option<&[u8; 32]> {
        self.encryption.as_deref()
    }

    /// The fixed texts that take values' places.
    pub(crate) fn fixed_texts(&self) -> impl Iterator<Item = &str> {
        self.actions.values().chain([&self.default.0]).filter_map(|action| match action {
            Action::Replace(text) => Some(&**text),
            _ => None,
        })
    }
}

/// What a kind is called in placeholders, in upper case.
fn plain(entity: &Entity) -> Arc<str> {
    name_of(entity, &Style::default())
}

/// What [`derive`] is given for the key that encrypts.
pub(crate) const ENCRYPTION: &str = "encryption";

/// A key for one purpose, so that what is learnt of one says nothing of another.
pub(crate) fn derive(purpose: &str, key: &Secret) -> Zeroizing<[u8; 32]> {
    let mut hasher = blake3::Hasher::new_derive_key("llm-layers-pii-redaction 2026-11 keys");
    hasher.update(purpose.as_bytes()).update(&[0]).update(key.expose().as_bytes());
    Zeroizing::new(*hasher.finalize().as_bytes())
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("actions", &self.actions)
            .field("default", &self.default.0)
            .field("style", &self.style)
            .field("keyed", &self.key.is_some())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("to encrypt takes a key"),
            Self::ShortKey => write!(f, "a key has at least {} characters", Rules::SHORTEST_KEY),
        }
    }
}

impl std::error::Error for RulesError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RedactLayer;

    #[test]
    fn a_key_that_is_found_by_trying_is_refused() {
        for (key, is_right) in [
            ("", false),
            ("fifteen letters", false),
            ("sixteen letters!", true),
            ("\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}", false),
        ] {
            let checked = Rules::new().key(&Secret::new(key)).check();
            assert_eq!(checked, if is_right { Ok(()) } else { Err(RulesError::ShortKey) }, "{key}");
        }
    }

    #[test]
    fn what_is_done_to_answers_can_be_checked_as_well() {
        let rules = Rules::new();
        assert_eq!(rules.for_answers(&Action::Encrypt).check(), Err(RulesError::NoKey));
        for action in [Action::Ignore, Action::Mask, Action::Placeholder] {
            assert_eq!(rules.for_answers(&action).check(), Ok(()));
        }
        let layer = RedactLayer::default();
        assert!(layer.clone().answers(Action::Encrypt).check().is_err());
        assert!(layer.clone().key(Secret::new("short")).check().is_err());
        let keyed = layer.key(Secret::new("sixteen letters!")).answers(Action::Encrypt);
        assert!(keyed.check().is_ok());
    }

    #[test]
    fn names_are_those_of_kinds_in_any_case() {
        let rules = Rules::new().action(Entity::new("customer no."), Action::Mask).finding(&[Entity::new("project")]);
        for (name, is_known) in [
            ("EMAIL", true),
            ("us_ssn", true),
            ("CUSTOMER_NO", true),
            ("PROJECT", true),
            ("PET", false),
            ("GB82WEST12345698765432", false),
            ("", false),
        ] {
            assert_eq!(rules.writes(name), is_known, "{name}");
        }
    }
}
