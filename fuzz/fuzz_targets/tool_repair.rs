//! Whatever a model says for arguments: what is right stays as it is, and what is mended is JSON that is right.

#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_layers_tool_call_validator::{Checked, Schemas};
use serde_json::{Map, Value};

const SCHEMAS: [&str; 4] = [
    r#"{"type":"object"}"#,
    r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"],"additionalProperties":false}"#,
    r#"{"type":"object","properties":{"unit":{"enum":["c","f"]},"deep":{"type":"object","properties":{"list":{"type":"array","items":{"type":"number"},"maxItems":3},"on":{"type":"boolean","default":true}},"required":["on"]}}}"#,
    r##"{"type":"object","properties":{"node":{"$ref":"#/$defs/node"}},"$defs":{"node":{"anyOf":[{"type":"null"},{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"additionalProperties":false}]}}}"##,
];

fuzz_target!(|input: (u8, String, Vec<(u16, Option<char>)>)| {
    thread_local! {
        static COMPILED: Schemas = Schemas::default();
    }
    let (which, mut text, edits) = input;
    let schema = SCHEMAS[usize::from(which) % SCHEMAS.len()].as_bytes();
    // What is nearly JSON is hit by editing it.
    for (at, edit) in edits {
        let places: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
        let Some(place) = places.get(usize::from(at) % places.len().max(1)) else { break };
        match edit {
            Some(new) => text.insert(*place, new),
            None => _ = text.remove(*place),
        }
    }
    COMPILED.with(|schemas| {
        let check = |text: &str, repair| schemas.check_arguments(schema, text, repair).expect("a schema");
        let strictly = check(&text, false);
        assert!(!matches!(strictly, Checked::Repaired { .. }));
        match check(&text, true) {
            Checked::Valid => {
                assert_eq!(strictly, Checked::Valid);
                serde_json::from_str::<Map<String, Value>>(&text).expect("an object");
            }
            Checked::Repaired { arguments, repairs } => {
                assert_ne!(strictly, Checked::Valid, "what is right was changed");
                assert!(!repairs.is_empty());
                serde_json::from_str::<Map<String, Value>>(&arguments).expect("an object");
                assert_eq!(check(&arguments, true), Checked::Valid);
            }
            Checked::Invalid(faults) => assert!(!faults.is_empty() && strictly != Checked::Valid),
            other => panic!("{other:?}"),
        }
    });
});
