//! Documents: their names, and the text that has to stand beside them.

use serde_json::Value;

use super::error::validation;
use crate::reply::Reply;

pub(super) fn check(messages: &[Value]) -> Result<(), Reply> {
    let mut names: Vec<&str> = Vec::new();
    for message in messages {
        let blocks = message["content"].as_array().map_or(&[][..], Vec::as_slice);
        let mut documents = blocks.iter().filter_map(|block| block.get("document")).peekable();
        if documents.peek().is_some() && !blocks.iter().any(|block| block.get("text").is_some()) {
            return Err(validation(
                "A text block must be included in a message that has document blocks. Add a text block and try again.",
            ));
        }
        for document in documents {
            let name = document["name"].as_str().unwrap_or_default();
            if !is_name(name) {
                return Err(validation(
                    "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, \
                     parentheses, and square brackets. The name can't contain more than one consecutive whitespace \
                     character.",
                ));
            }
            if names.contains(&name) {
                return Err(validation("The document file names must be unique in the conversation."));
            }
            names.push(name);
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "-()[]".contains(c);
    let mut before = 'x';
    let doubled = name.chars().any(|c| {
        let doubled = c.is_ascii_whitespace() && before.is_ascii_whitespace();
        before = c;
        doubled
    });
    name.chars().all(legal) && !doubled
}
