//! Pins and chains against real TLS servers on loopback.

use std::sync::Arc;

use llm_layers_egress::{ChainWatch, Pin, Pins, Refused, Trust};
use llm_layers_testkit::metrics::Recorded;
use rcgen::date_time_ymd;

use crate::support::{Authority, Identity, Server, client, post, url};

const HOST: &str = "provider.test";

fn pins(certificates: &[&Identity]) -> Option<Pins> {
    Some(Pins::new(certificates.iter().map(|identity| identity.pin())).unwrap())
}

fn unused() -> Pin {
    "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".parse().unwrap()
}

/// One call to a server that shows this identity, by a client that trusts `root`.
async fn call(
    root: &Authority,
    identity: Identity,
    pins: Option<Pins>,
) -> (Result<(), String>, Option<Refused>, Server) {
    let mut server = Server::start(identity).await;
    let trust = Trust::only([root.certificate()]).unwrap();
    let client = client(trust.client_config(pins, Arc::default()).unwrap(), server.address);
    let answer = post(&client, &url(HOST, server.address)).await;
    server.finish(client).await;
    let refused = answer.as_ref().err().and_then(|error| Refused::find(error)).cloned();
    let text = |error: &(dyn std::error::Error + 'static)| {
        std::iter::successors(Some(error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ")
    };
    (answer.map(drop).map_err(|error| text(&error)), refused, server)
}

#[tokio::test]
async fn without_pins_a_valid_chain_is_enough() {
    let root = Authority::root();
    let (answer, _, server) = call(&root, root.issue(HOST), None).await;
    assert_eq!(answer, Ok(()));
    assert!(server.received().contains("secret prompt"), "{}", server.received());
}

#[tokio::test]
async fn the_hosts_own_key_matches() {
    let root = Authority::root();
    let identity = root.issue(HOST);
    let pins = pins(&[&identity]);
    assert_eq!(call(&root, identity, pins).await.0, Ok(()));
}

#[tokio::test]
async fn a_backup_pin_matches() {
    let root = Authority::root();
    let identity = root.issue(HOST);
    let pins = Some(Pins::new([unused(), identity.pin()]).unwrap());
    assert_eq!(call(&root, identity, pins).await.0, Ok(()));
}

#[tokio::test]
async fn an_intermediates_key_matches() {
    let root = Authority::root();
    let intermediate = root.intermediate("intermediate");
    let pin = Pin::of(&intermediate.certificate()).unwrap();
    let identity = intermediate.issue(HOST).presenting([intermediate.certificate()]);
    assert_eq!(call(&root, identity, Some(Pins::new([pin]).unwrap())).await.0, Ok(()));
}

#[tokio::test]
async fn the_key_of_an_intermediate_two_steps_up_matches() {
    let root = Authority::root();
    let upper = root.intermediate("upper");
    let lower = upper.intermediate("lower");
    let pin = Pin::of(&upper.certificate()).unwrap();
    let identity = lower.issue(HOST).presenting([lower.certificate(), upper.certificate()]);
    assert_eq!(call(&root, identity, Some(Pins::new([pin]).unwrap())).await.0, Ok(()));
}

#[tokio::test]
async fn a_wrong_pin_is_refused_before_a_byte_of_the_request() {
    let root = Authority::root();
    let identity = root.issue(HOST);
    let seen = identity.pin();
    let (answer, refused, server) = call(&root, identity, Some(Pins::new([unused()]).unwrap())).await;
    assert_eq!(refused, Some(Refused::Pin { host: HOST.into(), seen: vec![seen] }));
    let text = answer.unwrap_err();
    assert!(text.contains(&seen.to_string()) && text.contains(HOST), "{text}");
    assert_eq!(server.received(), "", "nothing was sent inside TLS");
    assert!(server.handshakes_failed() == 1, "the server was told");
}

/// A pinned intermediate is public, and anybody whose own certificate is valid can present it beside that.
#[tokio::test]
async fn a_pinned_certificate_that_signed_nothing_here_does_not_count() {
    let root = Authority::root();
    let pinned = root.intermediate("pinned");
    let other = root.intermediate("other");
    let pin = Pin::of(&pinned.certificate()).unwrap();
    let identity = other.issue(HOST).presenting([other.certificate(), pinned.certificate()]);
    let (answer, refused, server) = call(&root, identity, Some(Pins::new([pin]).unwrap())).await;
    assert!(answer.is_err());
    assert!(matches!(refused, Some(Refused::Pin { seen, .. }) if seen.contains(&pin)));
    assert_eq!(server.received(), "");
}

/// As above, with the pinned one's name: only its signature tells them apart.
#[tokio::test]
async fn an_issuer_of_the_same_name_does_not_count() {
    let root = Authority::root();
    let (pinned, other) = (root.intermediate("same"), root.intermediate("same"));
    let pin = Pin::of(&pinned.certificate()).unwrap();
    let identity = other.issue(HOST).presenting([pinned.certificate(), other.certificate()]);
    let (answer, refused, _) = call(&root, identity, Some(Pins::new([pin]).unwrap())).await;
    assert!(answer.is_err());
    assert!(matches!(refused, Some(Refused::Pin { .. })));
}

#[tokio::test]
async fn the_right_pin_excuses_nothing_else() {
    let root = Authority::root();
    let expired = root.issue_with(HOST, |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let not_yet = root.issue_with(HOST, |params| params.not_before = date_time_ymd(3020, 1, 1));
    let wrong_host = root.issue("other.test");
    let wrong_root = Authority::root().issue(HOST);
    let unknown_root = Authority::root_named("stranger").issue(HOST);
    for (identity, why) in [
        (expired, "certificate expired"),
        (not_yet, "certificate not valid yet"),
        (wrong_host, "not valid for name"),
        (wrong_root, "BadSignature"),
        (unknown_root, "UnknownIssuer"),
    ] {
        let pins = pins(&[&identity]);
        let (answer, refused, server) = call(&root, identity, pins).await;
        let text = answer.unwrap_err();
        assert!(text.contains(why), "{text}");
        assert_eq!(refused, None, "found wanting before pins were looked at");
        assert_eq!(server.received(), "", "{why}");
    }
}

#[test]
fn a_changed_chain_is_reported_once() {
    let counted = Recorded::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&counted, || {
        runtime.block_on(async {
            let root = Authority::root();
            let (first, second) = (root.issue(HOST), root.issue(HOST));
            let trust = Trust::only([root.certificate()]).unwrap();
            let base_url = format!("https://{HOST}/v1").parse().unwrap();
            let watch = Arc::new(ChainWatch::new([&base_url]));
            // Two clients, as of two providers at one host, share the watch.
            for (identity, changes) in [(&first, 0), (&first, 0), (&second, 1), (&second, 1), (&first, 2)] {
                let mut server = Server::start(identity.clone()).await;
                let client = client(trust.client_config(None, Arc::clone(&watch)).unwrap(), server.address);
                post(&client, &url(HOST, server.address)).await.unwrap();
                server.finish(client).await;
                assert_eq!(counted.total(), changes);
            }
        });
    });
}

/// A server that is refused is none whose keys are remembered.
#[test]
fn a_refused_chain_is_not_remembered() {
    let counted = Recorded::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&counted, || {
        runtime.block_on(async {
            let root = Authority::root();
            let (right, wrong) = (root.issue(HOST), root.issue(HOST));
            let trust = Trust::only([root.certificate()]).unwrap();
            let base_url = format!("https://{HOST}/v1").parse().unwrap();
            let watch = Arc::new(ChainWatch::new([&base_url]));
            for (identity, is_right) in [(&right, true), (&wrong, false), (&right, true)] {
                let mut server = Server::start(identity.clone()).await;
                let config = trust.client_config(pins(&[&right]), Arc::clone(&watch)).unwrap();
                let client = client(config, server.address);
                assert_eq!(post(&client, &url(HOST, server.address)).await.is_ok(), is_right);
                server.finish(client).await;
            }
        });
    });
    assert_eq!(counted.total(), 0);
}

/// A resumed session presents no chain: what counts is that it was made by the same verifier.
#[tokio::test]
async fn a_session_is_not_resumed_past_another_providers_pins() {
    let root = Authority::root();
    let identity = root.issue(HOST);
    let trust = Trust::only([root.certificate()]).unwrap();
    let open = trust.client_config(None, Arc::default()).unwrap();
    let mut pinned = trust.client_config(Some(Pins::new([unused()]).unwrap()), Arc::default()).unwrap();
    pinned.resumption = open.resumption.clone();
    let mut server = Server::start(identity).await;
    let again = client(open.clone(), server.address);
    let (open, pinned) = (client(open, server.address), client(pinned, server.address));
    for (client, resumed) in [(&open, 0), (&again, 1)] {
        post(client, &url(HOST, server.address)).await.unwrap();
        assert_eq!(server.handshakes_resumed(), resumed);
    }
    let error = post(&pinned, &url(HOST, server.address)).await.unwrap_err();
    assert!(matches!(Refused::find(&error), Some(Refused::Pin { .. })), "{error:?}");
    server.finish((open, again, pinned)).await;
    assert_eq!(server.handshakes_resumed(), 1);
}

#[tokio::test]
async fn tls_1_2_is_verified_alike() {
    let root = Authority::root();
    let identity = root.issue(HOST);
    let trust = Trust::only([root.certificate()]).unwrap();
    for (pins, is_right) in [(pins(&[&identity]), true), (Some(Pins::new([unused()]).unwrap()), false)] {
        let mut server = Server::start_with(identity.clone(), &[&rustls::version::TLS12]).await;
        let client = client(trust.client_config(pins, Arc::default()).unwrap(), server.address);
        assert_eq!(post(&client, &url(HOST, server.address)).await.is_ok(), is_right);
        server.finish(client).await;
        assert_eq!(server.received().is_empty(), !is_right);
    }
}

#[test]
fn trust_needs_roots() {
    assert!(Trust::only([]).is_err());
    assert!(Trust::only([b"not a certificate".to_vec().into()]).is_err());
    assert!(Trust::platform_and([b"not a certificate".to_vec().into()]).is_err());
    assert!(Trust::platform_and([Authority::root().certificate()]).is_ok());
}
