//! `private` and `pins`: what a provider's connections may reach, and whom they believe there.

use std::str::FromStr;

use llm_layers_egress::{Network, Pins};

use crate::config::node::{Members, Node};
use crate::config::report::Report;

/// What may be reached beside public addresses, and the keys that must be met there.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Private addresses, all of them.
    pub private: bool,
    /// These networks, whatever they are.
    pub networks: Vec<Network>,
    /// One of these keys must be in the certificate's chain.
    pub pins: Option<Pins>,
}

impl Reach {
    pub(in crate::config) fn read(members: &mut Members<'_>, report: &mut Report<'_>) -> Self {
        let mut reach = Self::default();
        if let Some(node) = members.get("private") {
            reach.allow(&node, report);
        }
        if let Some(node) = members.get("pins") {
            reach.pins = pins(&node, report);
        }
        reach
    }

    /// `private = true`, or a list of networks.
    fn allow(&mut self, node: &Node<'_>, report: &mut Report<'_>) {
        if !node.is_array() {
            self.private = node.boolean(report).unwrap_or_default();
            return;
        }
        for node in node.array("[\"10.1.0.0/16\"]", report).unwrap_or_default() {
            let Some(text) = node.string(report) else { continue };
            match Network::from_str(&text) {
                Ok(network) => self.networks.push(network),
                Err(error) => {
                    report.error(&node.place, error.to_string(), "write an address or a block: `\"10.1.0.0/16\"`");
                }
            }
        }
    }
}

fn pins(node: &Node<'_>, report: &mut Report<'_>) -> Option<Pins> {
    let nodes = node.array("[\"sha256/…\"]", report)?;
    let texts: Vec<_> = nodes.iter().filter_map(|node| node.string(report)).collect();
    match Pins::parse(texts.iter().map(AsRef::as_ref)) {
        Ok(pins) => Some(pins),
        Err(error) => {
            report.error(&node.place, error.to_string(), "write `\"sha256/\"` and the base64 of the key's SHA-256");
            None
        }
    }
}
