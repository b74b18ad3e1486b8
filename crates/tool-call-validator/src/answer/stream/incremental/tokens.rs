use serde_json::Value;

use super::{Expected, Incremental, no_json};
use crate::{Reason, schemas::Complaint};

/// The longest string or number that is looked into, in bytes. Of longer ones only the syntax is checked.
pub(super) const MAX_TOKEN: usize = 8 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    None,
    /// Behind `\`.
    Begun,
    /// So many hexadecimal digits are missing.
    Hex(u8),
}

impl Incremental {
    pub(super) fn begin(&mut self, char: char, expected: Expected) {
        self.token.clear();
        self.token.push(char);
        self.is_cut = false;
        self.expected = expected;
    }

    pub(super) fn keep(&mut self, char: char) {
        self.is_cut |= self.token.len() >= MAX_TOKEN;
        if !self.is_cut {
            self.token.push(char);
        }
    }

    pub(super) fn text(&mut self, char: char, is_name: bool, escape: Escape) -> Result<(), Complaint> {
        self.keep(char);
        let escape = match (escape, char) {
            (Escape::None, '"') => return if is_name { self.name() } else { self.scalar() },
            (Escape::None, '\\') => Escape::Begun,
            (Escape::None, '\0'..='\x1f') => return Err(no_json()),
            (Escape::None, _) => Escape::None,
            (Escape::Begun, 'u') => Escape::Hex(4),
            (Escape::Begun, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => Escape::None,
            (Escape::Hex(1), char) if char.is_ascii_hexdigit() => Escape::None,
            (Escape::Hex(left), char) if char.is_ascii_hexdigit() => Escape::Hex(left - 1),
            _ => return Err(no_json()),
        };
        self.expected = Expected::Text { is_name, escape };
        Ok(())
    }

    fn name(&mut self) -> Result<(), Complaint> {
        self.expected = Expected::Colon;
        self.place.clear();
        let Some(container) = self.open.last_mut() else { return Err(no_json()) };
        if self.is_cut {
            container.names = None;
            return Ok(());
        }
        let name: String = serde_json::from_str(&self.token).map_err(|_| no_json())?;
        if let Some(schema) = &self.schema {
            schema.check_name(&container.place, &name)?;
            self.place = schema.member(&container.place, &name);
        }
        container.name = Some(name.as_str().into());
        match self.names_left.checked_sub(name.len() + 1) {
            Some(left) => self.names_left = left,
            None => container.names = None,
        }
        match container.names.as_mut().map(|names| names.insert(name.into())) {
            Some(false) => Err((Reason::NotJson, "is there twice".to_owned())),
            _ => Ok(()),
        }
    }

    pub(super) fn literal(&mut self) -> Result<(), Complaint> {
        self.expected = Expected::Next;
        self.scalar()
    }

    fn scalar(&mut self) -> Result<(), Complaint> {
        self.expected = Expected::Next;
        if self.is_cut {
            return Ok(());
        }
        let value: Value = serde_json::from_str(&self.token).map_err(|_| no_json())?;
        match &self.schema {
            Some(schema) => schema.check_scalar(&self.place, &value),
            None => Ok(()),
        }
    }
}
