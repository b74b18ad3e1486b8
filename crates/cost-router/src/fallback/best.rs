use http::{HeaderValue, Response};
use llm_layers_core::{Attempts, Body, Rejection};

/// The most telling answer so far: a provider's before a layer's refusal, both before an `Err`; of its like the last.
pub(crate) struct Best<E> {
    answer: Option<Result<Response<Body>, E>>,
    /// How many requests the answers before it have taken, where layers below have counted them.
    attempts: Option<u32>,
}

impl<E> Default for Best<E> {
    fn default() -> Self {
        Self { answer: None, attempts: None }
    }
}

impl<E> Best<E> {
    /// One that did not do.
    pub(crate) fn keep(&mut self, answer: Result<Response<Body>, E>) {
        self.count(&answer);
        if self.answer.as_ref().is_none_or(|kept| telling(&answer) >= telling(kept)) {
            self.answer = Some(answer);
        }
    }

    /// The one that does.
    pub(crate) fn take(&mut self, answer: Result<Response<Body>, E>) {
        self.count(&answer);
        self.answer = Some(answer);
    }

    fn count(&mut self, answer: &Result<Response<Body>, E>) {
        let made = answer.as_ref().ok().and_then(|response| response.extensions().get::<Attempts>());
        if let Some(Attempts(made)) = made {
            self.attempts = Some(self.attempts.unwrap_or_default().saturating_add(*made));
        }
    }

    /// The answer, with the attempts of all deployments where layers below have counted theirs.
    pub(crate) fn answer(mut self, asked: usize) -> Option<Result<Response<Body>, E>> {
        if let (Some(attempts), Some(Ok(response))) = (self.attempts, &mut self.answer)
            && asked > 1
        {
            response.headers_mut().insert("x-llm-attempts", HeaderValue::from(attempts));
            response.extensions_mut().insert(Attempts(attempts));
        }
        self.answer
    }
}

fn telling<E>(answer: &Result<Response<Body>, E>) -> u8 {
    match answer {
        Err(_) => 0,
        Ok(response) if response.extensions().get::<Rejection>().is_some() => 1,
        Ok(_) => 2,
    }
}
