//! Values put right by their schema: what the schema complains of is changed where one value alone can be meant.
//!
//! | file | holds |
//! | --- | --- |
//! | `unwrap` | arguments within a string, an array or a call of their own |
//! | `complete` | whether something may be missing in what the text's end has closed |
//! | `placed` | whether a member may belong elsewhere in what had a closer too many |
//! | `fit` | the complaints, one after the other, until there are none |
//! | `complaint` | what the schema complains of, and what it says of the types that a place takes |
//! | `scalar`, `members` | what is done about a value of the wrong type or spelling, and about members |
//! | `alternatives` | `anyOf` and `oneOf`: what makes one alternative alone fit |
//! | `outline` | what a schema declares |
//! | `tree` | the way around in a [`Node`] |

mod alternatives;
mod complaint;
mod complete;
mod fit;
mod members;
mod outline;
mod placed;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;
mod unwrap;

use serde::de::IgnoredAny;

use super::{Mended, Node, Repair, kind::note, syntax};
use crate::schemas::Schema;

pub(super) fn mend(text: &str, schema: &Schema, tool: Option<&str>) -> Option<Mended> {
    if tool.is_some() && is_nothing(text) {
        let is_meant = outline::declares_nothing(schema.document()) && schema.is_valid(&serde_json::json!({}));
        return is_meant.then(|| Mended { text: "{}".to_owned(), repairs: vec![Repair::Empty] });
    }
    let is_in_place = |node: &Node, repairs: &[Repair]| {
        !repairs.contains(&Repair::ExtraCloser) || placed::nothing_is_misplaced(schema.document(), node)
    };
    let reading = syntax::read(text)?;
    if let Some(value) = tree::value(&reading.node)
        && (value.is_object() || tool.is_none())
        && reading.unclosed.is_empty()
        && schema.is_valid(&value)
        && is_in_place(&reading.node, &reading.repairs)
    {
        // What is JSON already keeps every byte, white space included.
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        let text = if is_json { text.to_owned() } else { tree::text(&reading.node) };
        return Some(Mended { text, repairs: reading.repairs });
    }

    let mut unwrapped = unwrap::unwrap(reading, schema, tool)?;
    if !complete::nothing_is_lost(schema.document(), &unwrapped.node, &unwrapped.unclosed)
        || !is_in_place(&unwrapped.node, &unwrapped.repairs)
    {
        return None;
    }
    let fitted = fit::fit(schema, unwrapped.node)?;
    // What is missing may have been said in the words around.
    if unwrapped.repairs.contains(&Repair::Prose) && fitted.repairs.contains(&Repair::Default) {
        return None;
    }
    for repair in fitted.repairs {
        note(&mut unwrapped.repairs, repair);
    }
    Some(Mended { text: tree::text(&fitted.node), repairs: unwrapped.repairs })
}

/// Whether a text says nothing at all.
fn is_nothing(text: &str) -> bool {
    matches!(text.trim_start_matches('\u{feff}').trim(), "" | "null" | "\"\"")
}
