//! JSON read into a value, as far as it has one reading.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text has no value.
#[derive(Debug)]
pub(crate) struct NotJson(serde_json::Error);

/// Reads a text. What names a member of an object twice has two readings, and is refused at any depth.
pub(crate) fn read(text: &str) -> Result<Value, NotJson> {
    serde_json::from_str::<Once>(text).map(|Once(value)| value).map_err(NotJson)
}

/// What is wrong, and where. The text itself is not repeated: `serde_json` tells no values in errors of syntax.
impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is no JSON: {}", self.0)
    }
}

struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading).map(Self)
    }
}

struct Reading;

impl<'de> DeserializeSeed<'de> for Reading {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Reading)? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Reading)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_has_two_readings_has_none() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#, "", "{", "{}{}", "[1,]", "NaN", "1e999"] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.starts_with("is no JSON: ") && error.contains(" at line 1 column "), "{text}: {error}");
        }
        assert!(read(&"[".repeat(1_000_000)).is_err(), "the depth is bounded");
    }

    proptest! {
        #[test]
        fn everything_else_reads_as_ever(text in r#"[\[\]{}:,"a-c0-9. eE+\\-]{0,12}"#) {
            let value: Result<Value, _> = serde_json::from_str(&text);
            if let Ok(read) = read(&text) {
                prop_assert_eq!(Some(read), value.ok());
            }
        }
    }
}
