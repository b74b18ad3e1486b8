use std::collections::HashMap;

use super::{
    super::{incremental::Incremental, joined::Joined},
    calls::Calls,
    whole::is_rewritten,
};
use crate::{
    Fault, Reason, Repair,
    judge::{self, CallKind, End, Judgement, Mended, Turn, Verdict},
    layer::Settings,
    written::Written,
};

/// A choice of the answer, as far as it has come.
#[derive(Default)]
pub(super) struct Choice {
    pub(super) index: usize,
    pub(super) calls: Calls,
    /// The text, where it is looked into.
    pub(super) text: Joined,
    /// Reads the text as it flows, where it must be JSON.
    pub(super) reader: Option<Incremental>,
    /// How much of the text has gone out.
    pub(super) flowed: usize,
    /// Where the first piece of the text ends that waits to be searched, in an event without calls.
    pub(super) waits_from: Option<usize>,
    pub(super) is_refusal: bool,
    pub(super) end: Option<End>,
    /// Found in the text, once it is whole.
    pub(super) written: Option<Written>,
    /// Whether a call is not right as it is, so that those behind it wait for the end too.
    pub(super) is_stuck: bool,
    pub(super) judgement: Option<Judgement>,
    /// Whether something has come since the judgement.
    pub(super) is_new: bool,
    /// How often it was judged.
    pub(super) verdicts: u32,
}

impl Choice {
    /// What is judged, once it has ended like this.
    pub(super) fn turn(&self, end: End, is_structured: bool) -> Turn<'_> {
        let mut calls: Vec<_> = self.calls.list().iter().map(|call| call.to_judge()).collect();
        let written = self.written.iter().flat_map(|written| &written.calls);
        calls.extend(written.map(|(name, arguments)| judge::Call {
            id: "".into(),
            name: name.as_str().into(),
            arguments: arguments.as_str().into(),
            kind: CallKind::Function,
        }));
        let text = self.written.as_ref().map_or(self.text.as_str(), |written| &written.text);
        let has_text = is_structured && (calls.is_empty() || !text.trim().is_empty());
        let text = has_text.then(|| text.into());
        Turn { choice: self.index, calls, text, is_refusal: self.is_refusal, end }
    }

    /// Puts right what was judged as if nothing had gone out, nothing were written, and clients read what we read.
    pub(super) fn settle(&self, judgement: &mut Judgement, settings: &Settings) {
        /// The call that was judged is right, and what goes on is not this call.
        const BEHIND: &str = "must end where the object ends";
        const GARBLED: &str = "must come in pieces that clients join to this call";
        let native = self.calls.list().len();
        let are_misread = self.misread(&judgement.calls, settings);
        for ((call, is_misread), verdict) in self.calls.list().iter().zip(are_misread).zip(&mut judgement.calls) {
            let fault = |message| Verdict::Invalid(vec![self.fault(Some(call.first_name()), message)]);
            match &call.released {
                _ if call.is_cut() => *verdict = fault(BEHIND),
                Some(_) if call.is_renamed() => *verdict = fault(GARBLED),
                Some(released) if released.length == call.text().len() => *verdict = released.verdict.clone(),
                Some(_) if !matches!(verdict, Verdict::Valid) => *verdict = fault(BEHIND),
                _ => {}
            }
            if is_misread && !matches!(verdict, Verdict::Invalid(_)) {
                *verdict = fault(GARBLED);
            }
            if call.released.is_none() && is_rewritten(call, settings) {
                note_shape(verdict);
            }
        }
        if let Some(verdict) = judgement.text.as_mut().filter(|_| self.text.is_cut()) {
            *verdict = Verdict::Invalid(vec![self.fault(None, "must end where the JSON ends")]);
        }
        for verdict in judgement.calls.iter_mut().skip(native) {
            if let Verdict::Mended(mended) = verdict {
                // That such a call has no id goes without saying.
                mended.repairs.retain(|repair| *repair != Repair::Id);
                mended.repairs.insert(0, Repair::WrittenCall);
            }
        }
    }

    /// Of each call, whether clients that join its pieces as OpenAI's do make another of it, because it goes on as it
    /// came: by what it is itself, or because another call has its index.
    pub(super) fn misread(&self, verdicts: &[Verdict], settings: &Settings) -> Vec<bool> {
        let (mut number, mut owners, mut calls) = (0, HashMap::<_, usize>::new(), Vec::new());
        for (at, call) in self.calls.list().iter().enumerate() {
            let is_mended = call.released.is_none() && matches!(verdicts.get(at), Some(Verdict::Mended(_)));
            let is_anew = is_mended || is_rewritten(call, settings);
            let index = if is_anew { Some(number) } else { call.index() };
            let is_listed = call.kind() != CallKind::Legacy;
            if is_listed {
                number += 1;
                *owners.entry(index).or_default() += 1;
            }
            calls.push((!is_anew && call.is_garbled, is_listed, index));
        }
        let is_shared = |index: Option<u64>| index.is_none() || owners.get(&index).is_some_and(|owners| *owners > 1);
        let calls = calls.into_iter();
        calls.map(|(is_garbled, is_listed, index)| is_garbled || is_listed && is_shared(index)).collect()
    }

    fn fault(&self, tool: Option<&str>, message: &str) -> Fault {
        let tool = tool.map(|tool| llm_layers_core::cut(tool, 64));
        Fault::whole(self.index, tool, Reason::NotJson, message)
    }
}

/// Takes note that a call that may go on is told anew.
pub(super) fn note_shape(verdict: &mut Verdict) {
    match verdict {
        Verdict::Valid => {
            *verdict = Verdict::Mended(Mended { repairs: vec![Repair::Shape], ..Mended::default() });
        }
        Verdict::Mended(mended) => mended.repairs.push(Repair::Shape),
        Verdict::Invalid(_) => {}
    }
}
