use std::sync::Arc;

use llm_layers_pii::Entity;

use crate::{Action, Rules, placeholder::name_of};

/// The kinds found in one request. They are few, so that going through them is the quickest.
#[derive(Default)]
pub(super) struct Kinds(Vec<Kind>);

pub(super) struct Kind {
    pub(super) entity: Entity,
    pub(super) action: Action,
    pub(super) name: Arc<str>,
    pub(super) count: u64,
}

impl Kinds {
    /// One more of this kind, whose index is given.
    pub(super) fn count(&mut self, entity: &Entity, rules: &Rules) -> usize {
        let known = self.0.iter().position(|kind| kind.entity == *entity);
        let index = known.unwrap_or_else(|| {
            let (action, name) = (rules.action_of(entity).clone(), name_of(entity, rules.styled()));
            self.0.push(Kind { entity: entity.clone(), action, name, count: 0 });
            self.0.len() - 1
        });
        if let Some(kind) = self.0.get_mut(index) {
            kind.count += 1;
        }
        index
    }

    pub(super) fn get(&self, index: usize) -> Option<&Kind> {
        self.0.get(index)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.0.iter()
    }
}
