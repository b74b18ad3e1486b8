//! The same providers on a socket, for SDKs that talk to them.

use std::net::Ipv4Addr;

use axum::{Router, serve::ListenerExt as _};
use llm_layers_core::Body;
use llm_layers_provider_translator::InboundLayer;
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _};

use crate::{kinds::KINDS, stack};

/// Serves until it is ended.
pub(crate) async fn run(port: u16) -> Result<(), String> {
    let (mut router, mut sims, mut kinds) = (Router::new(), Vec::new(), String::new());
    for kind in KINDS {
        let (sim, provider) = kind.start().await;
        // Whatever shape a call comes in, the providers are asked for chat completions.
        let service = InboundLayer::new().native(|_, _| false).layer(stack::of(kind, provider));
        let service = service.map_request(|request: http::Request<axum::body::Body>| request.map(Body::new));
        router = router.nest_service(&format!("/{}", kind.name), service);
        kinds += &format!("{} {} {}\n", kind.name, kind.model, sim.base_url());
        sims.push(sim);
    }
    router = router.route("/kinds", axum::routing::get(|| async { kinds }));
    let failed = |error| format!("port {port}: {error}");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    // Otherwise every second write of an answer waits for an acknowledgement.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    axum::serve(listener, router).await.map_err(failed)
}
