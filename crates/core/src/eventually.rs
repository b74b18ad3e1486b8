use std::{fmt, pin::Pin};

/// What is there at once, or comes: an answer of somebody who may have to ask somebody else for it.
///
/// What is there costs no allocation, and a task that waits for it does not yield.
pub enum Eventually<'a, T> {
    /// It is there.
    Now(T),
    /// It comes.
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<T> Eventually<'_, T> {
    /// Waits for what is not there yet.
    pub async fn get(self) -> T {
        match self {
            Self::Now(value) => value,
            Self::Later(coming) => coming.await,
        }
    }
}

impl<T> fmt::Debug for Eventually<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now(_) => "Now",
            Self::Later(_) => "Later",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn what_is_there_is_not_waited_for() {
        let poll = |eventually: Eventually<'_, u8>| {
            Box::pin(eventually.get()).as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        assert_eq!(poll(Eventually::Now(7)), Poll::Ready(7));
        assert_eq!(poll(Eventually::Later(Box::pin(async { 8 }))), Poll::Ready(8));
        assert_eq!(poll(Eventually::Later(Box::pin(std::future::pending()))), Poll::Pending);
    }
}
