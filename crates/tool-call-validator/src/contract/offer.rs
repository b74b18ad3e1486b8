use std::{collections::HashMap, fmt::Arguments};

use llm_layers_core::Failure;
use serde_json::value::RawValue;

use super::{ANY_OBJECT, Reader, Text, Tool};
use crate::errors;

/// The tools of a request, as they are read one after the other.
#[derive(Debug)]
pub(super) struct Offer<'a> {
    reader: &'a Reader<'a>,
    pub(super) tools: HashMap<Box<str>, Tool>,
    /// Whether there are tools that the provider runs.
    pub(super) has_hosted: bool,
    /// Whether there are tools that the client runs, and that are not known here.
    pub(super) is_open: bool,
}

impl<'a> Offer<'a> {
    pub(super) fn new(reader: &'a Reader<'a>) -> Self {
        Self { reader, tools: HashMap::new(), has_hosted: false, is_open: false }
    }

    /// A tool that takes an object: of this schema, or any. `param` is where the schema stands in the request.
    pub(super) fn function(
        &mut self,
        name: &str,
        schema: Option<&RawValue>,
        is_strict: bool,
        param: Arguments<'_>,
    ) -> Result<(), Box<Failure>> {
        // Strict mode wants a schema that says something: without one there is nothing to be strict about.
        let (text, is_strict) = schema.map_or((ANY_OBJECT, false), |schema| (schema.get().as_bytes(), is_strict));
        let schema = self
            .reader
            .schema(text, is_strict)
            .map_err(|error| errors::invalid_parameters(name, &error, &param.to_string()))?;
        self.put(name, Tool { schema: Some(schema) }, param)
    }

    /// A tool that takes free text.
    pub(super) fn text(&mut self, name: &str, param: Arguments<'_>) -> Result<(), Box<Failure>> {
        self.put(name, Tool { schema: None }, param)
    }

    fn put(&mut self, name: &str, tool: Tool, param: Arguments<'_>) -> Result<(), Box<Failure>> {
        let is_same = |other: &Tool| match (&other.schema, &tool.schema) {
            (Some(other), Some(schema)) => other.document() == schema.document(),
            (None, None) => true,
            _ => false,
        };
        // One that is offered twice is one.
        if self.tools.get(name).is_some_and(is_same) {
            return Ok(());
        }
        match self.tools.insert(name.into(), tool) {
            None => Ok(()),
            Some(_) => Err(errors::namesakes(name, &param.to_string())),
        }
    }

    /// Lets a name stand for several tools, of which a call does not tell which it means.
    pub(super) fn blur(&mut self, name: &str) {
        if let Ok(schema) = self.reader.schemas.get(ANY_OBJECT) {
            self.tools.insert(name.into(), Tool { schema: Some(schema) });
        }
    }
}

impl Reader<'_> {
    /// What text of this schema must be; without one, an object. `param` is where the schema stands in the request.
    pub(super) fn text(&self, schema: Option<&RawValue>, is_strict: bool, param: &str) -> Result<Text, Box<Failure>> {
        let Some(schema) = schema else { return Ok(Text::JsonObject) };
        let schema = self.schema(schema.get().as_bytes(), is_strict);
        schema.map(Text::Json).map_err(|error| errors::invalid_format(&error, param))
    }
}
