use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::{Expired, Limit, Limits, MinSpeed, engine::Meter};

/// A poll that comes so long after the timer fired was not for the provider to cause: the client was not reading.
/// Less is what timers and schedulers take.
const LATE: Duration = Duration::from_millis(100);

/// A call's meter on tokio's clock, with its one timer.
///
/// The timer is made when the call first has to wait, and is set back only when it fires: until then each chunk costs
/// no more than a look at the clock.
#[derive(Debug)]
pub(crate) struct Watch {
    meter: Meter,
    /// Since when the provider is being waited for, if it is and that counts.
    since: Option<Instant>,
    /// When it is over in any case, whoever is slow.
    end: Option<(Instant, Limit)>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Watch {
    /// Watches an attempt that begins now.
    pub(crate) fn attempt(limits: Limits, of_stream: bool) -> Self {
        let now = Instant::now();
        let end = limits.total.and_then(|total| now.checked_add(total)).map(|end| (end, Limit::Total));
        Self { meter: Meter::new(limits, of_stream), since: Some(now), end, sleep: None }
    }

    /// Watches a whole call.
    pub(crate) const fn deadline(at: Instant) -> Self {
        let end = Some((at, Limit::Deadline));
        Self { meter: Meter::new(Limits::none(), false), since: None, end, sleep: None }
    }

    /// Whether anything is left to watch once the head has come.
    pub(crate) const fn has_more(&self) -> bool {
        self.end.is_some() || self.meter.has_more()
    }

    /// The head has come.
    pub(crate) fn head(&mut self, is_stream: bool) {
        self.came();
        self.meter.head(is_stream);
    }

    /// A piece of the answer has come.
    pub(crate) fn piece(&mut self) {
        if self.meter.counts_on() {
            self.came();
        } else {
            self.since = None;
        }
        self.meter.piece();
    }

    /// Something has come, be it a piece of the answer or not: the provider is not being waited for until
    /// [`poll_expired`](Self::poll_expired) says so.
    pub(crate) fn came(&mut self) {
        let Some(since) = self.since.take() else { return };
        let now = Instant::now();
        let client_was_away =
            self.sleep.as_ref().is_some_and(|sleep| sleep.is_elapsed() && now > sleep.deadline() + LATE);
        if !client_was_away {
            self.meter.wait(now.saturating_duration_since(since));
        }
    }

    pub(crate) const fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }

    /// The end has passed, though the provider may still have something to give: the client is slow. Costs nothing until
    /// the timer has fired.
    pub(crate) fn overdue(&self) -> Option<Limit> {
        let (end, limit) = self.end?;
        let fired = self.sleep.as_ref().is_some_and(|sleep| sleep.is_elapsed());
        (fired && Instant::now() > end).then_some(limit)
    }

    /// The provider has nothing to give now: waits for a limit to run out.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Limit> {
        loop {
            if let Some(limit) = self.meter.judge() {
                return Poll::Ready(limit);
            }
            let silent = self.meter.left().and_then(|left| {
                let since = *self.since.get_or_insert_with(Instant::now);
                since.checked_add(left)
            });
            let Some(due) = earlier(silent, self.end.map(|(end, _)| end)) else { return Poll::Pending };
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
            // One that fires too early costs less than setting it back with each chunk.
            if sleep.is_elapsed() || sleep.deadline() > due {
                sleep.as_mut().reset(due);
            }
            ready!(sleep.as_mut().poll(cx));
            let now = Instant::now();
            if let Some((_, limit)) = self.end.filter(|(end, _)| *end <= now) {
                return Poll::Ready(limit);
            }
            if let Some(since) = self.since.replace(now) {
                self.meter.wait(now.saturating_duration_since(since));
            }
        }
    }

    /// What to say of a limit that has run out.
    pub(crate) fn expired(&self, limit: Limit) -> Expired {
        let limits = self.meter.limits();
        let time = match limit {
            Limit::FirstByte => limits.first_byte,
            Limit::FirstToken => limits.first_token,
            Limit::Idle => limits.idle,
            Limit::Total => limits.total,
            Limit::Speed => limits.min_speed.map(MinSpeed::over),
            Limit::Deadline => None,
        };
        Expired::new(limit, time)
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
