//! Values put right by their schema.

use super::{Mended, syntax};
use crate::schemas::Schema;

pub(super) fn mend(text: &str, schema: &Schema, _tool: Option<&str>) -> Option<Mended> {
    let reading = syntax::read(text)?;
    let mut text = String::new();
    reading.node.write(&mut text);
    let value = serde_json::from_str(&text).ok()?;
    schema.is_valid(&value).then_some(Mended { text, repairs: reading.repairs })
}
