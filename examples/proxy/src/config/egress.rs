//! `[egress]`: where the proxy may connect to at all.

use std::{fs::File, io::BufReader, path::PathBuf, str::FromStr, sync::Arc};

use llm_layers_egress::{Allowlist, Pattern};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::node::Node;
use super::report::Report;

/// Bounds on all providers.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    /// The origins that may be called; absent, all may.
    pub allow: Option<Arc<Allowlist>>,
    /// Certificates of authorities that are trusted beside the system's.
    pub roots: Vec<CertificateDer<'static>>,
}

impl Egress {
    pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Self {
        let mut egress = Self::default();
        let Some(mut members) = node.table("[egress]", report) else { return egress };
        if let Some(node) = members.get("allow") {
            egress.allow = Some(Arc::new(allow(&node, report)));
        }
        if let Some(node) = members.get("roots")
            && let Some(path) = node.string(report)
        {
            egress.roots = roots(&PathBuf::from(path.as_ref()), &node, report);
        }
        members.finish(report);
        egress
    }
}

fn allow(node: &Node<'_>, report: &mut Report<'_>) -> Allowlist {
    let mut patterns = Vec::new();
    for node in node.array("[\"https://api.openai.com\"]", report).unwrap_or_default() {
        let Some(text) = node.string(report) else { continue };
        match Pattern::from_str(&text) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => {
                let help = "write an origin: `\"https://api.openai.com\"`, or `\"https://*.openai.azure.com\"`";
                report.error(&node.place, error.to_string(), help);
            }
        }
    }
    Allowlist::new(patterns)
}

fn roots(path: &PathBuf, node: &Node<'_>, report: &mut Report<'_>) -> Vec<CertificateDer<'static>> {
    let help = "name a PEM file with certificates";
    let read = File::open(path).map_err(|error| error.to_string()).and_then(|file| {
        let certificates = CertificateDer::pem_reader_iter(BufReader::new(file)).collect::<Result<Vec<_>, _>>();
        certificates.map_err(|error| error.to_string())
    });
    match read {
        Ok(roots) if roots.is_empty() => report.error(&node.place, "the file holds no certificate", help),
        Ok(roots) => return roots,
        Err(error) => report.error(&node.place, format!("the file cannot be used: {error}"), help),
    }
    Vec::new()
}
