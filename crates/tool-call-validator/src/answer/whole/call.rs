use std::borrow::Cow;

use bytes::Bytes;
use llm_layers_core::cut;
use llm_layers_wire::json::{Object, members};

use crate::{
    Fault, Reason, Repair,
    answer::nested::{Unreadable, object},
    judge::{Call, CallKind, Mended, Verdict},
    layer::Settings,
};

/// A call as it stands in an answer: its members, and where each of them is found.
pub(super) struct Found {
    /// The members `id` and, in some shapes, all others.
    pub(super) object: Object,
    /// What holds the name and the arguments, where that is not `object`, and the member that holds it.
    nested: Option<(&'static str, Object)>,
    id: Option<&'static str>,
    arguments: &'static str,
    kind: CallKind,
    /// Nothing of its arguments is left: the answer was cut off before them.
    is_cut: bool,
}

impl Found {
    /// A call whose name stands beside its id.
    pub(super) const fn flat(
        object: Object,
        id: Option<&'static str>,
        arguments: &'static str,
        kind: CallKind,
    ) -> Self {
        Self { object, nested: None, id, arguments, kind, is_cut: false }
    }

    /// A call whose name and arguments stand in this member. One that has no such member has no name.
    pub(super) fn nested(
        call: Object,
        member: &'static str,
        arguments: &'static str,
        kind: CallKind,
    ) -> Result<Self, Unreadable> {
        let inner = object(&call, member)?.unwrap_or_default();
        Ok(Self { object: call, nested: Some((member, inner)), id: Some("id"), arguments, kind, is_cut: false })
    }

    /// Takes note that the answer was cut off behind this call: arguments that say nothing are none.
    pub(super) fn cut_off(&mut self) {
        let arguments = self.inner().get(self.arguments).unwrap_or_default();
        self.is_cut = self.holds_json() && arguments.starts_with(b"{") && members(arguments).next().is_none();
    }

    fn inner(&self) -> &Object {
        self.nested.as_ref().map_or(&self.object, |(_, inner)| inner)
    }

    pub(super) fn call(&self) -> Call<'_> {
        Call {
            id: self.id.and_then(|id| self.object.text(id)).unwrap_or_default(),
            name: self.inner().text("name").unwrap_or_default(),
            arguments: self.arguments(),
            kind: self.kind,
        }
    }

    /// The arguments as text, whether they are a string or the JSON itself.
    fn arguments(&self) -> Cow<'_, str> {
        if self.is_cut {
            return Cow::Borrowed("");
        }
        let inner = self.inner();
        match inner.text(self.arguments) {
            Some(text) if !self.holds_json() => text,
            _ => match inner.get(self.arguments) {
                None | Some(b"null") => Cow::Borrowed(""),
                Some(raw) => String::from_utf8_lossy(raw),
            },
        }
    }

    /// Whether the arguments of this shape are JSON, and not a string that holds some.
    fn holds_json(&self) -> bool {
        self.arguments == "input" && self.kind == CallKind::Function
    }

    /// Whether the arguments are no string, where clients read one.
    pub(super) fn is_misshapen(&self) -> bool {
        !self.holds_json() && !self.inner().get(self.arguments).is_some_and(|raw| raw.starts_with(b"\""))
    }

    /// Takes note of what becomes of arguments that are no string where clients read one: another call, unless they are
    /// written anew.
    pub(super) fn settle(&self, choice: usize, verdict: &mut Verdict, settings: &Settings) {
        let name = self.inner().text("name").unwrap_or_default();
        match verdict {
            Verdict::Invalid(_) => {}
            _ if !self.is_misshapen() => {}
            Verdict::Mended(mended) => mended.repairs.insert(0, Repair::Shape),
            Verdict::Valid if settings.policy(Some(&name)).repair => {
                *verdict = Verdict::Mended(Mended { repairs: vec![Repair::Shape], ..Mended::default() });
            }
            Verdict::Valid => {
                let message = "must be told as a string, as clients read it";
                let name = cut(&name, 64);
                *verdict = Verdict::Invalid(vec![Fault::whole(choice, Some(name), Reason::NotJson, message)]);
            }
        }
    }

    /// Writes what was mended. What is invalid stays as it is.
    pub(super) fn mend(&mut self, verdict: &Verdict) {
        let Verdict::Mended(mended) = verdict else { return };
        let arguments = match &mended.text {
            Some(text) => Some(text.clone()),
            None => self.is_misshapen().then(|| self.arguments().into_owned()),
        };
        if let (Some(name), Some(id)) = (self.id, &mended.id) {
            self.object.set(name, id);
        }
        let (holds_json, member) = (self.holds_json(), self.arguments);
        let inner = self.nested.as_mut().map_or(&mut self.object, |(_, inner)| inner);
        if let Some(name) = &mended.name {
            inner.set("name", name);
        }
        if let Some(arguments) = arguments {
            if holds_json {
                // It has been checked: it is JSON.
                let _ = inner.set_raw(member, arguments);
            } else {
                inner.set(member, &arguments);
            }
        }
        if let Some((member, inner)) = self.nested.as_ref().filter(|(_, inner)| inner.is_edited()) {
            put(&mut self.object, member, inner);
        }
    }
}

/// Writes an object back to where it was taken from.
pub(super) fn put(outer: &mut Object, member: &str, inner: &Object) {
    put_raw(outer, member, inner.to_bytes());
}

/// Writes JSON to where it was taken from.
pub(super) fn put_raw(outer: &mut Object, member: &str, json: Bytes) {
    // What was split from JSON, and changed by member, is JSON.
    let _ = outer.set_raw(member, json);
}
