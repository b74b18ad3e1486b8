//! What limits mean for a call, in time that the provider was waited for. Knows no clock, timer or network.

mod tokens;
mod window;

use std::time::Duration;

pub(crate) use self::tokens::estimate;
use self::window::Window;
use crate::{Limit, Limits};

/// One call, from its beginning to the end of its answer.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    part: Part,
    /// So long the provider has been waited for.
    waited: Duration,
    /// What `waited` was when the last piece of the answer came.
    alive: Duration,
    /// Once a stream has said something, and has to be fast enough.
    speed: Option<Window>,
}

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The head; of a stream, if the request is known to ask for one.
    Head { of_stream: bool },
    /// The first word of a stream.
    FirstToken,
    /// Whatever comes next.
    More,
}

impl Meter {
    pub(crate) const fn new(limits: Limits, of_stream: bool) -> Self {
        let part = Part::Head { of_stream };
        Self { limits, part, waited: Duration::ZERO, alive: Duration::ZERO, speed: None }
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The provider was waited for, so long.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.waited = self.waited.saturating_add(time);
    }

    /// The head has come.
    pub(crate) fn head(&mut self, is_stream: bool) {
        let listens = is_stream && (self.limits.first_token.is_some() || self.limits.min_speed.is_some());
        self.part = if listens { Part::FirstToken } else { Part::More };
        self.alive = self.waited;
    }

    /// A piece of the answer has come.
    pub(crate) const fn piece(&mut self) {
        self.alive = self.waited;
    }

    /// Whether the first word of a stream is being waited for.
    pub(crate) fn is_listening(&self) -> bool {
        self.part == Part::FirstToken
    }

    /// The stream has said something.
    pub(crate) fn said(&mut self) {
        self.part = Part::More;
        self.speed = self.limits.min_speed.map(|speed| Window::new(speed, self.waited));
    }

    /// The window of the least speed, once it is being measured.
    pub(crate) const fn speed(&mut self) -> Option<&mut Window> {
        self.speed.as_mut()
    }

    /// Whether waiting counts across pieces of the answer, and not only since the last one.
    pub(crate) fn counts_on(&self) -> bool {
        self.is_listening() || self.speed.is_some()
    }

    /// Whether the rest of the call has a limit.
    pub(crate) const fn has_more(&self) -> bool {
        let Limits { first_token, idle, min_speed, .. } = &self.limits;
        first_token.is_some() || idle.is_some() || min_speed.is_some()
    }

    /// So much more waiting, and there is something to [`judge`](Self::judge).
    pub(crate) fn left(&self) -> Option<Duration> {
        self.next().map(|(at, _)| at.saturating_sub(self.waited))
    }

    /// The limit that has run out, if one has.
    pub(crate) fn judge(&mut self) -> Option<Limit> {
        // Each round passes a step of the window; one that nothing came in for long enough ends it.
        while let Some((_, limit)) = self.next().filter(|(at, _)| *at <= self.waited) {
            match &mut self.speed {
                Some(window) if limit == Limit::Speed => {
                    if !window.pass() {
                        return Some(limit);
                    }
                }
                _ => return Some(limit),
            }
        }
        None
    }

    /// What runs out next, and at how much waiting.
    fn next(&self) -> Option<(Duration, Limit)> {
        let Limits { first_byte, first_token, idle, .. } = self.limits;
        let first_byte = first_byte.map(|time| (time, Limit::FirstByte));
        let first_token = first_token.map(|time| (time, Limit::FirstToken));
        let idle = idle.map(|time| (self.alive.saturating_add(time), Limit::Idle));
        let speed = self.speed.as_ref().map(|window| (window.step_ends(), Limit::Speed));
        match self.part {
            Part::Head { of_stream: true } => earlier(first_byte, first_token),
            Part::Head { of_stream: false } => first_byte,
            Part::FirstToken => first_token.or(idle),
            Part::More => earlier(idle, speed),
        }
    }
}

fn earlier(one: Option<(Duration, Limit)>, other: Option<(Duration, Limit)>) -> Option<(Duration, Limit)> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.0 < one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
