//! Which sub-schemas there are, and which of them apply to a value, its members and its items.

use std::{collections::HashMap, sync::Arc};

use jsonschema::{Draft, Registry, Uri};
use serde_json::{Map, Value};

use super::{SchemaError, reach};

/// How many sub-schemas there may be, those of other documents included.
const MAX_NODES: usize = 20_000;

/// The sub-schemas of a document and of what it refers to. The first is the root.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
}

/// A sub-schema: what it says for certain, and the numbers of others that it applies.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// To the same value in any case: `allOf` and `$ref`.
    pub(crate) always: Vec<u32>,
    /// To the same value, as it turns out: `anyOf`, `if` and the like.
    pub(crate) perhaps: Vec<u32>,
    /// Whether it needs to know what of the value the others have looked at, so that they are applied twice.
    pub(crate) is_unevaluated: bool,
    /// `properties`.
    pub(crate) members: HashMap<Box<str>, u32>,
    /// `patternProperties`.
    pub(crate) patterns: Vec<u32>,
    /// `additionalProperties`.
    pub(crate) others: Option<u32>,
    /// To each member, whatever its name.
    pub(crate) every_member: Vec<u32>,
    /// To the first items, one by one.
    pub(crate) first_items: Vec<u32>,
    /// To the items behind them.
    pub(crate) rest: Option<u32>,
    /// To each item.
    pub(crate) every_item: Vec<u32>,
    /// `false`: nothing is valid.
    pub(crate) is_never: bool,
    /// The names in `type`; none where it is not told.
    pub(crate) types: Vec<Box<str>>,
    /// `enum`, or `const`.
    pub(crate) options: Option<Vec<Value>>,
    pub(crate) required: Vec<Box<str>>,
    /// How many more names a value may be told to have: `dependentRequired`.
    dependent: usize,
    /// What the list of values takes in memory, which each complaint of it has.
    listed: usize,
}

/// A sub-schema that is still to be read, and the address that its references count from.
type Unread<'r> = (&'r Value, Arc<Uri<String>>, Draft);

struct Builder<'r> {
    registry: &'r Registry<'r>,
    graph: Graph,
    ids: HashMap<*const Value, u32>,
    unread: Vec<Unread<'r>>,
    /// Who waits for a name that is resolved by who refers to whom: `$dynamicRef`, or `$recursiveRef` (no name).
    waiting: Vec<(u32, Option<Box<str>>)>,
    anchors: Vec<(u32, Option<Box<str>>)>,
    /// Whether a schema of the specification itself is referred to.
    has_meta: bool,
}

impl Graph {
    /// Reads the document that is registered at this address.
    pub(super) fn new<'r>(registry: &'r Registry<'r>, base: &Uri<String>, draft: Draft) -> Result<Self, SchemaError> {
        let (graph, ids) = (Self::default(), HashMap::new());
        let (unread, waiting, anchors) = (Vec::new(), Vec::new(), Vec::new());
        let mut builder = Builder { registry, graph, ids, unread, waiting, anchors, has_meta: false };
        if let Ok(root) = registry.resolver(base.clone()).lookup("") {
            builder.id(root.contents(), root.resolver().base_uri(), draft);
        }
        while let Some(unread) = builder.unread.pop() {
            builder.read(unread);
            if builder.graph.nodes.len() > MAX_NODES {
                return Err(SchemaError::whole("it has too many sub-schemas"));
            }
        }
        builder.finish()
    }

    pub(crate) fn node(&self, id: u32) -> Option<&Node> {
        self.nodes.get(id as usize)
    }
}

impl<'r> Builder<'r> {
    fn id(&mut self, schema: &'r Value, base: Arc<Uri<String>>, draft: Draft) -> u32 {
        let next = u32::try_from(self.graph.nodes.len()).unwrap_or(u32::MAX);
        let id = *self.ids.entry(std::ptr::from_ref(schema)).or_insert(next);
        if id == next {
            self.graph.nodes.push(Node::default());
            self.unread.push((schema, base, draft));
        }
        id
    }

