//! Mistakes that models make, each made of a valid call, and what must become of it.
//!
//! A label says what the validator has promised of a mistake, worked out here from the call, its schema and the mistake,
//! and never by trying to mend it. Where a mutation leaves a valid call it becomes a control ([`Case::settled`]).

mod brackets;
mod calls;
mod legal;
mod members;
mod pairs;
mod spelling;
mod tokens;
mod values;
mod wrapped;

use std::collections::BTreeMap;

use crate::{
    case::{Case, Label},
    corpus::Tool,
    json::Json,
};

/// Cases of one call of one tool.
pub(crate) struct Maker<'a> {
    pub(crate) tool: &'a Tool,
    pub(crate) call: &'a Json,
    pub(crate) cases: Vec<Case<'a>>,
}

impl<'a> Maker<'a> {
    /// A mistake in the arguments, which are meant as the call has them.
    fn add(&mut self, kind: &'static str, label: Label, text: impl Into<String>) {
        let case = Case::new(kind, label, self.tool, text.into(), self.call);
        self.cases.extend(case.settled());
    }

    fn add_json(&mut self, kind: &'static str, label: Label, json: &Json) {
        self.add(kind, label, json.compact());
    }

    /// One about more than the arguments.
    fn add_call(&mut self, kind: &'static str, label: Label, change: impl FnOnce(&mut Case<'a>)) {
        let mut case = Case::new(kind, label, self.tool, self.call.compact(), self.call);
        case.is_about_call = true;
        change(&mut case);
        self.cases.push(case);
    }
}

/// All cases: each call of a tool, mutated in every place. Of each kind so many of a call as are wanted.
pub(crate) fn all(tools: &[Tool], most: usize) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for (number, (tool, call)) in
        tools.iter().flat_map(|tool| tool.calls.iter().map(move |call| (tool, call))).enumerate()
    {
        let mut maker = Maker { tool, call, cases: Vec::new() };
        legal::add(&mut maker);
        wrapped::add(&mut maker);
        spelling::add(&mut maker);
        brackets::add(&mut maker);
        values::add(&mut maker);
        members::add(&mut maker);
        calls::add(&mut maker);
        pairs::add(&mut maker);
        let mut kinds = BTreeMap::<_, Vec<_>>::new();
        for case in maker.cases {
            kinds.entry((case.kind, case.label)).or_default().push(case);
        }
        // Not the same ones of every call: they come in the order of the places.
        kinds.into_values().for_each(|same| cases.extend(some_from(number, same, most)));
    }
    cases
}

/// At most so many of them, evenly spread.
fn some<T>(all: Vec<T>, most: usize) -> Vec<T> {
    some_from(0, all, most)
}

fn some_from<T>(first: usize, all: Vec<T>, most: usize) -> Vec<T> {
    let step = all.len().div_ceil(most).max(1);
    all.into_iter().skip(first % step).step_by(step).collect()
}
