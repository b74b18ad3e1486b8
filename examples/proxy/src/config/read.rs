//! Reads the whole document, and checks what spans several tables.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use toml::de::DeTable;

use super::alias::{Alias, Draft};
use super::deployment::{Deployment, Names};
use super::egress::Egress;
use super::key::Key;
use super::node::{Members, Node};
use super::provider::Provider;
use super::report::{Env, Place, Report};
use super::{Config, Errors, Layers, listen, suggest, workers};

pub(super) fn document(text: &str, file_name: &str, env: Env<'_>) -> Result<Config, Errors> {
    let mut report = Report::new(text, env);
    let (table, broken) = DeTable::parse_recoverable(text);
    if !broken.is_empty() {
        // What a broken file means is anybody's guess, so nothing else is said about it.
        report.mask.hide_by_line(text);
        syntax(text, &broken, &mut report);
    }
    let config = if broken.is_empty() {
        report.mask.hide_all(table.get_ref());
        let place = Place { span: 0..0, path: String::new() };
        Some(root(Members::new(place, table.get_ref()), &mut report))
    } else {
        None
    };
    match (report.finish(file_name), config) {
        (None, Some(config)) => Ok(config),
        (Some(errors), _) => Err(errors),
        // Not reached: a broken file has a problem to report.
        (None, None) => Err(Errors::whole(file_name, "not a TOML file", "see https://toml.io")),
    }
}

/// One problem for each line: what follows the first is often its consequence.
fn syntax(text: &str, broken: &[toml::de::Error], report: &mut Report<'_>) {
    let mut told = Vec::new();
    for error in broken {
        let span = error.span().unwrap_or(0..0);
        let line = text.get(..span.start).unwrap_or_default().matches('\n').count();
        if !told.contains(&line) {
            told.push(line);
            let place = Place { span, path: String::new() };
            report.error(&place, format!("not TOML: {}", error.message()), hint(error.message()));
        }
    }
}

fn hint(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "each name may stand once; give the second another name, or merge the two"
    } else {
        "strings stand in double quotes, tables begin with `[name]`; see https://toml.io"
    }
}

/// Reads every table, then checks what one says about another.
fn root(mut members: Members<'_>, report: &mut Report<'_>) -> Config {
    let listen_node = members.get("listen");
    let address = listen_node.as_ref().map(|node| listen::read(node, report));
    let threads = members.get("workers").and_then(|node| workers::read(&node, report));
    let (providers, provider_names) = providers(&mut members, report);
    let deployments = tables(&mut members, "deployments", report);
    let deployments: Vec<_> = deployments.iter().map(|node| Deployment::read(node, report)).collect();
    let aliases = tables(&mut members, "aliases", report);
    let mut aliases: Vec<_> = aliases.iter().map(|node| Alias::read(node, report)).collect();
    let (keys, has_keys) = keys(&mut members, report);
    let egress = members.get("egress").map(|node| Egress::read(&node, report)).unwrap_or_default();
    let mut layers = Layers::default();
    if let Some(node) = members.get("layers") {
        for (name, key, node) in node.table("[layers.NAME]", report).iter().flat_map(Members::each) {
            layers.read(name, &key, &node, report);
        }
    }
    members.finish(report);
    layers.limit(&keys, report);
    layers.check_timeouts(&providers, report);

    check_providers(&deployments, &provider_names, report);
    check_names(&deployments, &aliases, report);
    check_targets(&deployments, &aliases, report);
    let aliases: Vec<_> = aliases.iter_mut().filter_map(|draft| draft.alias.take()).collect();
    layers.budget(&keys, &aliases, report);
    let address = address.unwrap_or(Some(listen::DEFAULT));
    if let (Some(node), Some(address), false) = (&listen_node, address, has_keys) {
        check_open(node, address, report);
    }
    Config {
        listen: address.unwrap_or(listen::DEFAULT),
        workers: threads.unwrap_or_else(workers::default),
        providers,
        deployments: deployments.into_iter().filter_map(|(_, deployment)| deployment).collect(),
        aliases,
        keys,
        egress,
        layers,
    }
}

