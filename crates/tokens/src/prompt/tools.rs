use super::Count;
use crate::{Family, json::Value, text::Text};

/// What OpenAI writes around functions: cookbook "How to count tokens with tiktoken", section 7, read in 2026.
struct Form {
    function: u64,
    properties: u64,
    property: u64,
    choices: u64,
    choice: u64,
    end: u64,
}

impl Form {
    const fn of(family: Family) -> Self {
        let function = if matches!(family, Family::Cl100k) { 10 } else { 7 };
        // The cookbook takes three off for each `enum`, and adds three for each of its values: never less than none.
        Self { function, properties: 3, property: 3, choices: 3, choice: 3, end: 12 }
    }
}

/// The prompt that Anthropic adds when there are tools: 346 with `auto`, as of Claude 4 ("Tool use", 2026).
const CLAUDE: u64 = 346;

/// Properties hold properties: deeper than this they count by their JSON.
const DEPTH: usize = 8;

impl Count {
    fn add_tools(&mut self, tokens: u64) {
        self.prompt.tools = self.prompt.tools.saturating_add(tokens);
    }

    fn add_tool_text(&mut self, value: Value<'_>) {
        let text = value.text().unwrap_or_else(|| Text::verbatim(value.bytes()));
        // OpenAI's form has no full stop at a description's end.
        let text = text.raw().strip_suffix(b".").map_or(text, |raw| text.with_raw(raw));
        let tokens = self.counter.count(text);
        self.add_tools(tokens);
    }

    /// A schema that the answer must keep to, shown to the model as it stands.
    pub(super) fn schema(&mut self, schema: Option<Value<'_>>) {
        let Some(schema) = schema.and_then(|format| format.member("schema")) else { return };
        self.counter.assumes();
        let tokens = self.counter.count(Text::verbatim(schema.bytes()));
        self.add_tools(tokens);
    }

    pub(super) fn tools(&mut self, tools: Option<Value<'_>>, functions: Option<Value<'_>>) {
        let all = [tools, functions].into_iter().flatten().flat_map(Value::items);
        let (openai, form) = (self.is_openai(), Form::of(self.tokenizer.family()));
        let mut any = false;
        for tool in all {
            any = true;
            let function = tool.member("function").unwrap_or(tool);
            if openai && function.member("name").is_some() {
                self.function_form(function, &form);
            } else {
                let tokens = self.counter.count(Text::verbatim(tool.bytes()));
                self.add_tools(tokens);
            }
        }
        if any {
            self.counter.assumes();
            self.add_tools(match self.tokenizer.family() {
                Family::Claude | Family::ClaudeOlder => CLAUDE,
                _ if openai => form.end,
                _ => 0,
            });
        }
    }

    fn function_form(&mut self, function: Value<'_>, form: &Form) {
        self.add_tools(form.function);
        for (name, value) in function.members() {
            match name.raw() {
                // The colon between belongs to the word behind it.
                b"name" | b"description" => self.add_tool_text(value),
                b"parameters" | b"input_schema" => self.properties(value, form, DEPTH),
                _ => {}
            }
        }
    }

    /// What a schema of an object says of its properties.
    fn properties(&mut self, schema: Value<'_>, form: &Form, depth: usize) {
        let Some(properties) = schema.member("properties") else { return };
        if depth == 0 {
            let tokens = self.counter.count(Text::verbatim(properties.bytes()));
            return self.add_tools(tokens);
        }
        let mut first = form.properties;
        for (name, property) in properties.members() {
            self.add_tools(std::mem::take(&mut first) + form.property);
            let tokens = self.counter.count(name);
            self.add_tools(tokens);
            self.property(property, form, depth);
        }
    }

    fn property(&mut self, property: Value<'_>, form: &Form, depth: usize) {
        for (name, value) in property.members() {
            match name.raw() {
                b"type" | b"description" => self.add_tool_text(value),
                b"enum" => {
                    let before = self.prompt.tools;
                    for choice in value.items() {
                        self.add_tools(form.choice);
                        self.add_tool_text(choice);
                    }
                    self.prompt.tools = self.prompt.tools.saturating_sub(form.choices).max(before);
                }
                b"properties" => self.properties(property, form, depth - 1),
                b"items" if value.bytes().starts_with(b"{") && depth > 1 => self.property(value, form, depth - 1),
                b"anyOf" | b"oneOf" | b"allOf" | b"items" => self.add_tool_text(value),
                _ => {}
            }
        }
    }
}
