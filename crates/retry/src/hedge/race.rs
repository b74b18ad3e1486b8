use std::pin::Pin;

use futures_util::future::{Either, select};
use http::Response;
use llm_layers_core::{Body, FailureKind};

use crate::attempts;

const FIRST: &str = "first";
const SECOND: &str = "second";

type Answer<E> = Result<Response<Body>, E>;

pub(super) struct Race<E> {
    pub(super) answer: Answer<E>,
    /// Which of the two it is.
    pub(super) taken: &'static str,
}

/// The first answer that is a success, or of two failures the one that says more. The other call is the caller's to
/// drop.
pub(super) async fn run<E>(
    first: Pin<&mut impl Future<Output = Answer<E>>>,
    second: Pin<&mut impl Future<Output = Answer<E>>>,
) -> Race<E> {
    let (done, other) = match select(first, second).await {
        Either::Left((answer, second)) => ((answer, FIRST), Either::Left(second)),
        Either::Right((answer, first)) => ((answer, SECOND), Either::Right(first)),
    };
    if rank(&done.0) >= Rank::Final {
        // The other is one attempt at the least.
        return Race { answer: counted(done.0, 1), taken: done.1 };
    }
    let late = match other {
        Either::Left(second) => (second.await, SECOND),
        Either::Right(first) => (first.await, FIRST),
    };
    let (taken, left) = if rank(&late.0) > rank(&done.0) { (late, done) } else { (done, late) };
    Race { answer: counted(taken.0, made(&left.0)), taken: taken.1 }
}

pub(super) fn is_success<E>(answer: &Answer<E>) -> bool {
    rank(answer) == Rank::Success
}

/// What an answer is worth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The service below failed.
    Error,
    /// A layer below refused: nobody was asked.
    Refusal,
    /// Another call may do better.
    Failure,
    /// A request that is at fault is so twice.
    Final,
    Success,
}

fn rank<E>(answer: &Answer<E>) -> Rank {
    let Ok(response) = answer else { return Rank::Error };
    if attempts::is_refusal(response) {
        return Rank::Refusal;
    }
    match FailureKind::of(response) {
        None => Rank::Success,
        Some(kind) if kind.is_retryable() => Rank::Failure,
        Some(_) => Rank::Final,
    }
}

fn made<E>(answer: &Answer<E>) -> u32 {
    answer.as_ref().map_or(1, attempts::of)
}

/// The answer, with the attempts of both calls.
fn counted<E>(answer: Answer<E>, other: u32) -> Answer<E> {
    answer.map(|mut response| {
        attempts::count(&mut response, other);
        response
    })
}