    fn read(&mut self, (schema, base, draft): Unread<'r>) {
        let Some(id) = self.ids.get(&std::ptr::from_ref(schema)).copied() else { return };
        let mut node = Node { is_never: *schema == Value::Bool(false), ..Node::default() };
        if let Value::Object(members) = schema {
            let resolver = self.registry.resolver((*base).clone());
            let base =
                resolver.in_subresource(draft.create_resource_ref(schema)).map_or(base, |inner| inner.base_uri());
            self.define(members, &base, draft);
            // Up to draft 7 a reference stands for the whole schema.
            let is_reference = draft <= Draft::Draft7 && members.get("$ref").is_some_and(Value::is_string);
            self.references(members, &base, id, &mut node);
            if !is_reference {
                self.in_place(members, &base, draft, &mut node);
                self.members(members, &base, draft, &mut node);
                self.items(members, &base, draft, &mut node);
                node.certain(members, draft);
            }
        }
        if let Some(slot) = self.graph.nodes.get_mut(id as usize) {
            *slot = node;
        }
    }

    /// What only has a name so far, and may be referred to by it.
    fn define(&mut self, members: &'r Map<String, Value>, base: &Arc<Uri<String>>, draft: Draft) {
        for schema in
            ["$defs", "definitions"].iter().filter_map(|name| members.get(*name)?.as_object()).flat_map(Map::values)
        {
            self.id(schema, Arc::clone(base), draft);
        }
    }

