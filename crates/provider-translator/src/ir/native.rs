//! What only one provider says, until the answer is over.

use serde_json::value::RawValue;

use super::Event;
use crate::compact::compact;

/// The most that is held of it. It leaves in one event of a stream, and many readers take no longer line than a
/// mebibyte.
pub(crate) const MOST_NATIVE: usize = 960 << 10;

/// Items of a list that is to be a member, as JSON: all of them, or none if that is too much.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// With commas between them.
    items: String,
    is_too_long: bool,
}

impl List {
    pub(crate) fn push(&mut self, item: &str) {
        let item = compact(item);
        // A comma for each, and two brackets around them.
        if self.items.len().saturating_add(item.len()) > MOST_NATIVE - 2 {
            self.give_up();
        }
        if self.is_too_long {
            return;
        }
        if !self.items.is_empty() {
            self.items.push(',');
        }
        self.items.push_str(&item);
    }

    /// Something of it was too long to be kept.
    pub(crate) fn give_up(&mut self) {
        *self = Self { items: String::new(), is_too_long: true };
    }
}

/// Members of `native`, by the names that the provider has for them. Of what is said twice the last word counts.
#[derive(Debug, Default)]
pub(crate) struct Native {
    members: Vec<(&'static str, Box<str>)>,
    left_out: Vec<&'static str>,
}

impl Native {
    /// A member, unless it says nothing. One that is too long is named in `left_out` instead.
    pub(crate) fn tell(&mut self, name: &'static str, raw: Option<&RawValue>) {
        if let Some(raw) = raw.filter(|raw| !matches!(raw.get(), "null" | "{}" | "[]" | "\"\"")) {
            self.put(name, compact(raw.get()));
        }
    }

    /// A member that is text.
    pub(crate) fn tell_text(&mut self, name: &'static str, text: &str) {
        // A string: writing it cannot fail.
        self.put(name, serde_json::to_string(text).unwrap_or_default());
    }

    /// A member that is a list, unless it is empty.
    pub(crate) fn tell_list(&mut self, name: &'static str, list: List) {
        match list {
            List { is_too_long: true, .. } => self.leave_out(name),
            List { items, .. } if items.is_empty() => {}
            List { items, .. } => self.put(name, format!("[{items}]")),
        }
    }

    /// A member, as JSON.
    pub(crate) fn put(&mut self, name: &'static str, json: String) {
        self.members.retain(|(known, _)| *known != name);
        self.left_out.retain(|known| *known != name);
        let held: usize = self.members.iter().map(|(_, json)| json.len()).sum();
        if held.saturating_add(json.len()) > MOST_NATIVE {
            self.leave_out(name);
        } else {
            self.members.push((name, json.into()));
        }
    }

    /// A member is too long to be told.
    fn leave_out(&mut self, name: &'static str) {
        if !self.left_out.contains(&name) {
            self.left_out.push(name);
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.members.is_empty() && self.left_out.is_empty()
    }

    fn drain(&mut self) -> impl Iterator<Item = (&'static str, Box<str>)> {
        let left_out = std::mem::take(&mut self.left_out);
        // Names: writing them cannot fail.
        let told = (!left_out.is_empty()).then(|| serde_json::to_string(&left_out).unwrap_or_default());
        std::mem::take(&mut self.members).into_iter().chain(told.map(|told| ("left_out", told.into())))
    }

    /// All of it as one object, if there is any.
    pub(crate) fn object(&mut self) -> Option<Box<RawValue>> {
        super::write_native(&self.drain().collect::<Vec<_>>())
    }

    /// All of it, as `native` of the answer.
    pub(crate) fn of_answer(&mut self, out: &mut Vec<Event>) {
        out.extend(self.drain().map(|(name, json)| Event::Native { name, json }));
    }

    /// All of it, as `native` of a choice's message.
    pub(crate) fn of_message(&mut self, choice: u32, out: &mut Vec<Event>) {
        out.extend(self.drain().map(|(name, json)| Event::NativeOfMessage { choice, name, json }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(native: &mut Native) -> Vec<(&'static str, String)> {
        native.drain().map(|(name, json)| (name, json.into())).collect()
    }

    #[test]
    fn the_last_word_counts_and_nothing_is_no_word() {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).expect("JSON");
        let mut native = Native::default();
        native.tell("a", Some(&raw("[1,\n 2]")));
        native.tell("b", Some(&raw("1.50")));
        native.tell("a", Some(&raw("{ \"x y\": 3 }")));
        for nothing in ["null", "{}", "[]", "\"\""] {
            native.tell("b", Some(&raw(nothing)));
        }
        native.tell("c", None);
        native.tell_text("d", "\"\n");
        let expected = [("b", "1.50"), ("a", "{\"x y\":3}"), ("d", "\"\\\"\\n\"")];
        assert_eq!(told(&mut native), expected.map(|(name, json)| (name, json.to_owned())));
        assert!(told(&mut native).is_empty());
    }

    #[test]
    fn a_list_is_told_whole_or_not_at_all() {
        let list = |items: &[&str]| {
            let (mut list, mut native) = (List::default(), Native::default());
            items.iter().for_each(|item| list.push(item));
            native.tell_list("l", list);
            told(&mut native)
        };
        assert_eq!(list(&[]), []);
        assert_eq!(list(&["1", "{ \"a\": \" \" }"]), [("l", "[1,{\"a\":\" \"}]".to_owned())]);
        let half = format!("\"{}\"", "x".repeat(MOST_NATIVE / 2 - 4));
        assert_eq!(list(&[&half, &half])[0].1.len(), MOST_NATIVE - 1);
        assert_eq!(list(&[&half, &half, "1"]), [("left_out", "[\"l\"]".to_owned())]);
        assert_eq!(list(&[&half, &half, "1", "2"]), [("left_out", "[\"l\"]".to_owned())]);
    }

    #[test]
    fn what_is_too_long_is_named() {
        let mut native = Native::default();
        native.tell_text("a", "x");
        for _ in 0..3 {
            native.tell_text("b", &"x".repeat(MOST_NATIVE));
        }
        native.tell_text("c", &"x".repeat(MOST_NATIVE - 5));
        assert_eq!(
            told(&mut native).iter().map(|(name, json)| (*name, json.len())).collect::<Vec<_>>(),
            [("a", 3), ("c", MOST_NATIVE - 3), ("left_out", 5)]
        );
    }
}
