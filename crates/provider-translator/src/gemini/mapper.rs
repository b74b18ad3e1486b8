//! What happens in an answer of Google's, as events of ours: one mapping for streams and whole answers.

use llm_layers_core::{Failure, Rng};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    FORMAT,
    citations::Sources,
    config::MOST_CHOICES,
    finish::Ending,
    native::{Candidate, CitationMetadata, Feedback, FunctionCall, Grounding, Logprobs, Part, Token, Usage},
    usage::Tally,
};
use crate::{
    compact::compact,
    ir::{Event, Finish, Native, Seal},
    names::Names,
};

#[derive(Debug)]
pub(super) struct Mapper {
    names: Names,
    /// Only the first call of a choice is told.
    single: bool,
    rng: Rng,
    choices: Vec<Choice>,
    usage: Tally,
    /// Why the prompt is not answered at all.
    blocked: Option<String>,
    native: Native,
}

#[derive(Debug, Default)]
struct Choice {
    calls: u32,
    spoke: bool,
    sources: Sources,
    ending: Option<Ending>,
    /// What is said of the ending.
    message: Option<String>,
    /// What OpenAI's shape has no room for.
    native: Native,
    is_grounded: bool,
}

impl Mapper {
    pub(super) fn new(names: Names, single: bool, rng: Rng) -> Self {
        let (choices, usage, native) = (Vec::new(), Tally::default(), Native::default());
        Self { names, single, rng, choices, usage, blocked: None, native }
    }

    /// Chance, where an id is not given.
    pub(super) fn id(&self) -> String {
        format!("{:016x}", self.rng.next_u64())
    }

    /// A candidate, or more of one.
    ///
    /// # Errors
    /// It ends in what is no answer.
    pub(super) fn candidate(
        &mut self,
        candidate: Candidate<'_>,
        provider: &str,
        out: &mut Vec<Event>,
    ) -> Result<(), Failure> {
        let index = candidate.index.unwrap_or_default();
        if index >= MOST_CHOICES {
            return Ok(());
        }
        while self.choices.len() <= index as usize {
            self.choices.push(Choice::default());
        }
        if let Some(tokens) = candidate.logprobs_result.map(logprobs).filter(|tokens| !tokens.is_empty()) {
            out.push(Event::Logprobs { choice: index, tokens });
        }
        for part in candidate.content.and_then(|content| content.parts).unwrap_or_default() {
            self.part(index, part, out);
        }
        let Some(choice) = self.choices.get_mut(index as usize) else { return Ok(()) };
        choice.learn(candidate.grounding_metadata, candidate.citation_metadata);
        choice.native.tell("safetyRatings", candidate.safety_ratings);
        choice.native.tell("urlContextMetadata", candidate.url_context_metadata);
        choice.native.tell("avgLogprobs", candidate.avg_logprobs);
        if let Some(message) = &candidate.finish_message {
            choice.native.tell_text("finishMessage", message);
        }
        if let Some(reason) = candidate.finish_reason {
            // What OpenAI's reasons do not tell apart.
            if !matches!(reason.as_str(), "STOP" | "MAX_TOKENS") {
                choice.native.tell_text("finishReason", &reason);
            }
            let ending = Ending::of(&reason);
            if let Some(failure) = ending.failure(&reason, provider) {
                return Err(failure);
            }
            choice.ending = Some(ending);
            choice.message = candidate.finish_message.or(choice.message.take());
        }
        Ok(())
    }

    fn part(&mut self, choice: u32, part: Part<'_>, out: &mut Vec<Event>) {
        let signature = part.thought_signature.filter(|signature| !signature.is_empty());
        if let Some(call) = part.function_call {
            return self.call(choice, call, signature, out);
        }
        let Some(state) = self.choices.get_mut(choice as usize) else { return };
        match part.text {
            // No signature vouches for the text of a thought, so that nobody needs to keep it.
            Some(text) if part.thought == Some(true) => {
                out.extend([Event::Reasoning { choice, text }, Event::Unsealed { choice }]);
            }
            Some(text) if !text.is_empty() => {
                state.spoke = true;
                state.sources.text(&text);
                out.push(Event::Text { choice, text });
            }
            _ => {}
        }
        // It may come with a text that is empty, and counts all the same.
        if let Some(signature) = signature {
            out.push(Event::Seal { choice, seal: Seal::Encrypted(signature), format: FORMAT });
        }
    }

