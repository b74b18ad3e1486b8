//! Who asks for what, and when: 10,000 requests of one working day, the same for every policy.

use std::time::Duration;

use crate::{dice::Dice, text};

/// One of four applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A long system prompt, short questions, several turns.
    Support,
    /// A long document, a short answer.
    Summary,
    /// Files, long answers, several turns.
    Code,
    /// One label for a short text.
    Classification,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Support, Self::Summary, Self::Code, Self::Classification];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Support => "support chat",
            Self::Summary => "summaries",
            Self::Code => "code",
            Self::Classification => "classification",
        }
    }
}

pub(crate) struct Request {
    pub(crate) at: Duration,
    pub(crate) kind: Kind,
    pub(crate) conversation: u64,
    /// From 0.
    turn: usize,
    dice: Dice,
    /// Tokens of the answer.
    pub(crate) output: u64,
}

const DAY: f64 = 24.0 * 3600.0;

/// What a conversation is about, and how many turns it has.
type Draw = fn(&mut Dice) -> (Kind, usize);

/// A day of all four applications.
pub(crate) const DAY_OF_ALL: Draw = |dice| {
    let kind = match dice.unit() {
        x if x < 0.28 => Kind::Support,
        x if x < 0.50 => Kind::Summary,
        x if x < 0.62 => Kind::Code,
        _ => Kind::Classification,
    };
    let turns = match kind {
        Kind::Support => dice.between(1, 9),
        Kind::Code => dice.between(1, 7),
        Kind::Summary | Kind::Classification => 1,
    };
    (kind, turns)
};

/// A day of nothing but long conversations.
pub(crate) const DAY_OF_CONVERSATIONS: Draw = |dice| {
    let kind = if dice.unit() < 0.5 { Kind::Support } else { Kind::Code };
    (kind, dice.between(6, 16))
};

/// All requests, by time. Most come in the working hours of Europe.
pub(crate) fn requests(seed: u64, count: usize, draw: Draw) -> Vec<Request> {
    let mut requests: Vec<Request> = Vec::with_capacity(count);
    let mut conversation = 0;
    while requests.len() < count {
        conversation += 1;
        let mut dice = Dice::new(seed).of(conversation);
        let (kind, turns) = draw(&mut dice);
        // The sum of two draws is a day with a hump at noon.
        let mut at = (dice.unit() + dice.unit()) / 2.0 * DAY;
        let own = dice.of(1);
        for turn in 0..turns.min(count - requests.len()) {
            let output = match kind {
                Kind::Support => dice.log_between(60.0, 400.0),
                Kind::Summary => dice.log_between(150.0, 700.0),
                Kind::Code => dice.log_between(150.0, 2000.0),
                Kind::Classification => dice.log_between(2.0, 8.0),
            };
            let at_now = Duration::from_secs_f64(at);
            requests.push(Request { at: at_now, kind, conversation, turn, dice: own, output: output as u64 });
            at += dice.log_between(15.0, 400.0);
        }
    }
    requests.sort_by_key(|request| (request.at, request.conversation, request.turn));
    requests
}

impl Request {
    /// The body, as a client of OpenAI's API sends it: a later turn holds all before it.
    pub(crate) fn body(&self) -> String {
        let mut messages = vec![("system", text::system(self.kind).to_owned())];
        for turn in 0..=self.turn {
            let mut dice = self.dice.of(turn as u64);
            if turn > 0 {
                messages.push(("assistant", text::answer(self.kind, &mut dice)));
            }
            messages.push(("user", text::question(self.kind, turn, &mut dice)));
        }
        let messages: Vec<_> = messages
            .into_iter()
            .map(|(role, content)| format!(r#"{{"role":"{role}","content":{}}}"#, json(&content)))
            .collect();
        let max = match self.kind {
            Kind::Classification => r#","max_tokens":10"#,
            Kind::Summary => r#","max_tokens":1000"#,
            Kind::Support | Kind::Code => "",
        };
        format!(r#"{{"model":"any","stream":true{max},"messages":[{}]}}"#, messages.join(","))
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}
