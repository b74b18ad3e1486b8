//! The only place that emits metrics and events. No argument goes in here.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

use llm_layers_core::Deployment;
use metrics::{SharedString, counter};

use crate::{Called, Fault, Reason, Report};

/// Structured output, among the tools.
const TEXT: &str = "response_format";
/// A tool that no request offers.
const UNKNOWN: &str = "unknown";
/// Every tool beyond the first so many: names are the clients' words, and a series that is there once stays.
const OTHER: &str = "other";
const MOST_NAMES: usize = 256;
/// OpenAI takes names of 64 letters, Anthropic of 128.
const LONGEST_NAME: usize = 128;

/// The names that metrics have by now.
static NAMES: Names = Names(RwLock::new(None));

/// The calls of an answer have been judged.
pub(crate) fn judged(report: &Report) {
    let deployment = label(report.deployment.as_ref());
    for Called { tool, is_offered, valid, repaired, invalid } in report.tools.iter() {
        let tool = name(tool.as_deref(), *is_offered);
        for (outcome, count) in [("valid", valid), ("repaired", repaired), ("invalid", invalid)] {
            if *count > 0 {
                let (tool, deployment) = (tool.clone(), deployment.clone());
                counter!("llm_tool_calls_total", "tool" => tool, "deployment" => deployment, "outcome" => outcome)
                    .increment(*count as u64);
            }
        }
    }
    for repaired in report.repaired.iter() {
        let tool = name(repaired.tool.as_deref(), true);
        for repair in &repaired.repairs {
            let (tool, deployment, repair) = (tool.clone(), deployment.clone(), repair.as_str());
            counter!("llm_tool_call_repairs_total", "tool" => tool, "deployment" => deployment, "repair" => repair)
                .increment(1);
        }
    }
    for fault in report.faults.iter() {
        let (tool, deployment, reason) = (of_fault(fault), deployment.clone(), fault.reason.as_str());
        counter!("llm_tool_call_faults_total", "tool" => tool, "deployment" => deployment, "reason" => reason)
            .increment(1);
    }
    tell(report, &deployment);
}

fn tell(report: &Report, deployment: &str) {
    let operation = report.operation.as_str();
    let caller = report.caller.as_ref().map_or("", |caller| caller.name());
    let (calls, repaired, invalid, reasks) = (report.calls, report.repaired.len(), report.invalid, report.reasks);
    if let Some(fault) = report.faults.first() {
        let reason = fault.reason.as_str();
        tracing::warn!(operation, caller, deployment, calls, repaired, invalid, reasks, reason, "invalid tool calls");
    } else if repaired > 0 {
        tracing::debug!(operation, caller, deployment, calls, repaired, reasks, "tool calls were repaired");
    }
}

/// What has come of asking the model again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reasked {
    /// It has got it right.
    Right,
    /// It has got it wrong again.
    Wrong,
    /// It could not be asked, or has not answered.
    Failed,
}

/// The model was asked again.
pub(crate) fn reasked(deployment: Option<&Deployment>, outcome: Reasked) {
    let outcome = match outcome {
        Reasked::Right => "right",
        Reasked::Wrong => "wrong",
        Reasked::Failed => "failed",
    };
    counter!("llm_tool_call_reasks_total", "deployment" => label(deployment), "outcome" => outcome).increment(1);
}

fn label(deployment: Option<&Deployment>) -> SharedString {
    deployment.map_or(SharedString::const_str(""), |deployment| deployment.label().to_owned().into())
}

fn of_fault(Fault { tool, reason, .. }: &Fault) -> SharedString {
    match (tool, reason) {
        // No call where one must be: of no tool, and of no text.
        (None, Reason::MissingCall | Reason::ParallelCalls) => SharedString::const_str(""),
        (tool, reason) => name(tool.as_deref(), *reason != Reason::UnknownTool),
    }
}

/// What metrics call a tool.
fn name(tool: Option<&str>, is_offered: bool) -> SharedString {
    match tool {
        None => SharedString::const_str(TEXT),
        Some(_) if !is_offered => SharedString::const_str(UNKNOWN),
        Some(tool) if NAMES.admit(tool) => tool.to_owned().into(),
        Some(_) => SharedString::const_str(OTHER),
    }
}

struct Names(RwLock<Option<HashSet<Box<str>>>>);

