use std::sync::Arc;

use http::{Extensions, Response, response};
use llm_layers_core::{Approval, Body, Caller, Deployment, Failure};

use crate::{
    Report,
    contract::Contract,
    layer::Settings,
    observe::{self, Reasked},
    report::Outcome,
};

/// What is known of a call while its answer comes.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) settings: Arc<Settings>,
    pub(crate) contract: Arc<Contract>,
    caller: Option<Caller>,
    deployment: Option<Deployment>,
    /// What a cache below waits for.
    approval: Approval,
    /// How often the model has been asked again, and has answered.
    pub(crate) reasks: u32,
}

impl Watch {
    pub(super) fn new(settings: Arc<Settings>, contract: Arc<Contract>, extensions: &mut Extensions) -> Self {
        let (caller, deployment) = (extensions.get().cloned(), extensions.get().cloned());
        // Several who judge share it.
        let approval = extensions.get_or_insert_default::<Approval>().clone();
        Self { settings, contract, caller, deployment, approval, reasks: 0 }
    }

    /// There is nothing to judge in the answer.
    pub(super) fn approve(&self) {
        self.approval.give();
    }

    /// The answer is not worth to be kept, whatever becomes of it.
    pub(crate) fn disapprove(&self) {
        self.approval.refuse();
    }

    /// Takes note of who has answered, where the answer says so.
    pub(crate) fn answered_by(&mut self, answer: &Extensions) {
        if let Some(deployment) = answer.get::<Deployment>() {
            self.deployment = Some(deployment.clone());
        }
    }

    /// The answer that the model was last asked for has been judged. Nothing is told of the first one, for which the client
    /// has asked.
    pub(crate) fn judged(&self, is_right: bool) {
        if !is_right {
            self.approval.refuse();
        }
        if self.reasks > 0 {
            observe::reasked(self.deployment.as_ref(), if is_right { Reasked::Right } else { Reasked::Wrong });
        }
    }

    /// The model was to be asked again, and there is no other answer.
    pub(crate) fn not_answered(&self) {
        observe::reasked(self.deployment.as_ref(), Reasked::Failed);
    }

    /// Tells everybody who listens what the answer was like, if there was anything to judge.
    pub(crate) fn tell(&self, outcome: Outcome) -> Option<Report> {
        // What has to be mended each time anew is not worth to be kept.
        if outcome.faults.is_empty() && outcome.invalid == 0 && outcome.repaired.is_empty() {
            self.approval.give();
        } else {
            self.approval.refuse();
        }
        if outcome.calls == 0 && outcome.faults.is_empty() && self.reasks == 0 {
            return None;
        }
        let mut report = Report::new(self.contract.operation, outcome, self.reasks);
        (report.caller, report.deployment) = (self.caller.clone(), self.deployment.clone());
        self.settings.tell(&report);
        Some(report)
    }
}

/// A failure in the place of an answer, of which stays what layers have told each other: who gave it, and its cost.
pub(super) fn refused(failure: Failure, answer: response::Parts) -> Response<Body> {
    let mut response = failure.into_response();
    let told = std::mem::replace(response.extensions_mut(), answer.extensions);
    response.extensions_mut().extend(told);
    response
}
