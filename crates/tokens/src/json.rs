//! JSON that was validated before, as values to walk over and texts to count.

use llm_layers_wire::json;

use crate::text::Text;

/// The text of one JSON value, white space before it cut off.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self(text.trim_ascii())
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// What stands between its quotes, if it is a string.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        self.0.strip_prefix(b"\"")?.strip_suffix(b"\"").map(Text::escaped)
    }

    pub(crate) fn is_text(self, text: &str) -> bool {
        self.text().is_some_and(|found| found.is(text))
    }

    pub(crate) fn is_array(self) -> bool {
        self.0.first() == Some(&b'[')
    }

    /// The items of an array; none of what is no array.
    pub(crate) fn items(self) -> Items<'a> {
        Items(json::items(self.0))
    }

    /// The members of an object; none of what is no object.
    pub(crate) fn members(self) -> Members<'a> {
        Members(json::members(self.0))
    }

    /// The last member of that name, as parsers take it.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        self.members().filter(|(found, _)| found.is(name)).last().map(|(_, value)| value)
    }
}

pub(crate) struct Items<'a>(json::Items<'a>);

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.0.next().map(Value)
    }
}

pub(crate) struct Members<'a>(json::Members<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (Text<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (Text::escaped(name), Value(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_stand() {
        let value = Value::new(br#" {"a" : [1, "x\"]", {"b":[]}, null ] , "c":{"d":"e"},"a":7 } "#);
        let names: Vec<_> =
            value.members().map(|(name, value)| (name.raw().to_vec(), value.bytes().to_vec())).collect();
        assert_eq!(
            names,
            [
                (b"a".to_vec(), br#"[1, "x\"]", {"b":[]}, null ]"#.to_vec()),
                (b"c".to_vec(), br#"{"d":"e"}"#.to_vec()),
                (b"a".to_vec(), b"7".to_vec()),
            ]
        );
        assert_eq!(value.member("a").map(Value::bytes), Some(&b"7"[..]), "the last of two");
        let items: Vec<_> = value.members().next().unwrap().1.items().map(|item| item.bytes().len()).collect();
        assert_eq!(items, [1, 6, 8, 4]);
        assert_eq!(Value::new(b"[ ]").items().count() + Value::new(b"{ }").members().count(), 0);
    }

    #[test]
    fn what_is_no_json_ends_the_walk() {
        for text in
            ["", "[", "{", "[\"", "{\"a\"", "{\"a\":", "{\"a\":]", "[}", "[,", "]]]", "\"\\", "[\"\\", "{1:2}", "[1 2"]
        {
            let value = Value::new(text.as_bytes());
            let _ = value.items().count() + value.members().count();
            assert!(value.text().is_none() || text.len() > 1);
        }
    }

    proptest::proptest! {
        #[test]
        fn the_walk_ends_for_any_bytes(text in "[\\[\\]{}\",: \\\\a0]{0,40}") {
            let value = Value::new(text.as_bytes());
            for item in value.items() {
                let _ = item.items().count() + item.members().count();
            }
            for (name, value) in value.members() {
                let _ = (name.raw().len(), value.member("a").is_some());
            }
        }
    }
}