impl Names {
    /// Whether this is one of them, or becomes one: there is room for so many.
    fn admit(&self, tool: &str) -> bool {
        if tool.len() > LONGEST_NAME {
            return false;
        }
        // A set of names knows no broken state.
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (is_there, count) = names.as_ref().map_or((false, 0), |names| (names.contains(tool), names.len()));
        drop(names);
        if is_there || count >= MOST_NAMES {
            return is_there;
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let names = names.get_or_insert_default();
        names.contains(tool) || names.len() < MOST_NAMES && names.insert(tool.into())
    }
}

#[cfg(test)]
mod tests {
    use llm_layers_core::Operation;
    use llm_layers_testkit::metrics::Recorded;

    use super::*;
    use crate::{
        Repair,
        judge::{Call, Judgement, Mended, Turn, Verdict},
        report::Outcome,
    };

    fn fault(tool: Option<&str>, reason: Reason) -> Fault {
        Fault::whole(0, tool, reason, "")
    }

    #[test]
    fn what_became_of_calls_is_counted_by_tool_and_deployment() {
        let call = |name: &'static str| Call { name: name.into(), ..Call::default() };
        let calls = ["add", "add", "Add", "sub", "invented"].map(call);
        let turn = Turn { calls: calls.into(), ..Turn::default() };
        let repairs = vec![Repair::ToolName, Repair::Fence];
        let judgement = Judgement {
            calls: vec![
                Verdict::Valid,
                Verdict::Valid,
                Verdict::Mended(Mended { name: Some("add".into()), repairs, ..Mended::default() }),
                Verdict::Invalid(vec![fault(Some("sub"), Reason::Type), fault(Some("sub"), Reason::Required)]),
                Verdict::Invalid(vec![fault(Some("invented"), Reason::UnknownTool)]),
            ],
            text: None,
            faults: vec![fault(None, Reason::ParallelCalls)],
        };
        let mut outcome = Outcome::default();
        outcome.add(&turn, &judgement);
        outcome.add(&Turn::default(), &Judgement { text: Some(Verdict::Valid), ..Judgement::default() });
        let mut report = Report::new(Operation::ChatCompletion, outcome, 0);
        report.deployment = Some(Deployment::new("d", "p", "m"));
        let recorded = Recorded::default();
        metrics::with_local_recorder(&recorded, || judged(&report));
        assert_eq!(
            recorded.lines(),
            [
                "llm_tool_call_faults_total{tool=,deployment=d,reason=parallel_calls} 1",
                "llm_tool_call_faults_total{tool=sub,deployment=d,reason=required} 1",
                "llm_tool_call_faults_total{tool=sub,deployment=d,reason=type} 1",
                "llm_tool_call_faults_total{tool=unknown,deployment=d,reason=unknown_tool} 1",
                "llm_tool_call_repairs_total{tool=add,deployment=d,repair=fence} 1",
                "llm_tool_call_repairs_total{tool=add,deployment=d,repair=tool_name} 1",
                "llm_tool_calls_total{tool=add,deployment=d,outcome=repaired} 1",
                "llm_tool_calls_total{tool=add,deployment=d,outcome=valid} 2",
                "llm_tool_calls_total{tool=response_format,deployment=d,outcome=valid} 1",
                "llm_tool_calls_total{tool=sub,deployment=d,outcome=invalid} 1",
                "llm_tool_calls_total{tool=unknown,deployment=d,outcome=invalid} 1",
            ]
        );
    }

    #[test]
    fn asking_again_is_counted() {
        let recorded = Recorded::default();
        metrics::with_local_recorder(&recorded, || {
            reasked(None, Reasked::Right);
            reasked(Some(&Deployment::named_by_client("p", "m")), Reasked::Wrong);
            reasked(None, Reasked::Failed);
        });
        assert_eq!(
            recorded.names(),
            [
                "llm_tool_call_reasks_total{deployment=,outcome=failed}",
                "llm_tool_call_reasks_total{deployment=,outcome=right}",
                "llm_tool_call_reasks_total{deployment=p/*,outcome=wrong}",
            ]
        );
    }

    #[test]
    fn names_are_so_many_and_so_long() {
        let names = Names(RwLock::new(None));
        assert!(!names.admit(&"n".repeat(LONGEST_NAME + 1)));
        for round in 0..2 {
            let admitted = (0..1_000).filter(|index| names.admit(&format!("tool_{index}"))).count();
            assert_eq!(admitted, MOST_NAMES, "{round}");
        }
        assert!(names.admit("tool_0"));
    }
}
