//! The guard inside a real client: what is connected to, by name and by address.

use http::{Request, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use llm_layers_egress::{AddressPolicy, Allowlist, Guard, Kind, RefuseRedirects, Refused};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower_service::Service;

use crate::support::{Guarded, HttpClient, Names, guarded, post};

fn client(guard: &Guard, names: &Names) -> HttpClient<Guarded> {
    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(guarded(guard, names.clone()))
}

async fn refusal(client: &HttpClient<Guarded>, url: &str) -> Option<Refused> {
    let error = post(client, &url.parse().unwrap()).await.unwrap_err();
    Refused::find(&error).cloned()
}

/// Answers one request and hangs up.
async fn answer_one(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"secret prompt") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
}

#[tokio::test]
async fn a_name_of_a_private_address_is_not_connected_to() {
    let names = Names::default();
    let client = client(&Guard::default(), &names);
    for (address, kind) in [
        ("127.0.0.1", Kind::Loopback),
        ("::1", Kind::Loopback),
        ("10.0.0.1", Kind::Private),
        ("169.254.169.254", Kind::Metadata),
        ("fe80::1", Kind::LinkLocal),
        ("::ffff:127.0.0.1", Kind::Loopback),
        ("64:ff9b::7f00:1", Kind::Loopback),
        ("0.0.0.0", Kind::Unspecified),
    ] {
        names.set("provider.test", &[address]);
        let refused = refusal(&client, "http://provider.test/").await.unwrap();
        let expected = Refused::Address { host: "provider.test".into(), address: address.parse().unwrap(), kind };
        assert_eq!(refused, expected);
        let text = refused.to_string();
        assert!(text.contains("provider.test") && text.contains(&kind.to_string()), "{text}");
    }
}

#[tokio::test]
async fn a_literal_address_is_refused_though_no_resolver_is_asked() {
    let names = Names::default();
    let client = client(&Guard::default(), &names);
    for url in ["http://127.0.0.1:9/", "http://[::1]:9/", "http://[::ffff:7f00:1]:9/", "http://localhost:9/"] {
        assert!(matches!(refusal(&client, url).await, Some(Refused::Address { .. })), "{url}");
    }
    for url in ["http://2130706433:9/", "http://0x7f.1:9/", "http://127.1:9/", "http://localhost.:9/"] {
        assert!(matches!(refusal(&client, url).await, Some(Refused::Spelling(_))), "{url}");
    }
    assert!(names.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_private_address_among_public_ones_is_left_out() {
    let names = Names::default();
    names.set("provider.test", &["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111", "169.254.169.254"]);
    let permitted = Guard::default().resolver(names).oneshot("provider.test".parse().unwrap()).await.unwrap();
    let permitted: Vec<_> = permitted.map(|socket| socket.ip().to_string()).collect();
    assert_eq!(permitted, ["8.8.8.8", "2606:4700::1111"]);
}

/// The answer that is checked is the one that is used: a second one is asked for by nobody.
#[tokio::test]
async fn a_name_that_changes_its_answer_gains_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let names = Names::default();
    let guard = Guard::new(AddressPolicy::default().allow("127.0.0.1".parse().unwrap()));
    let client = client(&guard, &names);
    let url: Uri = format!("http://rebinding.test:{port}/").parse().unwrap();
    for round in 1..=3 {
        names.set("rebinding.test", &["127.0.0.1"]);
        let (answer, ()) = tokio::join!(post(&client, &url), answer_one(&listener));
        assert_eq!(answer.unwrap().status(), 200);
        assert_eq!(names.asked.lock().unwrap().len(), 2 * round - 1, "once for each connection");
        names.set("rebinding.test", &["169.254.169.254"]);
        let refused = refusal(&client, &url.to_string()).await;
        assert!(matches!(refused, Some(Refused::Address { kind: Kind::Metadata, .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn an_origin_that_is_not_listed_is_not_even_looked_up() {
    let names = Names::default();
    let list = Allowlist::parse(["https://api.example.com", "http://*.example.com:8080"]).unwrap();
    let client = client(&Guard::default().allowlist(list), &names);
    for (url, origin) in [
        ("http://api.example.com/v1?key=1", "http://api.example.com"),
        ("https://evil.example/", "https://evil.example"),
        ("http://a.example.com:8081/", "http://a.example.com:8081"),
    ] {
        assert_eq!(refusal(&client, url).await, Some(Refused::Origin { origin: origin.into() }));
    }
    assert!(names.asked.lock().unwrap().is_empty());
    names.set("a.example.com", &["10.0.0.1"]);
    let listed = refusal(&client, "http://a.example.com:8080/").await;
    assert!(matches!(listed, Some(Refused::Address { kind: Kind::Private, .. })), "listed, and still private");
}

#[tokio::test]
async fn a_name_without_an_address_is_an_error_of_the_connector() {
    let client = client(&Guard::default(), &Names::default());
    assert_eq!(refusal(&client, "http://nowhere.test/").await, None);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url: Uri = format!("http://127.0.0.1:{port}/v1").parse().unwrap();
    let names = Names::default();
    let client = client(&Guard::new(AddressPolicy::implied_by(&url)), &names);
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"secret prompt") {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
        }
        let answer = b"HTTP/1.1 307 X\r\nlocation: https://evil.example/?key=1\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    };
    let request = Request::post(&url).body(Full::from("secret prompt")).unwrap();
    let (answer, ()) = tokio::join!(RefuseRedirects::new(client).call(request), serve);
    let error = answer.unwrap_err();
    let Some(Refused::Redirect(redirect)) = Refused::find(&*error) else { panic!("{error:?}") };
    assert!(redirect.crosses_origins());
    let text = "answered by 307 Temporary Redirect to another origin, https://evil.example, which is not followed";
    assert_eq!(error.to_string(), text);
    assert!(names.asked.lock().unwrap().is_empty());
}
