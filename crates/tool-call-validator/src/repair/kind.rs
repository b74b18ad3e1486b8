/// What was mended. Each is lossless: the call is what the model meant, spelled right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Repair {
    /// Taken out of a Markdown fence.
    Fence,
    /// Words around the one object taken away.
    Prose,
    /// The same object twice.
    Repeated,
    /// A comma too many.
    TrailingComma,
    /// Strings in single quotes.
    SingleQuotes,
    /// Names of members without quotes.
    UnquotedKey,
    /// Comments.
    Comment,
    /// `True`, `False` or `None`.
    PythonLiteral,
    /// A line break or another control character within a string.
    RawControl,
    /// A bracket was missing.
    MissingCloser,
    /// A bracket too many.
    ExtraCloser,
    /// JSON that was a string of JSON.
    DoubleEncoded,
    /// An array of one object.
    ArrayWrapped,
    /// Nothing where an empty object was meant.
    Empty,
    /// The call's name and arguments within its arguments.
    Envelope,
    /// A string that is a number, a boolean, an array or an object.
    StringToValue,
    /// A number or boolean that is a string.
    ValueToString,
    /// A listed value in other case, or with white space around it.
    EnumSpelling,
    /// A member that is listed in other case or with other separators.
    MemberSpelling,
    /// A missing member for which the schema has a default.
    Default,
    /// A member that the schema does not know.
    UnknownMember,
    /// The tool's name in other case or with other separators.
    ToolName,
    /// A missing or repeated id.
    Id,
    /// A call that the model has written into its text.
    WrittenCall,
    /// Told such that clients would have read another call: indexes missing or taken, names repeated, arguments that are no
    /// string where one belongs.
    Shape,
}

impl Repair {
    /// As metrics and logs spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fence => "fence",
            Self::Prose => "prose",
            Self::Repeated => "repeated",
            Self::TrailingComma => "trailing_comma",
            Self::SingleQuotes => "single_quotes",
            Self::UnquotedKey => "unquoted_key",
            Self::Comment => "comment",
            Self::PythonLiteral => "python_literal",
            Self::RawControl => "raw_control",
            Self::MissingCloser => "missing_closer",
            Self::ExtraCloser => "extra_closer",
            Self::DoubleEncoded => "double_encoded",
            Self::ArrayWrapped => "array_wrapped",
            Self::Empty => "empty",
            Self::Envelope => "envelope",
            Self::StringToValue => "string_to_value",
            Self::ValueToString => "value_to_string",
            Self::EnumSpelling => "enum_spelling",
            Self::MemberSpelling => "member_spelling",
            Self::Default => "default",
            Self::UnknownMember => "unknown_member",
            Self::ToolName => "tool_name",
            Self::Id => "id",
            Self::WrittenCall => "written_call",
            Self::Shape => "shape",
        }
    }
}

/// Each kind of repair is told once.
pub(super) fn note(repairs: &mut Vec<Repair>, repair: Repair) {
    if !repairs.contains(&repair) {
        repairs.push(repair);
    }
}
