//! Calls: their tools and their arguments.

use llm_layers_core::cut;

use super::{Call, CallKind, Check, End, Mended, Turn, Verdict, check};
use crate::{
    Fault, Reason, Repair,
    contract::{ANY_OBJECT, Contract, Tool, ToolChoice, list},
    layer::Settings,
};

/// OpenAI gives at most so many choices, and no model makes so many calls at once. Of those beyond, the first fault of each
/// is told: a hostile answer must not become a list that is many times as long.
const MANY: usize = 128;

pub(super) fn judge(contract: &Contract, settings: &Settings, turn: &Turn<'_>) -> Vec<Verdict> {
    let judge = Judge { contract, settings, turn };
    let mut verdicts: Vec<_> = turn.calls.iter().map(|call| judge.call(call)).collect();
    judge.give_ids(&mut verdicts);
    // Free text does not show that it was cut off; the last call may have been.
    if let (End::CutOff, Some(call), Some(verdict)) = (turn.end, turn.calls.last(), verdicts.last_mut())
        && call.kind == CallKind::Custom
        && *verdict == Verdict::Valid
    {
        *verdict = Verdict::Invalid(vec![Fault::cut_off(turn.choice, Some(&spelled(&call.name)))]);
    }
    for (index, verdict) in verdicts.iter_mut().enumerate() {
        let Verdict::Invalid(faults) = verdict else { continue };
        // Nobody knows the tool, be the call cut off or not.
        let is_known = |fault: &&Fault| fault.reason != Reason::UnknownTool;
        if let Some(fault) = faults.first().filter(|_| turn.end == End::CutOff).filter(is_known) {
            *faults = vec![Fault::cut_off(turn.choice, fault.tool.as_deref())];
        } else if index.max(turn.choice) >= MANY {
            faults.truncate(1);
        }
    }
    verdicts
}

#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) contract: &'a Contract,
    settings: &'a Settings,
    pub(super) turn: &'a Turn<'a>,
}

impl<'a> Judge<'a> {
    fn call(self, call: &'a Call<'_>) -> Verdict {
        let Some((name, tool)) = self.tool(&call.name) else { return self.unknown(call) };
        let fault = |reason, message: &str| Verdict::Invalid(vec![self.fault(name, reason, message)]);
        if !self.contract.choice.allows(name) {
            return fault(Reason::ToolChoice, &not_chosen(&self.contract.choice));
        }
        let checked = match (&tool.schema, call.kind) {
            (None, CallKind::Custom) => Ok(None),
            (None, _) => {
                return fault(Reason::Type, "is a custom tool: it takes text, and is not called as a function");
            }
            (Some(_), CallKind::Custom) => return fault(Reason::Type, "is a function: it does not take text"),
            (Some(schema), _) => {
                let (tool, repair) = (Some(name), self.mends(name));
                Check { schema, wants_object: true, tool, repair }.run(&call.arguments)
            }
        };
        match checked {
            Err(mismatches) => Verdict::Invalid(check::faults(self.turn.choice, Some(name), mismatches)),
            Ok(None) if *name == *call.name => Verdict::Valid,
            Ok(mended) => {
                let (text, mut repairs) =
                    mended.map_or((None, Vec::new()), |mended| (Some(mended.text), mended.repairs));
                let renamed = (*name != *call.name).then(|| name.to_owned());
                if renamed.is_some() {
                    repairs.insert(0, Repair::ToolName);
                }
                Verdict::Mended(Mended { id: None, name: renamed, text, repairs })
            }
        }
    }

    /// The tool that is called, by the name that the request gives it.
    fn tool(self, name: &str) -> Option<(&'a str, &'a Tool)> {
        let tools = &self.contract.tools;
        // Where tools are not known, one of those may be meant.
        let meant = || tools.meant(name).filter(|meant| !self.contract.is_open && self.mends(meant));
        let (name, tool) = tools.get_key_value(name).or_else(|| tools.get_key_value(meant()?))?;
        Some((name, tool))
    }

    /// A call of a tool that the request does not show.
    fn unknown(self, call: &Call<'_>) -> Verdict {
        let name = spelled(&call.name);
        if !self.contract.is_open {
            let message = match self.contract.tools.told() {
                "" => "no such tool".into(),
                told => format!("no such tool; there are {told}"),
            };
            return Verdict::Invalid(vec![self.fault(&name, Reason::UnknownTool, &message)]);
        }
        if !self.contract.choice.allows(&call.name) {
            let message = not_chosen(&self.contract.choice);
            return Verdict::Invalid(vec![self.fault(&name, Reason::ToolChoice, &message)]);
        }
        let schema = if call.kind == CallKind::Custom { None } else { self.settings.schemas.get(ANY_OBJECT).ok() };
        let Some(schema) = schema else { return Verdict::Valid };
        // What it takes is not known, so nothing can be told to be a mend.
        let check = Check { schema: &schema, wants_object: true, tool: None, repair: false };
        match check.run(&call.arguments) {
            Ok(_) => Verdict::Valid,
            Err(mismatches) => Verdict::Invalid(check::faults(self.turn.choice, Some(&name), mismatches)),
        }
    }

    /// Whether calls of this tool are mended.
    pub(super) fn mends(self, tool: &str) -> bool {
        self.turn.end == End::Complete && self.settings.policy(Some(tool)).repair
    }

    pub(super) fn fault(self, tool: &str, reason: Reason, message: &str) -> Fault {
        Fault::whole(self.turn.choice, Some(tool), reason, message)
    }
}

/// A name that a model has thought up, fit to be told.
fn spelled(name: &str) -> String {
    let mut told = String::new();
    for letter in name.chars().take(64) {
        if letter.is_control() { told.extend(letter.escape_unicode()) } else { told.push(letter) }
    }
    cut(&told, 64).into()
}

fn not_chosen(choice: &ToolChoice) -> String {
    match choice {
        ToolChoice::Only(names) | ToolChoice::Among(names) => {
            format!("may not be called; these may: {}", list(names))
        }
        _ => "may not be called: no tool may".into(),
    }
}
