use super::{
    super::{incremental::Incremental, joined::Joined},
    calls::Calls,
};
use crate::{
    Fault, Reason, Repair,
    judge::{self, CallKind, End, Judgement, Mended, Turn, Verdict},
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

    /// Puts right what was judged as if nothing had gone out, and nothing were written.
    pub(super) fn settle(&self, judgement: &mut Judgement) {
        let native = self.calls.list().len();
        for (call, verdict) in self.calls.list().iter().zip(&mut judgement.calls) {
            match &call.released {
                Some(released) if released.length == call.text().len() => *verdict = released.verdict.clone(),
                Some(_) if !matches!(verdict, Verdict::Valid) => {
                    *verdict = Verdict::Invalid(vec![self.behind(call.name())])
                }
                _ if call.is_cut() => *verdict = Verdict::Invalid(vec![self.behind(call.name())]),
                _ => {}
            }
        }
        for verdict in judgement.calls.iter_mut().skip(native) {
            match verdict {
                Verdict::Valid => {
                    let repairs = vec![Repair::WrittenCall];
                    *verdict = Verdict::Mended(Mended { repairs, ..Mended::default() });
                }
                Verdict::Mended(mended) => mended.repairs.insert(0, Repair::WrittenCall),
                Verdict::Invalid(_) => {}
            }
        }
    }

    fn behind(&self, tool: &str) -> Fault {
        Fault {
            choice: self.index,
            tool: Some(llm_layers_core::cut(tool, 64).into()),
            reason: Reason::NotJson,
            path: String::new(),
            message: "must end where the object ends".to_owned(),
        }
    }
}

/// What a client of its own can hold on to.
pub(super) fn owned(turn: Turn<'_>) -> Turn<'static> {
    let Turn { choice, calls, text, is_refusal, end } = turn;
    let call = |call: judge::Call<'_>| judge::Call {
        id: call.id.into_owned().into(),
        name: call.name.into_owned().into(),
        arguments: call.arguments.into_owned().into(),
        kind: call.kind,
    };
    let calls = calls.into_iter().map(call).collect();
    Turn { choice, calls, text: text.map(|text| text.into_owned().into()), is_refusal, end }
}
