use std::{
    fmt,
    iter::Peekable,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use llm_layers_core::BoxError;
use llm_layers_wire::sse::Event;
use tokio::time::{Instant, Sleep, sleep_until};

/// Events as a stream: all at once for who reads them as fast, or one in each so much time.
pub(crate) struct Paced {
    events: Peekable<Box<dyn Iterator<Item = Event> + Send>>,
    pace: Option<Pace>,
}

struct Pace {
    every: Duration,
    /// Until when the next event waits; absent before the first, which waits for nothing.
    wait: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    pub(crate) fn new(events: Box<dyn Iterator<Item = Event> + Send>, pace: Option<Duration>) -> Self {
        let pace = pace.filter(|every| !every.is_zero()).map(|every| Pace { every, wait: None });
        Self { events: events.peekable(), pace }
    }
}

impl Stream for Paced {
    type Item = Result<Event, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { events, pace } = &mut *self;
        // The end waits for nothing.
        if let Some(pace) = pace
            && events.peek().is_some()
        {
            std::task::ready!(pace.poll(cx));
        }
        Poll::Ready(events.next().map(Ok))
    }
}

impl Pace {
    /// Ready when it is time for an event, and sets the time of the next.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // A pace that no clock can tell is none.
        let next = Instant::now().checked_add(self.every);
        match (&mut self.wait, next) {
            (_, None) => {}
            (None, Some(next)) => self.wait = Some(Box::pin(sleep_until(next))),
            (Some(wait), Some(next)) => {
                std::task::ready!(wait.as_mut().poll(cx));
                wait.as_mut().reset(next);
            }
        }
        Poll::Ready(())
    }
}

impl fmt::Debug for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paced").field("pace", &self.pace.as_ref().map(|pace| pace.every)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    fn events(count: usize) -> Box<dyn Iterator<Item = Event> + Send> {
        Box::new((0..count).map(|at| Event::new(at.to_string())))
    }

    /// When each event came, in milliseconds.
    async fn times(mut paced: Paced) -> Vec<u128> {
        let begin = Instant::now();
        let mut times = Vec::new();
        while let Some(event) = poll_fn(|cx| Pin::new(&mut paced).poll_next(cx)).await {
            assert_eq!(event.expect("an event").data(), Some(times.len().to_string().as_bytes()));
            times.push(begin.elapsed().as_millis());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn one_event_in_each_time() {
        assert_eq!(times(Paced::new(events(4), Some(Duration::from_millis(20)))).await, [0, 20, 40, 60]);
        assert_eq!(times(Paced::new(events(3), None)).await, [0, 0, 0]);
        assert_eq!(times(Paced::new(events(3), Some(Duration::ZERO))).await, [0, 0, 0]);
        assert_eq!(times(Paced::new(events(2), Some(Duration::MAX))).await, [0, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_late_is_not_flooded() {
        let mut paced = Paced::new(events(9), Some(Duration::from_millis(20)));
        let mut read =
            async || poll_fn(|cx| Pin::new(&mut paced).poll_next(cx)).await.expect("more").expect("an event");
        read().await;
        tokio::time::advance(Duration::from_millis(100)).await;
        let late = Instant::now();
        read().await;
        assert_eq!(late.elapsed().as_millis(), 0, "its time had come");
        read().await;
        assert_eq!(late.elapsed().as_millis(), 20, "those that waited do not come at once");
    }

    #[tokio::test(start_paused = true)]
    async fn events_are_made_when_they_are_asked_for() {
        let (made, seen) = std::sync::mpsc::channel();
        let events = (0..5).map(move |at: u8| {
            made.send(at).expect("a receiver");
            Event::new("x")
        });
        let mut paced = Paced::new(Box::new(events), Some(Duration::from_millis(1)));
        for at in 0..5 {
            poll_fn(|cx| Pin::new(&mut paced).poll_next(cx)).await.expect("more").expect("an event");
            assert_eq!(seen.try_iter().collect::<Vec<_>>(), [at]);
        }
    }
}
