use crate::Finding;

/// A text, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// The text.
    pub text: &'a str,
    /// The name of the JSON member whose value it is, which may say what it holds (`ssn`, `first_name`); empty where it
    /// has none.
    pub member: &'a str,
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, member: "" }
    }
}

impl<'a> From<&'a String> for Text<'a> {
    fn from(text: &'a String) -> Self {
        Self::from(text.as_str())
    }
}

/// Finds something in a text.
///
/// [`Detectors`](crate::Detectors) is one; a list of customers' numbers, or a model that runs in the process, may be
/// others.
pub trait Detect: Send + Sync {
    /// Appends what there is in the text. Ranges are in bytes and may overlap; whoever merges them takes the surest.
    fn detect(&self, text: &Text<'_>, found: &mut Vec<Finding>);
}

impl<F> Detect for F
where
    F: Fn(&Text<'_>, &mut Vec<Finding>) + Send + Sync,
{
    fn detect(&self, text: &Text<'_>, found: &mut Vec<Finding>) {
        self(text, found);
    }
}
