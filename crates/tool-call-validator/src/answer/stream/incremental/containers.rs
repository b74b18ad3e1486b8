use std::{collections::HashSet, mem};

use super::{Expected, Incremental, no_json};
use crate::{Reason, schemas::Complaint};

/// How deep JSON may be nested, as serde_json reads it.
const MAX_DEPTH: usize = 127;

/// An object or array that is open.
pub(super) struct Container {
    pub(super) is_object: bool,
    pub(super) place: Vec<u32>,
    /// The names of an object's members so far; `None` where there were too many.
    pub(super) names: Option<HashSet<Box<str>>>,
    /// The member that is being read, if it is known by now.
    pub(super) name: Option<Box<str>>,
    /// The item that is being read.
    pub(super) index: usize,
}

impl Incremental {
    pub(super) fn container(&mut self, is_object: bool) -> Result<(), Complaint> {
        self.check_kind(if is_object { "object" } else { "array" })?;
        if self.open.len() >= MAX_DEPTH {
            return Err((Reason::NotJson, "is nested too deeply".to_owned()));
        }
        let place = mem::take(&mut self.place);
        if !is_object {
            self.place = self.schema.as_ref().map(|schema| schema.item(&place, 0)).unwrap_or_default();
        }
        let names = Some(HashSet::new());
        self.open.push(Container { is_object, place, names, name: None, index: 0 });
        self.expected = if is_object { Expected::NameOrEnd } else { Expected::ValueOrEnd };
        Ok(())
    }

    pub(super) fn close(&mut self, is_object: bool) -> Result<(), Complaint> {
        let Some(container) = self.open.pop_if(|container| container.is_object == is_object) else {
            return Err(no_json());
        };
        self.expected = Expected::Next;
        let missing = match (&self.schema, &container.names) {
            (Some(schema), Some(names)) if is_object => schema.missing(&container.place, |name| names.contains(name)),
            _ => None,
        };
        if let Some(name) = missing.map(Box::from) {
            // The path of the fault leads to what is missing.
            self.open.push(Container { name: Some(name), ..container });
            return Err((Reason::Required, "is required".to_owned()));
        }
        Ok(())
    }

    pub(super) fn comma(&mut self) -> Result<(), Complaint> {
        let Some(container) = self.open.last_mut() else { return Err(no_json()) };
        if container.is_object {
            container.name = None;
            self.expected = Expected::Name;
        } else {
            container.index += 1;
            self.place =
                self.schema.as_ref().map(|schema| schema.item(&container.place, container.index)).unwrap_or_default();
            self.expected = Expected::Value;
        }
        Ok(())
    }
}
