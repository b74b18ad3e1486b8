//! Looking into JSON that may have any shape.

use serde_json::Value;

/// Paths into a value.
pub(crate) trait Look {
    /// The value at a JSON pointer; `null` where there is none. (Indexing twice would do the same, but the
    /// lint against panics cannot know that.)
    fn at(&self, pointer: &str) -> &Value;
}

impl Look for Value {
    fn at(&self, pointer: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.pointer(pointer).unwrap_or(&NULL)
    }
}