    fn references(&mut self, members: &'r Map<String, Value>, base: &Arc<Uri<String>>, id: u32, node: &mut Node) {
        let text = |name| members.get(name).and_then(Value::as_str);
        if let Some(target) = text("$ref").and_then(|reference| self.target(base, reference)) {
            node.always.push(target);
        }
        if let Some(reference) = text("$dynamicRef") {
            node.perhaps.extend(self.target(base, reference));
            self.waiting.push((id, reference.rsplit_once('#').map(|(_, name)| name.into())));
        }
        if let Some(reference) = text("$recursiveRef") {
            node.perhaps.extend(self.target(base, reference));
            self.waiting.push((id, None));
        }
        if let Some(name) = text("$dynamicAnchor") {
            self.anchors.push((id, Some(name.into())));
        }
        if members.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
            self.anchors.push((id, None));
        }
    }

    /// What a reference leads to. One that leads nowhere is found when the schema is compiled.
    fn target(&mut self, base: &Arc<Uri<String>>, reference: &str) -> Option<u32> {
        let resolved = self.registry.resolver((**base).clone()).lookup(reference).ok()?;
        let (schema, resolver, draft) = resolved.into_inner();
        let base = resolver.base_uri();
        if base.as_str().contains("://json-schema.org/draft") {
            // Well known, and of bounded cost.
            self.has_meta = true;
            return None;
        }
        if let Ok(root) = resolver.lookup("") {
            self.id(root.contents(), Arc::clone(&base), draft);
        }
        Some(self.id(schema, base, draft))
    }

    fn in_place(&mut self, members: &'r Map<String, Value>, base: &Arc<Uri<String>>, draft: Draft, node: &mut Node) {
        for (name, value) in members {
            match (name.as_str(), value) {
                ("allOf", Value::Array(schemas)) => {
                    node.always.extend(schemas.iter().map(|schema| self.id(schema, Arc::clone(base), draft)));
                }
                ("anyOf" | "oneOf", Value::Array(schemas)) => {
                    node.perhaps.extend(schemas.iter().map(|schema| self.id(schema, Arc::clone(base), draft)));
                }
                ("not" | "if" | "then" | "else", schema) => {
                    node.perhaps.push(self.id(schema, Arc::clone(base), draft));
                }
                ("dependentSchemas" | "dependencies", Value::Object(schemas)) => {
                    let schemas = schemas.values().filter(|schema| !schema.is_array());
                    node.perhaps.extend(schemas.map(|schema| self.id(schema, Arc::clone(base), draft)));
                }
                _ => {}
            }
        }
    }

    fn members(&mut self, members: &'r Map<String, Value>, base: &Arc<Uri<String>>, draft: Draft, node: &mut Node) {
        for (name, value) in members {
            match (name.as_str(), value) {
                ("properties", Value::Object(schemas)) => {
                    let named = schemas
                        .iter()
                        .map(|(name, schema)| (name.as_str().into(), self.id(schema, Arc::clone(base), draft)));
                    node.members = named.collect();
                }
                ("patternProperties", Value::Object(schemas)) => {
                    node.patterns.extend(schemas.values().map(|schema| self.id(schema, Arc::clone(base), draft)));
                }
                ("additionalProperties", schema) => node.others = Some(self.id(schema, Arc::clone(base), draft)),
                ("propertyNames", schema) => node.every_member.push(self.id(schema, Arc::clone(base), draft)),
                ("unevaluatedProperties", schema) => {
                    node.is_unevaluated = true;
                    node.every_member.push(self.id(schema, Arc::clone(base), draft));
                }
                _ => {}
            }
        }
    }

    fn items(&mut self, members: &'r Map<String, Value>, base: &Arc<Uri<String>>, draft: Draft, node: &mut Node) {
        let first = if draft >= Draft::Draft202012 { "prefixItems" } else { "items" };
        for (name, value) in members {
            match (name.as_str(), value) {
                (name, Value::Array(schemas)) if name == first => {
                    node.first_items.extend(schemas.iter().map(|schema| self.id(schema, Arc::clone(base), draft)));
                }
                ("additionalItems", schema) if members.get("items").is_some_and(Value::is_array) => {
                    node.rest = Some(self.id(schema, Arc::clone(base), draft));
                }
                ("items", schema) => node.rest = Some(self.id(schema, Arc::clone(base), draft)),
                ("contains", schema) => node.every_item.push(self.id(schema, Arc::clone(base), draft)),
                ("unevaluatedItems", schema) => {
                    node.is_unevaluated = true;
                    node.every_item.push(self.id(schema, Arc::clone(base), draft));
                }
                _ => {}
            }
        }
    }

    /// Leads those who wait for a name to everybody of that name: which of them it is depends on the way there.
    fn finish(mut self) -> Result<Graph, SchemaError> {
        let is_meta = |name: &Option<Box<str>>| matches!(name.as_deref(), None | Some("meta"));
        if self.has_meta && self.anchors.iter().any(|(_, name)| is_meta(name)) {
            return Err(SchemaError::whole("it extends the schema of schemas"));
        }
        for (id, name) in &self.waiting {
            let Some(node) = self.graph.nodes.get_mut(*id as usize) else { continue };
            node.perhaps.extend(self.anchors.iter().filter(|(_, anchor)| anchor == name).map(|(target, _)| *target));
            node.perhaps.sort_unstable();
            node.perhaps.dedup();
        }
        Ok(self.graph)
    }
}

impl Node {
    /// What its own complaints of one value may take: each name that is missing is one, and one of a list has the list.
    pub(super) fn complaints(&self) -> usize {
        1 + self.required.len() + self.dependent + self.listed / reach::COPIED
    }

    /// Reads what is certain about the value itself.
    fn certain(&mut self, members: &Map<String, Value>, draft: Draft) {
        self.types = match members.get("type") {
            Some(Value::String(name)) => vec![name.as_str().into()],
            Some(Value::Array(names)) => names.iter().filter_map(|name| Some(name.as_str()?.into())).collect(),
            _ => Vec::new(),
        };
        self.options = match (members.get("const"), members.get("enum")) {
            (Some(value), _) if draft > Draft::Draft4 => Some(vec![value.clone()]),
            (_, Some(Value::Array(values))) => Some(values.clone()),
            _ => None,
        };
        self.listed = self.options.iter().flatten().map(reach::size).sum();
        if let Some(Value::Array(names)) = members.get("required") {
            self.required = names.iter().filter_map(|name| Some(name.as_str()?.into())).collect();
        }
        let dependent =
            ["dependentRequired", "dependencies"].into_iter().filter_map(|name| members.get(name)?.as_object());
        self.dependent = dependent.flat_map(Map::values).filter_map(|names| Some(names.as_array()?.len())).sum();
    }
}
