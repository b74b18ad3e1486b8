use std::pin::Pin;

use llm_layers_core::BoxError;
use llm_layers_pii::{Finding, Text};

/// What a [`DetectAsync`] is busy with: the findings of each text, in the order of the texts.
pub type Detecting<'a> = Pin<Box<dyn Future<Output = Result<Vec<Vec<Finding>>, BoxError>> + Send + 'a>>;

/// Finds something in texts, and takes its time: a service that is asked over the network, or a model.
///
/// [`External`](crate::External) is what holds it to an answer in time that makes sense. Closures of the same arguments
/// do, too. They see borrowed texts, and take what they need into the future:
///
/// ```
/// use llm_layers_core::BoxError;
/// use llm_layers_pii_redaction::{DetectAsync, Entity, Finding, Text};
///
/// fn customers() -> impl DetectAsync {
///     |texts: &[Text<'_>]| {
///         let texts: Vec<String> = texts.iter().map(|text| text.text.to_owned()).collect();
///         async move {
///             // Here a directory would be asked.
///             let found = |text: &String| {
///                 let at = text.find("Bluebird Ltd")?;
///                 Some(Finding { entity: Entity::new("customer"), range: at..at + 12, score: 1.0 })
///             };
///             Ok::<_, BoxError>(texts.iter().map(|text| found(text).into_iter().collect()).collect())
///         }
///     }
/// }
/// # let _ = customers();
/// ```
pub trait DetectAsync: Send + Sync {
    /// What there is in each of these texts. Ranges are in bytes, at character boundaries, and may overlap.
    fn detect<'a>(&'a self, texts: &'a [Text<'a>]) -> Detecting<'a>;

    /// So many bytes of text are handed over at a time, at least 1,024. What is longer comes in pieces that overlap.
    fn batch_bytes(&self) -> usize {
        64 << 10
    }
}

impl<F, R> DetectAsync for F
where
    F: Fn(&[Text<'_>]) -> R + Send + Sync,
    R: Future<Output = Result<Vec<Vec<Finding>>, BoxError>> + Send + 'static,
{
    fn detect<'a>(&'a self, texts: &'a [Text<'a>]) -> Detecting<'a> {
        Box::pin(self(texts))
    }
}
