//! What a flight knows: what has come, who waits, and whether there is anything to ask for.
//!
//! Everything here is done under one short lock. It calls nobody: whom to wake is handed out.

use std::{sync::Arc, task::Waker};

use http::{Response, response::Parts};
use llm_layers_core::Body;
use llm_layers_wire::{json::Object, sse::Event};
use slab::Slab;

use super::{
    log::{Log, Next},
    source::{Broke, End, Head, News, Source},
};

/// Every seat that waits is woken when the source is, for nobody can know which of them will be polled again. So these
/// hold between two calls:
///
/// - Whoever waits is told as soon as the source is here and to be asked, or as something new has come.
/// - If the source is here and not to be asked, it has been polled since it last woke the flight, and will wake it.
/// - If it is not here, then it is over, or somebody polls it and gives it back by [`publish`](Self::publish) or
///   [`pause`](Self::pause), in whatever way the poll ends.
pub(super) struct State {
    /// Away while somebody polls it, and before the beginning and after the end.
    source: Option<Box<Source>>,
    /// Whether the source is to be asked: it has not been yet, or has called since it was.
    is_due: bool,
    head: Option<Head>,
    log: Log,
    end: Option<End>,
    /// Everybody on board, with their wakers while they wait.
    seats: Slab<Option<Waker>>,
    waiting: usize,
    /// The seat of who began the flight, until they leave.
    first: Option<usize>,
}

/// The head of an answer, for one of those who wait for it.
pub(super) enum Given {
    Whole(Arc<Response<Object>>),
    Stream(Arc<Parts>),
    Alone(Box<Response<Body>>),
    Nothing,
}

/// What a follower finds.
pub(super) enum Found {
    Event(Event),
    /// The follower is too far behind.
    Lost,
    Complete,
    Broke(Broke),
}

impl State {
    /// With the seat of who begins, and the number of the event that is read first.
    pub(super) fn new(max_bytes: usize) -> (Self, usize, u64) {
        let (mut log, mut seats) = (Log::new(max_bytes), Slab::with_capacity(1));
        let (first, at) = (seats.insert(None), log.join().unwrap_or_default());
        let state =
            Self { source: None, is_due: false, head: None, log, end: None, seats, waiting: 0, first: Some(first) };
        (state, first, at)
    }

    /// Of a flight that nobody is on any more.
    fn over() -> Self {
        let mut log = Log::new(0);
        log.close();
        Self { source: None, is_due: false, head: None, log, end: None, seats: Slab::new(), waiting: 0, first: None }
    }

    /// Whether nobody can board any more.
    pub(super) const fn is_closed(&self) -> bool {
        self.log.is_closed()
    }

    /// Takes a seat, and a place at the beginning of the log.
    pub(super) fn board(&mut self) -> Option<(usize, u64)> {
        let at = self.log.join()?;
        Some((self.seats.insert(None), at))
    }

    /// Gives up a seat, with the number of the event that would be read next. The last one takes along all that is
    /// left, to be dropped outside of the lock.
    pub(super) fn leave(&mut self, seat: usize, at: Option<u64>) -> (Option<Waker>, Option<Self>) {
        let waker = self.seats.try_remove(seat).flatten();
        self.waiting -= usize::from(waker.is_some());
        self.first = self.first.filter(|first| *first != seat);
        if let Some(at) = at {
            self.log.leave(at);
        }
        let rest = self.seats.is_empty().then(|| std::mem::replace(self, Self::over()));
        (waker, rest)
    }

    /// Stops counting a reader, who wants the whole only.
    pub(super) fn skip(&mut self, at: u64) {
        self.log.leave(at);
    }

    /// The source, for who has read all: if it is to be asked and nobody does already.
    pub(super) fn take_due(&mut self) -> Option<Box<Source>> {
        let source = if self.is_due { self.source.take() } else { None };
        if source.is_some() {
            self.is_due = false;
        }
        source
    }

