use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use ort::{
    session::{Session, SessionInputValue, builder::GraphOptimizationLevel},
    value::Tensor,
};

use super::{NerError, OnnxRuntime};

/// A token classifier.
pub(super) struct Model {
    /// It runs one text at a time, on all cores.
    session: Mutex<Session>,
    inputs: Vec<(String, Input)>,
    labels: usize,
}

/// What a model wants to be told of each token.
#[derive(Clone, Copy)]
enum Input {
    Id,
    /// That it is one, and no padding.
    Attention,
    /// That all belong to one text.
    Segment,
}

impl Model {
    /// The runtime is there to show that one is loaded: without, `ort` would panic.
    pub(super) fn open(_: &OnnxRuntime, file: &Path, labels: usize) -> Result<Self, NerError> {
        let session = open(file).map_err(failed)?;
        let input = |name: &str| match name {
            "input_ids" => Some(Input::Id),
            "attention_mask" => Some(Input::Attention),
            "token_type_ids" => Some(Input::Segment),
            _ => None,
        };
        let inputs = session.inputs().iter().map(|outlet| {
            let name = outlet.name();
            Some((name.to_owned(), input(name)?))
        });
        let inputs = inputs.collect::<Option<_>>().ok_or(NerError::Mismatch("it takes what is no token"))?;
        Ok(Self { session: Mutex::new(session), inputs, labels })
    }

    /// For each token, how likely each label is.
    pub(super) fn classify(&self, ids: &[u32]) -> Result<Vec<f32>, NerError> {
        let tensor = |input: Input| {
            let of = |id: &u32| match input {
                Input::Id => i64::from(*id),
                Input::Attention => 1,
                Input::Segment => 0,
            };
            Tensor::from_array(([1, ids.len()], ids.iter().map(of).collect::<Vec<i64>>()))
        };
        let mut inputs: Vec<(&str, SessionInputValue<'_>)> = Vec::new();
        for (name, input) in &self.inputs {
            inputs.push((name, tensor(*input).map_err(failed)?.into()));
        }
        // It holds no state that a panic could leave half done.
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(inputs).map_err(failed)?;
        let output = outputs.values().next().ok_or(NerError::Mismatch("it answers nothing"))?;
        let (_, logits) = output.try_extract_tensor::<f32>().map_err(failed)?;
        if logits.len() != ids.len() * self.labels {
            return Err(NerError::Mismatch("its labels are not those of its configuration"));
        }
        if !logits.iter().all(|logit| logit.is_finite()) {
            // Nothing would be found by it, and nobody would know.
            return Err(NerError::Mismatch("it answers what is no number"));
        }
        let mut scores = logits.to_vec();
        scores.chunks_exact_mut(self.labels.max(1)).for_each(softmax);
        Ok(scores)
    }
}

fn open(file: &Path) -> ort::Result<Session> {
    let mut builder = Session::builder()?
        .with_optimization_level(GraphOptimizationLevel::Level3)?
        // Threads that spin between calls would take the cores from the server.
        .with_intra_op_spinning(false)?;
    builder.commit_from_file(file)
}

fn failed<E: std::error::Error + Send + Sync + 'static>(error: E) -> NerError {
    NerError::Model(error.into())
}

fn softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_add_up_to_one() {
        let mut logits = [1000.0, 1000.0, -1000.0];
        softmax(&mut logits);
        assert_eq!(logits, [0.5, 0.5, 0.0]);
        softmax(&mut []);
    }
}
