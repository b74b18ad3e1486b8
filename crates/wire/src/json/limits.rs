/// What to do with a member that is named twice in one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// Refuse the text. RFC 7493 (I-JSON) forbids duplicates, and two parsers may disagree on which counts.
    #[default]
    Refuse,
    /// Keep the text as it is; reads see the last one, as `serde_json`, Python and JavaScript do.
    LastWins,
}

/// Bounds on the JSON text that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the whole text. Default 16 MiB; never more than 4 GiB.
    pub max_bytes: usize,
    /// Nested objects and arrays, the outermost included. Default 127, the most that `serde_json` reads.
    pub max_depth: u8,
    /// Members of the outermost object, or items of the outermost array. Default 65 536.
    pub max_members: usize,
    /// What a repeated member means. Looked at in the outermost object only.
    pub duplicates: Duplicates,
}

impl Limits {
    /// The defaults, for text that a client sent.
    pub const DEFAULT: Self =
        Self { max_bytes: 16 << 20, max_depth: 127, max_members: 1 << 16, duplicates: Duplicates::Refuse };

    /// The defaults, with the last of repeated members taken: for text that a provider sent.
    pub const LENIENT: Self = Self { duplicates: Duplicates::LastWins, ..Self::DEFAULT };

    /// Sets the largest text that is accepted, in bytes.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets how deep objects and arrays may nest. Values over 127 are taken as 127.
    #[must_use]
    pub const fn with_max_depth(mut self, depth: u8) -> Self {
        self.max_depth = depth;
        self
    }

    /// Sets how many members the outermost object may have.
    #[must_use]
    pub const fn with_max_members(mut self, members: usize) -> Self {
        self.max_members = members;
        self
    }

    /// Sets what a repeated member means.
    #[must_use]
    pub const fn with_duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
