use std::fmt::Write as _;

/// JSON as a model has spelled it: what was right keeps its spelling.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// `null`, `true`, `false` or a number, as spelled, or a string with its quotes: valid JSON.
    Scalar(String),
    Array(Vec<Node>),
    /// Names with their quotes: valid JSON strings. In their order; the reader refuses namesakes.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// As JSON without white space.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    let _ = write!(out, "{comma}{name}:");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}