    fn call(&mut self, choice: u32, call: FunctionCall<'_>, signature: Option<String>, out: &mut Vec<Event>) {
        let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{}", self.id()));
        let Some(state) = self.choices.get_mut(choice as usize) else { return };
        if self.single && state.calls > 0 {
            return;
        }
        let index = state.calls;
        state.calls += 1;
        state.spoke = true;
        let name = self.names.original(call.name.as_deref().unwrap_or_default()).to_owned();
        let wrap = self.names.wrap(&name);
        if let Some(signature) = signature {
            out.push(Event::ToolSignature { choice, signature });
        }
        out.push(Event::ToolStart { choice, index, id, name, kind: wrap.kind() });
        let args = call.args.map(|args| compact(args.get())).filter(|args| args != "null");
        let fragment = wrap.open(&args.unwrap_or_else(|| "{}".into()));
        out.push(Event::ToolInput { choice, index, fragment });
        out.push(Event::ToolEnd { choice, index });
    }

    /// What is said of the prompt.
    pub(super) fn feedback(&mut self, raw: &RawValue) {
        self.native.tell("promptFeedback", Some(raw));
        let Ok(feedback) = serde_json::from_str::<Feedback>(raw.get()) else { return };
        if let Some(reason) = feedback.block_reason {
            let said = feedback.block_reason_message.filter(|said| !said.is_empty());
            self.blocked = Some(said.unwrap_or_else(|| format!("The prompt was blocked: {reason}.")));
        }
    }

    pub(super) fn usage(&mut self, usage: Usage) {
        self.usage.overwrite(usage);
    }

    /// Whether there is any answer, be it that there will be none.
    pub(super) const fn is_begun(&self) -> bool {
        !self.choices.is_empty() || self.blocked.is_some()
    }

    /// Whether all that was begun was told the end of.
    pub(super) fn is_ending(&self) -> bool {
        self.is_begun() && self.choices.iter().all(|choice| choice.ending.is_some())
    }

    /// The answer is over.
    pub(super) fn finish(&mut self, out: &mut Vec<Event>) {
        let choices = std::mem::take(&mut self.choices);
        if let Some(text) = self.blocked.take().filter(|_| choices.is_empty()) {
            out.push(Event::Refusal { choice: 0, text });
            out.push(Event::Finish { choice: 0, reason: Finish::ContentFilter });
        }
        let mut candidates = Vec::new();
        for (choice, mut state) in (0_u32..).zip(choices) {
            if !state.native.is_empty() {
                state.native.put("index", choice.to_string());
                candidates.extend(state.native.object());
            }
            let ending = state.ending.unwrap_or(Ending::Finish(Finish::Natural));
            let reason = ending.finish(state.spoke);
            out.extend(state.sources.citations().into_iter().map(|citation| Event::Citation { choice, citation }));
            if let Some(text) = state.message.filter(|_| reason == Finish::ContentFilter) {
                out.push(Event::Refusal { choice, text });
            }
            out.push(Event::Finish { choice, reason });
        }
        if !candidates.is_empty() {
            // Numbers and JSON: writing them cannot fail.
            self.native.put("candidates", serde_json::to_string(&candidates).unwrap_or_default());
        }
        self.native.of_answer(out);
        out.extend(self.usage.total().map(Event::Usage));
        out.push(Event::Done);
    }
}

impl Choice {
    /// What it rests on. What a later piece of the answer says of that replaces what an earlier one said, unless only
    /// the earlier one says which text rests on what.
    fn learn(&mut self, grounding: Option<&RawValue>, cited: Option<&RawValue>) {
        let read = grounding.and_then(|raw| serde_json::from_str::<Grounding>(raw.get()).ok());
        let is_grounded = read.as_ref().is_some_and(|read| read.grounding_supports.is_some());
        if is_grounded || !self.is_grounded {
            self.native.tell("groundingMetadata", grounding);
        }
        self.is_grounded |= is_grounded;
        self.native.tell("citationMetadata", cited);
        let cited = cited.and_then(|raw| serde_json::from_str::<CitationMetadata>(raw.get()).ok());
        self.sources.learn(read, cited);
    }
}

/// The items of OpenAI's list.
fn logprobs(result: Logprobs) -> Vec<String> {
    #[derive(Serialize)]
    struct Said {
        token: String,
        logprob: f64,
        bytes: Vec<u8>,
    }
    #[derive(Serialize)]
    struct Item {
        #[serde(flatten)]
        said: Said,
        top_logprobs: Vec<Said>,
    }
    let said = |token: Token| {
        let text = token.token.unwrap_or_default();
        Said { bytes: text.clone().into_bytes(), token: text, logprob: token.log_probability.unwrap_or_default() }
    };
    let mut tops = result.top_candidates.unwrap_or_default().into_iter();
    let chosen = result.chosen_candidates.unwrap_or_default().into_iter();
    let items = chosen.map(|token| {
        let top = tops.next().and_then(|top| top.candidates).unwrap_or_default();
        Item { said: said(token), top_logprobs: top.into_iter().map(said).collect() }
    });
    // Strings and numbers: writing them cannot fail.
    items.map(|item| serde_json::to_string(&item).unwrap_or_default()).collect()
}
