use std::{collections::HashMap, mem};

use llm_layers_core::{Failure, Operation};
use llm_layers_pii::Text;

use super::right::put_right;
use crate::{
    Direction, Escape, Restorer, Session,
    call::Call,
    errors,
    places::{Channel, Deltas, Kind, Place, Visit},
    restore,
    screen::Screen,
};

/// The running texts of a stream: each is searched, if answers are, and then has its values put back.
///
/// Dropped, it tells what was found.
pub(super) struct Channels {
    call: Call,
    restorer: Restorer,
    /// What the model says is JSON, as its arguments always are.
    wants_json: bool,
    session: Session,
    /// For texts that repeat whole what running texts have said: what is found in them was counted.
    repeated: Session,
    /// For thoughts that a provider signs, which stay as they are: made when there is one.
    sealed: Option<Session>,
    running: HashMap<Channel, Running>,
    /// Whether there was any.
    has_run: bool,
    /// Reused from piece to piece.
    searched: String,
    out: String,
    is_told: bool,
}

/// One of them.
struct Running {
    screen: Option<Screen>,
    restore: restore::Stream,
    /// How it begins, as long as that may tell that it is JSON.
    beginning: Option<String>,
}

impl Channels {
    pub(super) fn new(call: Call, restorer: Restorer, wants_json: bool) -> Self {
        Self {
            session: call.answer_session(),
            repeated: call.answer_session(),
            call,
            restorer,
            wants_json,
            sealed: None,
            running: HashMap::new(),
            has_run: false,
            searched: String::new(),
            out: String::new(),
            is_told: false,
        }
    }

    /// Whose words the events are in.
    pub(super) const fn shape(&self) -> Operation {
        self.call.shape
    }

    /// Why the stream must not go on, if it must not.
    pub(super) fn blocked(&mut self) -> Option<Failure> {
        let mut sessions = [&self.session, &self.repeated].into_iter().chain(&self.sealed);
        let found = sessions.find(|session| session.is_blocked())?;
        self.is_told = true;
        self.call.tell(found, Direction::Answer).map(|report| errors::answer_blocked(&report))
    }

    /// Says, once, what was found.
    pub(super) fn tell(&mut self) {
        if !mem::replace(&mut self.is_told, true) {
            for session in [&self.session].into_iter().chain(&self.sealed) {
                self.call.tell(session, Direction::Answer);
            }
        }
    }

    fn begin(&self, channel: Channel) -> Running {
        let is_json = channel.is_json() || self.wants_json && channel.kind == Kind::Text;
        let escape = if is_json { Escape::Json } else { Escape::None };
        Running {
            screen: self.call.searches_answers().then(|| Screen::new(is_json)),
            restore: restore::Stream::new(self.restorer.clone(), escape),
            beginning: (!is_json && channel.kind == Kind::Text).then(String::new),
        }
    }
}

impl Drop for Channels {
    fn drop(&mut self) {
        self.tell();
    }
}

impl Deltas for Channels {
    fn delta(&mut self, channel: Channel, piece: &str) -> Option<String> {
        self.has_run = true;
        if !self.running.contains_key(&channel) {
            let running = self.begin(channel);
            self.running.insert(channel, running);
        }
        let session = match channel.is_sealed() {
            true => self.sealed.get_or_insert_with(|| self.call.sealed_session()),
            false => &mut self.session,
        };
        let running = self.running.get_mut(&channel)?;
        running.hear_beginning(piece, &self.restorer);
        self.out.clear();
        match &mut running.screen {
            Some(screen) => {
                self.searched.clear();
                screen.push(piece, &self.call.settings, session, &mut self.searched);
                running.restore.push(&self.searched, &mut self.out);
            }
            None => running.restore.push(piece, &mut self.out),
        }
        (self.out != piece).then(|| self.out.clone())
    }

    fn end(&mut self, channel: Channel) -> String {
        let mut out = String::new();
        let session = self.sealed.as_mut().filter(|_| channel.is_sealed()).unwrap_or(&mut self.session);
        if let Some(mut running) = self.running.remove(&channel) {
            if let Some(screen) = &mut running.screen {
                self.searched.clear();
                screen.finish(&self.call.settings, session, &mut self.searched);
                running.restore.push(&self.searched, &mut out);
            }
            running.restore.finish(&mut out);
        }
        out
    }
}

impl Running {
    /// A model that was told in words to answer in JSON does so from its first sign on.
    fn hear_beginning(&mut self, piece: &str, restorer: &Restorer) {
        const LONGEST: usize = 16;
        let Some(beginning) = &mut self.beginning else { return };
        beginning.extend(piece.chars().take(LONGEST));
        let text = beginning.trim_start();
        let is_json = ["{", "[{", "[\"", "```json"].iter().any(|start| text.starts_with(start));
        if is_json && self.restore.held() == 0 {
            self.restore = restore::Stream::new(restorer.clone(), Escape::Json);
        }
        if is_json || beginning.len() >= LONGEST {
            self.beginning = None;
        }
    }
}

impl Visit for Channels {
    fn text(&mut self, text: &Text<'_>, place: Place) -> Option<String> {
        // The events of a response end in what they have said, three times over.
        let is_repeated = self.has_run && self.call.shape == Operation::Response;
        let session = if is_repeated { &mut self.repeated } else { &mut self.session };
        put_right(&self.call, session, &self.restorer, text, place)
    }
}
