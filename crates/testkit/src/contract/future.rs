use super::{
    ProbeError, SeenRequest,
    state::{Calls, Shared},
};
use crate::body::TestBody;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use std::{
    error::Error,
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

/// The response future of a [`Probe`](super::Probe).
pub struct ProbeFuture {
    work: Pin<Box<dyn Future<Output = Result<Response<TestBody>, ProbeError>> + Send>>,
}

impl ProbeFuture {
    pub(super) fn new<B>(shared: Arc<Shared>, request: Request<B>) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        // Counted from the call on, not from the first poll.
        let flight = Flight::new(shared);
        Self {
            work: Box::pin(async move {
                let mut flight = flight;
                let answered = serve(&flight.shared, request).await;
                flight.landed = true;
                answered
            }),
        }
    }
}

async fn serve<B>(shared: &Shared, request: Request<B>) -> Result<Response<TestBody>, ProbeError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    let body = read(body).await?;
    shared.change(|state| state.requests.push(SeenRequest { parts, body }));
    shared.until(|state| state.calls != Calls::Hold).await;
    if shared.look(|state| state.calls == Calls::Fail) {
        return Err(ProbeError::Call);
    }
    let (answer, endless) = shared.look(|state| (state.answer.clone(), state.endless));
    let response = (answer.0)().map(|script| if endless { script.never() } else { script }.body());
    shared.change(|state| state.bodies.push(response.body().handle()));
    Ok(response)
}

async fn read<B>(body: B) -> Result<Bytes, ProbeError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut body = pin!(body);
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| ProbeError::RequestBody(error.into().to_string()))?;
        if let Ok(data) = frame.into_data() {
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.into())
}

impl Future for ProbeFuture {
    type Output = Result<Response<TestBody>, ProbeError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.work.as_mut().poll(cx)
    }
}

impl fmt::Debug for ProbeFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeFuture").finish_non_exhaustive()
    }
}

/// Counts one call for as long as its future is there.
#[derive(Debug)]
struct Flight {
    shared: Arc<Shared>,
    landed: bool,
}

impl Flight {
    fn new(shared: Arc<Shared>) -> Self {
        shared.change(|state| {
            state.called += 1;
            state.in_flight += 1;
        });
        Self { shared, landed: false }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.shared.change(|state| {
            state.in_flight -= 1;
            state.cancelled += usize::from(!self.landed);
        });
    }
}