    /// Keeps the waker of a seat until there is news. Gives back the one that it takes the place of.
    #[must_use = "dropping a waker may drop its task, which may have a seat here"]
    pub(super) fn wait(&mut self, seat: usize, waker: &Waker) -> Option<Waker> {
        let kept = self.seats.get_mut(seat)?;
        if kept.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            return None;
        }
        let old = kept.replace(waker.clone());
        self.waiting += usize::from(old.is_none());
        old
    }

    /// The source has called. Gives whom to wake.
    pub(super) fn called(&mut self) -> Vec<Waker> {
        self.is_due = true;
        // Who polls it just now tells the others when it is back.
        if self.source.is_some() { self.take_wakers() } else { Vec::new() }
    }

    /// Takes the source back, which has nothing yet. Gives whom to wake, if it has called in the meantime.
    pub(super) fn pause(&mut self, source: Box<Source>) -> Option<Vec<Waker>> {
        self.source = Some(source);
        self.is_due.then(|| self.take_wakers())
    }

    /// Takes what has come, and the source if more will. Gives whom to wake.
    pub(super) fn publish(&mut self, news: News, source: Option<Box<Source>>) -> Vec<Waker> {
        match news {
            News::Head(head) => {
                if !matches!(head, Head::Stream(_)) {
                    self.log.close();
                }
                self.head = Some(head);
            }
            News::Event(event) => self.log.push(event),
            News::Error(event) => {
                self.log.push(event);
                self.log.close();
            }
            News::End(end) => {
                self.log.close();
                self.end = Some(end);
            }
        }
        self.is_due = true;
        self.source = source;
        self.take_wakers()
    }

    /// Takes the source that the flight begins with. Gives whom to wake.
    pub(super) fn begin(&mut self, source: Box<Source>) -> Vec<Waker> {
        self.is_due = true;
        self.source = Some(source);
        self.take_wakers()
    }

    /// Ends the flight where somebody has panicked who was to move it on.
    pub(super) fn fail(&mut self) -> Vec<Waker> {
        let news = match self.head {
            None => News::Head(Head::Nothing),
            Some(_) => News::End(End::Broke(Broke::panicked())),
        };
        self.publish(news, None)
    }

    /// The head, if it is there. What can be given to one only is for who began the flight, and has no other call to
    /// make.
    pub(super) fn head(&mut self, seat: usize) -> Option<Given> {
        // Nobody else can come: what would be copied for them is given away.
        let is_last = self.seats.len() == 1 && self.is_closed();
        if is_last && matches!(self.head, Some(Head::Whole(_))) {
            let Some(Head::Whole(response)) = self.head.replace(Head::Nothing) else { return None };
            return Some(Given::Whole(response));
        }
        Some(match self.head.as_mut()? {
            Head::Whole(response) => Given::Whole(Arc::clone(response)),
            Head::Stream(head) => Given::Stream(Arc::clone(head)),
            Head::Alone(_) if self.first.is_some_and(|first| first != seat) => Given::Nothing,
            Head::Alone(response) => response.take().map_or(Given::Nothing, Given::Alone),
            Head::Nothing => Given::Nothing,
        })
    }

    /// What a reader finds, if there is anything. It moves them on.
    pub(super) fn read(&mut self, at: &mut u64) -> Option<Found> {
        match self.log.read(at) {
            Next::Event(event) => Some(Found::Event(event)),
            Next::Lost => Some(Found::Lost),
            Next::Nothing => self.end.as_ref().map(|end| match end {
                End::Complete(_) => Found::Complete,
                End::Broke(why) => Found::Broke(why.clone()),
            }),
        }
    }

    /// At the end of a stream: the whole of it, or nothing.
    pub(super) fn whole(&self) -> Option<Option<Object>> {
        self.end.as_ref().map(|end| match end {
            End::Complete(whole) => whole.clone(),
            End::Broke(_) => None,
        })
    }

    fn take_wakers(&mut self) -> Vec<Waker> {
        if self.waiting == 0 {
            return Vec::new();
        }
        self.waiting = 0;
        self.seats.iter_mut().filter_map(|(_, waker)| waker.take()).collect()
    }
}
