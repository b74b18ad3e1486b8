use std::{error::Error, fmt};

/// What a scripted body fails with.
///
/// It carries a text so that a test can tell *this* failure from any other, and see that a layer passed
/// it on and did not replace it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestError {
    message: String,
}

impl TestError {
    /// An error that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// Whether `error`, or one of its sources, is this very error.
    ///
    /// Layers box errors and some wrap them; both keep what failed, which is all that is asked of them.
    pub fn is_cause_of(&self, error: &(dyn Error + 'static)) -> bool {
        let mut next = Some(error);
        while let Some(error) = next {
            if error.downcast_ref::<Self>() == Some(self) {
                return true;
            }
            next = error.source();
        }
        false
    }
}

impl fmt::Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for TestError {}
