use super::{Judgement, Verdict};
use crate::{OnInvalid, Policy, Reason, layer::Settings};

/// What is to be done about an answer, all its choices together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// All is right, or has been mended.
    Pass,
    /// The model is asked again, if that is still possible; else `otherwise`.
    Ask {
        otherwise: OnInvalid,
    },
    Reject,
    Report,
}

/// What is to be done about these judgements, after so many times of asking again. The strictest policy counts.
pub(crate) fn decide(settings: &Settings, judgements: &[Judgement], reasks: u32) -> Decision {
    let (mut asks, mut strictest) = (false, None);
    for policy in judgements.iter().flat_map(|judgement| concerned(settings, judgement)) {
        asks |= policy.max_reasks > reasks;
        if policy.on_invalid == OnInvalid::Reject || strictest.is_none() {
            strictest = Some(policy.on_invalid);
        }
    }
    match strictest {
        None => Decision::Pass,
        Some(otherwise) if asks => Decision::Ask { otherwise },
        Some(OnInvalid::Reject) => Decision::Reject,
        Some(OnInvalid::Report) => Decision::Report,
    }
}

/// The policies of all that is wrong.
fn concerned<'a>(settings: &'a Settings, judgement: &'a Judgement) -> impl Iterator<Item = &'a Policy> {
    let of_call = |verdict: &Verdict| {
        // The faults of a call are of one tool.
        let fault = verdict.faults().first()?;
        // A tool that was not offered has no policy of its own, whatever its name is.
        let tool = fault.tool.as_deref().filter(|_| fault.reason != Reason::UnknownTool);
        Some(tool.map_or(&settings.default_policy, |tool| settings.policy(Some(tool))))
    };
    let calls = judgement.calls.iter().filter_map(of_call);
    let text = judgement.text.iter().filter(|text| !text.faults().is_empty()).map(|_| settings.policy(None));
    let whole = (!judgement.faults.is_empty()).then_some(&settings.default_policy);
    calls.chain(text).chain(whole)
}