fn providers(members: &mut Members<'_>, report: &mut Report<'_>) -> (Vec<Provider>, Vec<String>) {
    let (mut providers, mut names) = (Vec::new(), Vec::new());
    let node = members.get("providers");
    let table = match &node {
        Some(node) => node.table("[providers.NAME]", report),
        None => None,
    };
    for (name, key, node) in table.iter().flat_map(Members::each) {
        names.push(name.to_owned());
        providers.extend(Provider::read(name, &key, &node, report));
    }
    if names.is_empty() && (node.is_none() || table.is_some()) {
        let place = match node {
            Some(node) => node.place,
            None => Place { span: 0..0, path: "providers".to_owned() },
        };
        let help = "add `[providers.openai]` with `api_key = \"env:OPENAI_API_KEY\"`, for example";
        report.error(&place, "the file names no provider", help);
    }
    (providers, names)
}

fn tables<'t>(members: &mut Members<'t>, name: &'static str, report: &mut Report<'_>) -> Vec<Node<'t>> {
    let node = members.get(name);
    node.and_then(|node| node.array(&format!("[[{name}]]"), report)).unwrap_or_default()
}

/// The keys, and whether the file means to have any: a bad key is no reason to call the proxy open.
fn keys(members: &mut Members<'_>, report: &mut Report<'_>) -> (Vec<Key>, bool) {
    let mut keys: Vec<Key> = Vec::new();
    let table = members.get("keys").and_then(|node| node.table("[keys.NAME]", report));
    let mut any = false;
    for (name, place, node) in table.iter().flat_map(Members::each) {
        any = true;
        let Some(key) = Key::read(name, &node, report) else {
            continue;
        };
        // Else nobody could tell who is calling.
        if let Some(same) = keys.iter().find(|same| same.secret.expose() == key.secret.expose()) {
            let message = format!("this is the same key as `keys.{}`", same.name);
            report.error(&place, message, "give each caller a key of its own");
        }
        keys.push(key);
    }
    (keys, any)
}

fn check_providers(deployments: &[(Names, Option<Deployment>)], names: &[String], report: &mut Report<'_>) {
    for (name, place) in deployments.iter().filter_map(|(names, _)| names.provider.as_ref()) {
        if !names.contains(name) {
            let help = suggest::help(name, names.iter().map(String::as_str));
            report.error(place, format!("there is no provider `{name}`"), help);
        }
    }
}

/// Deployments and aliases share one space of names: that of `model`.
fn check_names(deployments: &[(Names, Option<Deployment>)], aliases: &[Draft], report: &mut Report<'_>) {
    let deployments = deployments.iter().filter_map(|(names, _)| names.name.as_ref());
    let aliases = aliases.iter().filter_map(|draft| draft.name.as_ref());
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (name, place) in deployments.chain(aliases) {
        if let Some(first) = seen.get(name.as_str()) {
            let message = format!("the name `{name}` is taken by `{first}`");
            report.error(place, message, "give each deployment and alias a name of its own");
        } else {
            seen.insert(name, &place.path);
        }
    }
}

fn check_targets(deployments: &[(Names, Option<Deployment>)], aliases: &[Draft], report: &mut Report<'_>) {
    let names: Vec<Arc<str>> =
        deployments.iter().filter_map(|(names, _)| Some(names.name.as_ref()?.0.as_str().into())).collect();
    for (target, place) in aliases.iter().flat_map(|draft| &draft.targets) {
        if !names.contains(target) {
            let help = suggest::help(target, names.iter().map(AsRef::as_ref));
            report.error(place, format!("there is no deployment `{target}`"), help);
        }
    }
}

fn check_open(node: &Node<'_>, address: SocketAddr, report: &mut Report<'_>) {
    if !listen::is_loopback(address) {
        let help =
            format!("add `[keys.NAME]` with `key = \"env:NAME\"`, or listen on `\"127.0.0.1:{}\"`", address.port());
        report.error(&node.place, listen::OPEN, help);
    }
}
