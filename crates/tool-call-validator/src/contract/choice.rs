use std::collections::BTreeSet;

/// Which calls may be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    /// Any, or none.
    #[default]
    Auto,
    None,
    /// One at least, of any tool.
    Required,
    /// One at least, and of these only.
    Only(BTreeSet<Box<str>>),
    /// Of these only, or none.
    Among(BTreeSet<Box<str>>),
}

impl ToolChoice {
    /// Whether a tool of this name may be called.
    pub(crate) fn allows(&self, name: &str) -> bool {
        match self {
            Self::Auto | Self::Required => true,
            Self::None => false,
            Self::Only(names) | Self::Among(names) => names.contains(name),
        }
    }

    /// Whether there must be a call.
    pub(crate) const fn wants_a_call(&self) -> bool {
        matches!(self, Self::Required | Self::Only(_))
    }

    /// The tool that must be called, where there is but one.
    pub(crate) fn only(&self) -> Option<&str> {
        match self {
            Self::Only(names) if names.len() == 1 => names.first().map(|name| &**name),
            _ => None,
        }
    }

    /// The same, where the provider runs tools, too: what must be called may be one of those, and no client sees that.
    /// `is_clients` knows the tools that the client runs.
    pub(super) fn beside_hosted_tools(self, is_clients: impl Fn(&str) -> bool) -> Self {
        match self {
            Self::Required => Self::Auto,
            Self::Only(names) if !names.iter().all(|name| is_clients(name)) => Self::Among(names),
            other => other,
        }
    }
}
