//! A memory of the certificate chains of each host.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use http::Uri;

use crate::observe::{self, Change};
use crate::origin::{Host, Origin};
use crate::pin::Pin;

/// How many chains of one host are known apart. A provider behind several front ends shows a few in turn.
const KNOWN_CHAINS: usize = 4;

/// Remembers which keys each host showed last, and reports when they change: to a counter each time, and to the log
/// as a warning when the new chain is not one of the last few.
///
/// Keys change with most renewals, every few weeks or months, so a change is no alarm by itself. Its time, and whether
/// the issuer changed with it, are what somebody wants to know who looks into an incident. What is remembered is
/// gone with the process.
///
/// Only hosts that it was made with are watched, which bounds its memory and the labels of its metric. Share one
/// among all clients of a process.
#[derive(Debug, Default)]
pub struct ChainWatch {
    hosts: HashMap<Arc<str>, Mutex<VecDeque<Chain>>>,
}

/// The keys of a chain, the host's own first.
pub(crate) type Chain = Vec<Pin>;

impl ChainWatch {
    /// Watches the hosts of these URLs.
    #[must_use]
    pub fn new<'u>(base_urls: impl IntoIterator<Item = &'u Uri>) -> Self {
        let origins = base_urls.into_iter().filter_map(|uri| Origin::of(uri).ok());
        let hosts = origins.map(|origin| match origin.host {
            Host::Name(name) => name.into(),
            // As TLS spells it, without brackets.
            Host::Ip(address) => address.to_string().into(),
        });
        Self { hosts: hosts.map(|host| (host, Mutex::default())).collect() }
    }

    /// A connection to this host, in lower case, was made, and its chain found valid.
    pub(crate) fn saw(&self, host: &str, chain: Chain) {
        let Some((host, known)) = self.hosts.get_key_value(host) else { return };
        // A panic elsewhere cannot leave a half-changed list: it is whole after each step.
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.front() == Some(&chain) {
            return;
        }
        let known_before = known.iter().position(|earlier| *earlier == chain);
        if let Some(last) = known.front() {
            let change = Change { host, before: last, now: &chain, is_new: known_before.is_none() };
            observe::chain_changed(&change);
        }
        if let Some(position) = known_before {
            known.remove(position);
        }
        known.push_front(chain);
        known.truncate(KNOWN_CHAINS);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use llm_layers_testkit::metrics::Recorded;
    use tracing::field::{Field, Visit};
    use tracing::span;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    impl tracing::Subscriber for Log {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            write!(self.0, " {field}={value:?}").unwrap();
        }
    }

    fn key(n: u8) -> Pin {
        use base64::Engine as _;
        let hash = base64::engine::general_purpose::STANDARD.encode([n; 32]);
        format!("sha256/{hash}").parse().unwrap()
    }

    /// What is counted, which series, and what is logged while these chains are seen in turn.
    fn seen(watch: &ChainWatch, host: &str, chains: &[&[u8]]) -> (u64, Vec<String>, Vec<String>) {
        let (counted, log) = (Recorded::default(), Log::default());
        metrics::with_local_recorder(&counted, || {
            tracing::subscriber::with_default(log.clone(), || {
                for chain in chains {
                    watch.saw(host, chain.iter().copied().map(key).collect());
                }
            });
        });
        let lines = log.0.lock().unwrap().clone();
        (counted.total(), counted.names(), lines)
    }

    fn watch() -> ChainWatch {
        let urls: Vec<Uri> =
            ["https://API.example.com/v1", "https://[0:0::1]:8443"].map(|url| url.parse().unwrap()).into();
        ChainWatch::new(&urls)
    }

    #[test]
    fn a_change_is_reported_once() {
        let (total, series, log) = seen(&watch(), "api.example.com", &[&[1, 9], &[1, 9], &[2, 9], &[2, 9], &[2, 9]]);
        assert_eq!(total, 1);
        assert_eq!(series, ["llm_egress_chain_changes_total{host=api.example.com}"]);
        let (before, now) = (key(1), key(2));
        assert_eq!(log.len(), 1, "{log:?}");
        for part in ["WARN", "api.example.com", "issuers_changed=false", &before.to_string(), &now.to_string()] {
            assert!(log[0].contains(part), "{part}: {log:?}");
        }
    }

    #[test]
    fn another_issuer_is_told_apart() {
        let (_, _, log) = seen(&watch(), "::1", &[&[1, 9], &[2, 8]]);
        assert!(log[0].contains("issuers_changed=true"), "{log:?}");
    }

    #[test]
    fn front_ends_in_turn_are_counted_and_do_not_fill_the_log() {
        let (total, _, log) = seen(&watch(), "api.example.com", &[&[1], &[2], &[1], &[2], &[1], &[3]]);
        assert_eq!(total, 5);
        let warnings = log.iter().filter(|line| line.starts_with("WARN")).count();
        assert_eq!((warnings, log.len()), (2, 5), "{log:?}");
    }

    #[test]
    fn hosts_are_apart_and_others_are_not_watched() {
        let watch = watch();
        assert_eq!(seen(&watch, "api.example.com", &[&[1]]).0, 0);
        assert_eq!(seen(&watch, "::1", &[&[2]]).0, 0);
        assert_eq!(seen(&watch, "other.example", &[&[1], &[2], &[3]]).0, 0);
        assert_eq!(watch.hosts.len(), 2);
    }

    #[test]
    fn its_memory_is_bounded() {
        let watch = watch();
        for n in 0..=255 {
            watch.saw("api.example.com", vec![key(n)]);
        }
        assert_eq!(watch.hosts["api.example.com"].lock().unwrap().len(), KNOWN_CHAINS);
    }
}
