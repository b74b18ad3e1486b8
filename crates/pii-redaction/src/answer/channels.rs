use std::{collections::HashMap, mem, sync::Arc};

use bytes::Bytes;
use llm_layers_core::{Caller, Failure, Operation};
use llm_layers_pii::Text;

use crate::{
    Action, Direction, Escape, Restorer, Session, errors,
    layer::Settings,
    observe,
    places::{Channel, Deltas, Kind, Place, Visit},
    report, restore,
    screen::Screen,
};

/// The running texts of a stream: each is searched, if answers are, and then has its values put back.
///
/// Dropped, it tells what was found.
pub(super) struct Channels {
    settings: Arc<Settings>,
    pub(super) operation: Operation,
    caller: Option<Caller>,
    restorer: Restorer,
    /// What the model says is JSON, as its arguments always are.
    wants_json: bool,
    session: Session,
    running: HashMap<Channel, Running>,
    /// Reused from piece to piece.
    searched: String,
    out: String,
    is_told: bool,
}

/// One of them.
struct Running {
    screen: Option<Screen>,
    restore: restore::Stream,
}

impl Channels {
    pub(super) fn new(
        settings: Arc<Settings>,
        operation: Operation,
        caller: Option<Caller>,
        restorer: Restorer,
        wants_json: bool,
    ) -> Self {
        let session = Session::new(&settings.answer_rules, "", Bytes::new());
        let (searched, out) = (String::new(), String::new());
        Self {
            settings,
            operation,
            caller,
            restorer,
            wants_json,
            session,
            running: HashMap::new(),
            searched,
            out,
            is_told: false,
        }
    }

    /// Why the stream must not go on, if it must not.
    pub(super) fn blocked(&mut self) -> Option<Failure> {
        if !self.session.is_blocked() {
            return None;
        }
        let report = report::of(&self.session, self.operation, self.caller.clone(), Direction::Answer)?;
        self.tell();
        Some(errors::answer_blocked(&report))
    }

    /// Says, once, what was found.
    pub(super) fn tell(&mut self) {
        if mem::replace(&mut self.is_told, true) {
            return;
        }
        if let Some(report) = report::of(&self.session, self.operation, self.caller.take(), Direction::Answer) {
            observe::found(&report);
            self.settings.tell(&report);
        }
    }

    fn searches(&self) -> bool {
        self.settings.answers != Action::Ignore
    }
}

impl Drop for Channels {
    fn drop(&mut self) {
        self.tell();
    }
}

impl Deltas for Channels {
    fn delta(&mut self, channel: Channel, piece: &str) -> Option<String> {
        if !self.running.contains_key(&channel) {
            let is_json = channel.is_json() || self.wants_json && channel.kind == Kind::Text;
            let escape = if is_json { Escape::Json } else { Escape::None };
            let running = Running {
                screen: self.searches().then(|| Screen::new(is_json)),
                restore: restore::Stream::new(self.restorer.clone(), escape),
            };
            self.running.insert(channel, running);
        }
        let running = self.running.get_mut(&channel)?;
        self.out.clear();
        match &mut running.screen {
            Some(screen) => {
                self.searched.clear();
                screen.push(piece, &self.settings, &mut self.session, &mut self.searched);
                running.restore.push(&self.searched, &mut self.out);
            }
            None => running.restore.push(piece, &mut self.out),
        }
        (self.out != piece).then(|| self.out.clone())
    }

    fn end(&mut self, channel: Channel) -> String {
        let mut out = String::new();
        if let Some(mut running) = self.running.remove(&channel) {
            if let Some(screen) = &mut running.screen {
                self.searched.clear();
                screen.finish(&self.settings, &mut self.session, &mut self.searched);
                running.restore.push(&self.searched, &mut out);
            }
            running.restore.finish(&mut out);
        }
        out
    }
}

impl Visit for Channels {
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String> {
        let escape = if place.raw_json { Escape::Json } else { Escape::None };
        let mut screened = None;
        if self.searches() {
            let mut found = self.settings.find(text);
            if place.sealed {
                self.settings.answer_rules.retain_unchanged(&mut found);
            }
            if !found.is_empty() {
                screened = self.session.redact(text, found, place.raw_json);
            }
        }
        self.restorer.restore(screened.as_deref().unwrap_or(text.text), escape).or(screened)
    }
}
