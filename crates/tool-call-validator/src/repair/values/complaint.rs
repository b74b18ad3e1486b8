use jsonschema::{
    JsonType, JsonTypeSet, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

/// What a schema complains of, and where.
#[derive(Debug)]
pub(super) struct Complaint {
    /// A JSON pointer into the value.
    pub(super) path: String,
    /// A JSON pointer into the schema, to the keyword.
    pub(super) schema_path: String,
    pub(super) kind: Kind,
}

impl From<ValidationError<'_>> for Complaint {
    fn from(error: ValidationError<'_>) -> Self {
        let parts = error.into_parts();
        Self { path: parts.instance_path.to_string(), schema_path: parts.schema_path.to_string(), kind: parts.kind }
    }
}

impl Complaint {
    /// Whether it is of these alternatives (or of their now being too many).
    pub(super) fn is_about(&self, path: &str, schema_path: &str) -> bool {
        self.path == path && self.schema_path == schema_path
    }
}

/// The complaints of each alternative, if it is a complaint that none fits.
pub(super) fn branches(kind: &Kind) -> Option<&[Vec<ValidationError<'static>>]> {
    match kind {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => Some(context),
        _ => None,
    }
}

/// As [`branches`], to be worked on.
pub(super) fn into_branches(kind: Kind) -> impl Iterator<Item = Vec<Complaint>> {
    let branches = match kind {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => context,
        _ => Vec::new(),
    };
    branches.into_iter().map(|branch| branch.into_iter().map(Complaint::from).collect())
}

/// The types that a complaint of types asks for.
pub(super) fn types(kind: &TypeKind) -> JsonTypeSet {
    match kind {
        TypeKind::Single(single) => JsonTypeSet::from(*single),
        TypeKind::Multiple(several) => *several,
    }
}

/// The values that are listed, if it is a complaint of a list.
pub(super) fn listed(kind: &Kind) -> Option<&[Value]> {
    match kind {
        Kind::Enum { options } => options.as_array().map(Vec::as_slice),
        Kind::Constant { expected_value } => Some(std::slice::from_ref(&**expected_value)),
        _ => None,
    }
}

/// Whether the place that is complained of takes strings of some kind.
fn takes_strings(kind: &Kind, path: &str) -> bool {
    match kind {
        Kind::Type { kind } => types(kind).contains(JsonType::String),
        Kind::Enum { .. } | Kind::Constant { .. } => {
            listed(kind).is_some_and(|listed| listed.iter().any(Value::is_string))
        }
        _ => branches(kind).is_none_or(|branches| any_takes_strings(branches, path)),
    }
}

/// Whether one of these alternatives takes strings.
pub(super) fn any_takes_strings(branches: &[Vec<ValidationError<'static>>], path: &str) -> bool {
    branches.iter().any(|branch| at(branch, path).all(|kind| takes_strings(kind, path)))
}

/// Whether the place that is complained of takes nothing but strings, and perhaps `null`.
pub(super) fn takes_only_strings(kind: &Kind, path: &str) -> bool {
    let is_text = |value: &Value| value.is_string() || value.is_null();
    match kind {
        Kind::Type { kind } => types(kind).iter().all(|kind| matches!(kind, JsonType::String | JsonType::Null)),
        Kind::Enum { .. } | Kind::Constant { .. } => listed(kind).is_some_and(|listed| listed.iter().all(is_text)),
        _ => branches(kind).is_some_and(|branches| all_take_only_strings(branches, path)),
    }
}

/// Whether none of these alternatives takes anything but strings, and perhaps `null`.
pub(super) fn all_take_only_strings(branches: &[Vec<ValidationError<'static>>], path: &str) -> bool {
    branches.iter().all(|branch| at(branch, path).any(|kind| takes_only_strings(kind, path)))
}

/// Whether one of these alternatives takes single values, `null` apart.
pub(super) fn any_takes_single_values(branches: &[Vec<ValidationError<'static>>], path: &str) -> bool {
    let is_single = |kind: &Kind| match kind {
        Kind::Type { kind } => {
            types(kind).iter().any(|kind| !matches!(kind, JsonType::Array | JsonType::Object | JsonType::Null))
        }
        _ => listed(kind).is_some_and(|listed| {
            listed.iter().any(|value| !value.is_array() && !value.is_object() && !value.is_null())
        }),
    };
    branches.iter().any(|branch| at(branch, path).any(is_single))
}

/// Whether a value of a type or of a list is in the way of an alternative, which no member more or less would change.
pub(super) fn is_contradicted(branch: &[ValidationError<'static>], path: &str) -> bool {
    branch.iter().any(|error| match error.kind() {
        Kind::Type { .. } => error.instance_path().as_str() == path,
        kind => listed(kind).is_some(),
    })
}

/// How many of these alternatives take a value of this type at all.
pub(super) fn open_branches(branches: &[Vec<ValidationError<'static>>], path: &str) -> usize {
    branches.iter().filter(|branch| !at(branch, path).any(|kind| matches!(kind, Kind::Type { .. }))).count()
}

/// The complaints of one place.
fn at<'c>(branch: &'c [ValidationError<'static>], path: &str) -> impl Iterator<Item = &'c Kind> {
    branch.iter().filter(move |error| error.instance_path().as_str() == path).map(ValidationError::kind)
}
