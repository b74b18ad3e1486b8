use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use llm_layers_core::{Caller, Deployment};

/// Longer keys are counted by their digest: whoever can choose his key must not choose our memory, too.
const LONGEST: usize = 64;

/// Whose limits these are. Cloning costs a reference count.
#[derive(Clone)]
pub(crate) enum Key {
    /// Everybody together, or those who have no name.
    All,
    Caller(Caller),
    Deployment(Deployment),
    Text(Arc<str>),
}

impl Key {
    pub(crate) fn caller(caller: &Caller) -> Self {
        if caller.name().len() > LONGEST { Self::text(caller.name()) } else { Self::Caller(caller.clone()) }
    }

    pub(crate) fn deployment(deployment: &Deployment) -> Self {
        if deployment.name().len() > LONGEST {
            Self::text(deployment.name())
        } else {
            Self::Deployment(deployment.clone())
        }
    }

    pub(crate) fn text(text: &str) -> Self {
        if text.len() > LONGEST { Self::Text(digest(text).into()) } else { Self::Text(text.into()) }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::All => "",
            Self::Caller(caller) => caller.name(),
            Self::Deployment(deployment) => deployment.name(),
            Self::Text(text) => text,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// What a key is called where others can read it.
pub(crate) fn digest(text: &str) -> String {
    llm_layers_core::digest([text], 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_their_text_and_long_ones_their_digest() {
        let deployment = Deployment::new("a", "p", "m");
        assert!(Key::text("a") == Key::caller(&Caller::new("a")) && Key::text("a") == Key::deployment(&deployment));
        let long = "a".repeat(1 << 20);
        assert_eq!(Key::text(&long).as_str().len(), 32);
        assert!(Key::text(&long) == Key::caller(&Caller::new(&*long)));
        assert!(Key::text(&long) != Key::text(&long[1..]));
    }
}
