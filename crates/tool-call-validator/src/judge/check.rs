//! Arguments against their schema.

use llm_layers_core::cut;

use super::value;
use crate::{
    Fault, Reason, Repair, SchemaError, Schemas,
    repair::{self, Mended},
    schemas::{Mismatch, Schema},
};

/// Names of members are as long as a model makes them.
const LONGEST_PATH: usize = 512;

/// What was found of the arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checked {
    /// They are right as they are.
    Valid,
    /// There is one reading, and it is right.
    Repaired {
        /// The arguments, put right.
        arguments: String,
        /// What was done.
        repairs: Vec<Repair>,
    },
    /// They are wrong, and cannot be mended without a guess.
    Invalid(Vec<Fault>),
}

impl Schemas {
    /// Checks the arguments of a call against the schema of its tool: what the layer does, for whoever has calls from
    /// elsewhere.
    ///
    /// The arguments must be whole: what a limit has cut off must not be repaired.
    ///
    /// ```
    /// use llm_layers_tool_call_validator::{Checked, Schemas};
    ///
    /// let schemas = Schemas::default();
    /// let schema = br#"{"type":"object","properties":{"days":{"type":"integer"}},"required":["days"]}"#;
    /// assert_eq!(schemas.check_arguments(schema, r#"{"days":3}"#, true)?, Checked::Valid);
    /// let Checked::Invalid(faults) = schemas.check_arguments(schema, r#"{"days":true}"#, true)? else { panic!() };
    /// assert_eq!(faults[0].path, "/days");
    /// # Ok::<(), llm_layers_tool_call_validator::SchemaError>(())
    /// ```
    ///
    /// # Errors
    /// The schema cannot be used.
    pub fn check_arguments(&self, schema: &[u8], arguments: &str, repair: bool) -> Result<Checked, SchemaError> {
        let schema = self.get(schema)?;
        let check = Check { schema: &schema, wants_object: true, tool: Some(""), repair };
        Ok(match check.run(arguments) {
            Ok(None) => Checked::Valid,
            Ok(Some(Mended { text, repairs })) => Checked::Repaired { arguments: text, repairs },
            Err(mismatches) => Checked::Invalid(faults(0, None, mismatches)),
        })
    }
}

/// One check of a text.
#[derive(Clone, Copy)]
pub(super) struct Check<'a> {
    pub(super) schema: &'a Schema,
    /// Whether it must be an object, whatever the schema says: arguments always are.
    pub(super) wants_object: bool,
    pub(super) tool: Option<&'a str>,
    pub(super) repair: bool,
}

impl Check<'_> {
    /// `None` if the text is right, or what it becomes.
    pub(super) fn run(self, text: &str) -> Result<Option<Mended>, Vec<Mismatch>> {
        let Err(mismatches) = self.as_it_is(text) else { return Ok(None) };
        let mended = if self.repair { repair::mend(text, self.schema, self.tool) } else { None };
        match mended {
            // Whoever mends has the last word on the schema, but knows nothing of calls.
            Some(mended) if self.as_it_is(&mended.text).is_ok() => Ok(Some(mended)),
            _ => Err(mismatches),
        }
    }

    fn as_it_is(self, text: &str) -> Result<(), Vec<Mismatch>> {
        let one = |reason, message| vec![Mismatch { reason, path: String::new(), message }];
        let value = value::read(text).map_err(|error| one(Reason::NotJson, error.to_string()))?;
        if self.wants_object && !value.is_object() {
            return Err(one(Reason::NotAnObject, "must be an object".into()));
        }
        if self.schema.is_valid(&value) { Ok(()) } else { Err(self.schema.mismatches(&value)) }
    }
}

pub(super) fn faults(choice: usize, tool: Option<&str>, mismatches: Vec<Mismatch>) -> Vec<Fault> {
    let fault = |Mismatch { reason, path, message }: Mismatch| Fault {
        path: cut(&path, LONGEST_PATH).into(),
        ..Fault::whole(choice, tool, reason, &message)
    };
    mismatches.into_iter().map(fault).collect()
}
