use crate::{Plan, Step, headers::Told};

use super::Verdict;

/// The order in which the deployments of a plan are asked.
pub(crate) struct Order<'a> {
    plan: &'a Plan,
    /// The list that is gone through, and the place in it.
    list: &'a [Step],
    place: usize,
    asked: Vec<Step>,
    /// The lists beside the plan that were gone to.
    lists: Vec<&'a [Step]>,
    /// How many there were to choose from so far.
    of: usize,
    /// Why the last one was left.
    after: Option<&'static str>,
    complexity: Option<f32>,
}

impl<'a> Order<'a> {
    pub(crate) fn new(plan: &'a Plan, complexity: Option<f32>) -> Self {
        let (list, of) = (plan.steps(), plan.steps().len());
        Self { plan, list, place: 0, asked: Vec::with_capacity(1), lists: Vec::new(), of, after: None, complexity }
    }

    /// The next one to be asked.
    pub(crate) fn next(&mut self) -> Option<Step> {
        let (place, step) = self.peek()?;
        self.place = place + 1;
        self.asked.push(step);
        Some(step)
    }

    /// Whether there may be a next one, whatever becomes of the one that is being asked.
    pub(crate) fn may_go_on(&self) -> bool {
        let elsewhere = |list: &[Step]| list.iter().any(|step| !self.was_asked(*step));
        !self.is_spent()
            && (self.peek().is_some()
                || elsewhere(self.plan.on_context_overflow())
                || elsewhere(self.plan.on_content_refusal()))
    }

    fn peek(&self) -> Option<(usize, Step)> {
        if self.is_spent() {
            return None;
        }
        let mut rest = self.list.iter().copied().enumerate().skip(self.place);
        if let Some(next) = rest.find(|(_, step)| !self.was_asked(*step)) {
            return Some(next);
        }
        // Only so many attempts may be made, and so this comes to its end.
        let again = self.plan.repeats() && self.plan.max_attempts().is_some();
        let mut again = self.list.iter().copied().enumerate().filter(|_| again);
        again.clone().nth(self.asked.len() % self.list.len().max(1)).or_else(|| again.next())
    }

    fn was_asked(&self, step: Step) -> bool {
        self.asked.iter().any(|asked| self.is_same(*asked, step))
    }

    fn is_same(&self, one: Step, other: Step) -> bool {
        self.plan.deployment(one) == self.plan.deployment(other)
    }

    fn is_spent(&self) -> bool {
        self.plan.max_attempts().is_some_and(|most| self.asked.len() >= most as usize)
    }

    /// Goes where a verdict leads. Says whether it is the last word.
    pub(crate) fn judge(&mut self, verdict: Verdict) -> bool {
        let list = match verdict {
            Verdict::Answer => return true,
            Verdict::Refused if self.plan.on_content_refusal().is_empty() => return true,
            Verdict::Refused => self.plan.on_content_refusal(),
            Verdict::TooLong(_) if !self.plan.on_context_overflow().is_empty() => self.plan.on_context_overflow(),
            _ => self.list,
        };
        if !std::ptr::eq(list, self.list) {
            (self.list, self.place) = (list, 0);
            let known = || self.lists.iter().copied().chain([self.plan.steps()]).flatten();
            let is_new = |step: &&Step| !known().any(|known| self.is_same(*known, **step));
            self.of += list.iter().filter(is_new).count();
            self.lists.push(list);
        }
        self.after = Some(verdict.as_str());
        false
    }

    /// How many have been asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.len()
    }

    /// How the one that was asked last was chosen.
    pub(crate) fn route(&self, step: Step) -> Told<'a> {
        Told {
            policy: self.plan.policy(),
            rank: self.asked.len(),
            of: self.of,
            why: step.why.as_str(),
            after: self.after,
            complexity: self.complexity,
        }
    }
}
