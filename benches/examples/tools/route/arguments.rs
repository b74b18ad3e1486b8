use llm_layers_tool_call_validator::{Checked, Schemas};

use crate::case::{Case, Outcome, Said};

pub(super) fn run(schemas: &Schemas, case: &Case<'_>) -> Outcome {
    let said = &case.said[0];
    match schemas.check_arguments(case.tool.schema.as_bytes(), &said.arguments, true) {
        Ok(Checked::Valid) => Outcome::Came(vec![said.clone()]),
        Ok(Checked::Repaired { arguments, .. }) => Outcome::Came(vec![Said { arguments, ..said.clone() }]),
        Ok(Checked::Invalid(faults)) if !faults.is_empty() => Outcome::Refused(Vec::new()),
        Ok(other) => Outcome::Broken(format!("{other:?}")),
        Err(error) => Outcome::Broken(error.to_string()),
    }
}
