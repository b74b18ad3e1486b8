//! A service behind the layer that does as it is told.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex},
};

use http::{Request, Response};
use llm_layers_circuit_breaker::{Breakers, CircuitBreakerLayer, State, Status};
use llm_layers_core::{Body, BoxError};
use llm_layers_testkit::body::{BodyHandle, Script, TestBody};
use tower::{Layer, ServiceExt, util::BoxService};

type Answer = Box<dyn Fn() -> Response<Script> + Send>;

enum Does {
    Answer(Answer),
    Fail,
    Hang,
}

struct Told {
    does: Does,
    calls: usize,
    last: Option<BodyHandle>,
}

pub(crate) struct Upstream {
    layer: CircuitBreakerLayer,
    told: Arc<Mutex<Told>>,
}

impl Upstream {
    pub(crate) fn new(layer: CircuitBreakerLayer) -> Self {
        let told = Told { does: Does::Hang, calls: 0, last: None };
        Self { layer, told: Arc::new(Mutex::new(told)) }
    }

    pub(crate) fn answers(&self, answer: impl Fn() -> Response<Script> + Send + 'static) {
        self.told.lock().unwrap().does = Does::Answer(Box::new(answer));
    }

    pub(crate) fn fails(&self) {
        self.told.lock().unwrap().does = Does::Fail;
    }

    pub(crate) fn hangs(&self) {
        self.told.lock().unwrap().does = Does::Hang;
    }

    pub(crate) fn calls(&self) -> usize {
        self.told.lock().unwrap().calls
    }

    /// Opens the gate in the last answer.
    pub(crate) fn open_gate(&self) {
        self.told.lock().unwrap().last.as_ref().unwrap().open();
    }

    pub(crate) fn breakers(&self) -> Breakers {
        self.layer.breakers()
    }

    pub(crate) fn status(&self) -> Status {
        self.breakers().get("provider.example").unwrap()
    }

    pub(crate) fn state(&self) -> State {
        self.status().state
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.try_send(request).await.unwrap()
    }

    pub(crate) async fn try_send(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        self.service().oneshot(request).await
    }

    /// Reads so many frames of an answer, whose rest stays in it.
    pub(crate) async fn read_frames(&self, response: &mut Response<Body>, frames: usize) -> String {
        let mut read = Vec::new();
        for _ in 0..frames {
            let body = response.body_mut();
            let frame = poll_fn(|cx| http_body::Body::poll_frame(Pin::new(&mut *body), cx)).await;
            read.extend_from_slice(&frame.unwrap().unwrap().into_data().unwrap());
        }
        String::from_utf8(read).unwrap()
    }

    fn service(&self) -> BoxService<Request<Body>, Response<Body>, BoxError> {
        let told = Arc::clone(&self.told);
        BoxService::new(self.layer.layer(tower::service_fn(move |_: Request<Body>| {
            let mut told = told.lock().unwrap();
            told.calls += 1;
            let answer: Option<Result<Response<TestBody>, BoxError>> = match &told.does {
                Does::Answer(answer) => Some(Ok(answer().map(|script| script.body()))),
                Does::Fail => Some(Err("connection refused".into())),
                Does::Hang => None,
            };
            if let Some(Ok(answer)) = &answer {
                told.last = Some(answer.body().handle());
            }
            async move {
                match answer {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            }
        })))
    }
}

pub(crate) fn chat() -> Request<Body> {
    Request::post("http://provider.example/v1/chat/completions").body(Body::from(r#"{"model":"m"}"#)).unwrap()
}

pub(crate) async fn read(response: Response<Body>) -> String {
    let bytes = response.into_body().bytes(1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}
