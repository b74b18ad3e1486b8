//! The tables.
#![allow(clippy::print_stdout, reason = "a program that prints tables")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    case::{Case, Label, Outcome, Verdict},
    corpus::Tool,
    route::Route,
};

/// The share of lossless mistakes that must be mended exactly.
const EXACT: f64 = 0.99;

/// How often each came out of each label.
#[derive(Clone, Debug, Default)]
struct Tally(BTreeMap<(Label, Verdict), usize>);

#[derive(Default)]
pub(crate) struct Tallies {
    kinds: BTreeMap<&'static str, Tally>,
    routes: BTreeMap<Route, Tally>,
    all: Tally,
}

impl Tally {
    fn add(&mut self, label: Label, verdict: Verdict) {
        *self.0.entry((label, verdict)).or_default() += 1;
    }

    fn of(&self, label: Label) -> usize {
        self.count(|at, _| at == label)
    }

    fn count(&self, which: impl Fn(Label, Verdict) -> bool) -> usize {
        self.0.iter().filter(|((label, verdict), _)| which(*label, *verdict)).map(|(_, count)| count).sum()
    }

    /// Something invalid, or not to be read, reached the client.
    fn missed(&self) -> usize {
        self.count(|_, verdict| matches!(verdict, Verdict::Missed | Verdict::Broken))
    }

    fn refused_wrongly(&self) -> usize {
        self.count(|label, verdict| label == Label::Valid && verdict == Verdict::Refused)
    }

    fn mended(&self) -> usize {
        self.count(|label, verdict| label == Label::Lossless && verdict == Verdict::Right)
    }

    fn exact(&self) -> f64 {
        match self.of(Label::Lossless) {
            0 => 1.0,
            all => self.mended() as f64 / all as f64,
        }
    }

    /// Valid, and not what was meant.
    fn invented(&self) -> usize {
        self.count(|_, verdict| verdict == Verdict::Invented)
    }

    /// Right by luck: it was not to be mended.
    fn against(&self) -> usize {
        self.count(|label, verdict| label == Label::Never && verdict == Verdict::Right)
    }

    fn row(&self, name: &str) {
        let labels = [Label::Valid, Label::Lossless, Label::Never, Label::Open].map(|label| self.of(label).to_string());
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} |",
            labels.join(" | "),
            self.missed(),
            self.refused_wrongly(),
            if self.of(Label::Lossless) == 0 { "-".to_owned() } else { format!("{:.4}", self.exact()) },
            self.invented(),
            self.against(),
            self.count(|_, _| true),
        );
    }

    fn json(&self) -> Value {
        json!({
            "valid": self.of(Label::Valid), "lossless": self.of(Label::Lossless), "never": self.of(Label::Never),
            "open": self.of(Label::Open), "missed": self.missed(), "refused_wrongly": self.refused_wrongly(),
            "mended_exactly": self.exact(), "invented": self.invented(), "against_the_rules": self.against(),
        })
    }
}

impl Tallies {
    pub(crate) fn add(&mut self, route: Route, case: &Case<'_>, verdict: Verdict) {
        self.kinds.entry(case.kind).or_default().add(case.label, verdict);
        self.routes.entry(route).or_default().add(case.label, verdict);
        self.all.add(case.label, verdict);
    }

    /// Nothing missed, nothing refused wrongly, nothing invented, and nearly all mended that can be.
    pub(crate) fn is_met(&self) -> bool {
        let all = &self.all;
        all.missed() + all.refused_wrongly() + all.invented() + all.against() == 0 && all.exact() >= EXACT
    }

    pub(crate) fn print(&self) {
        heading("By kind of mistake");
        self.kinds.iter().for_each(|(kind, tally)| tally.row(kind));
        heading("By the way that a call takes");
        self.routes.iter().for_each(|(route, tally)| tally.row(route.name()));
        self.all.row("all");
        let all = &self.all;
        println!(
            "\n{}: {} let through, {} of {} valid ones refused, {} of {} lossless ones mended exactly ({:.4}), {} invented, \
             {} mended that were not to be.",
            if self.is_met() { "The bar is met" } else { "The bar is missed" },
            all.missed(),
            all.refused_wrongly(),
            all.of(Label::Valid),
            all.mended(),
            all.of(Label::Lossless),
            all.exact(),
            all.invented(),
            all.against(),
        );
    }

    pub(crate) fn json(&self) -> Value {
        let kinds: BTreeMap<_, _> = self.kinds.iter().map(|(kind, tally)| (*kind, tally.json())).collect();
        let routes: BTreeMap<_, _> = self.routes.iter().map(|(route, tally)| (route.name(), tally.json())).collect();
        json!({"kinds": kinds, "routes": routes, "all": self.all.json()})
    }
}

fn heading(title: &str) {
    println!("\n## {title}\n");
    println!(
        "| | valid | lossless | never | open | let through | refused wrongly | mended exactly | invented | mended against the rules | runs |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
}

pub(crate) fn mix(tools: &[Tool], cases: &[Case<'_>]) {
    let kinds: BTreeSet<_> = cases.iter().filter(|case| case.label != Label::Valid).map(|case| case.kind).collect();
    let calls: usize = tools.iter().map(|tool| tool.calls.len()).sum();
    let count = |label| cases.iter().filter(|case| case.label == label).count();
    println!(
        "{} tools, {calls} valid calls, {} cases: {} mistakes in {} kinds ({} lossless, {} never to be mended, {} open), \
         and {} that are valid.",
        tools.len(),
        cases.len(),
        cases.len() - count(Label::Valid),
        kinds.len(),
        count(Label::Lossless),
        count(Label::Never),
        count(Label::Open),
        count(Label::Valid),
    );
}

/// What went wrong.
pub(crate) fn show(route: Route, case: &Case<'_>, outcome: &Outcome, verdict: Verdict) {
    let said: Vec<_> = case.said.iter().map(|said| (&said.id, &said.name, &said.arguments)).collect();
    let meant: Vec<_> = case.meant.iter().map(|meant| (&meant.name, meant.arguments.compact())).collect();
    let came = match outcome {
        Outcome::Refused(before) if before.is_empty() => "an error".to_owned(),
        Outcome::Refused(before) => format!("{before:?} and an error"),
        Outcome::Came(came) => format!("{came:?}"),
        Outcome::Broken(what) => what.clone(),
    };
    println!(
        "<!-- {} | {} | {:?} -> {verdict:?}\n     said  {said:?} {:?}\n     meant {meant:?}\n     came  {came} -->",
        case.kind,
        route.name(),
        case.label,
        case.written,
    );
}
