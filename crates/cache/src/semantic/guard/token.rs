//! A text as words, numbers, symbols and what is to be taken as it stands.

use std::iter;

use super::number;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    /// Quoted text, code, addresses, paths.
    Verbatim(&'a str),
    /// A number in ASCII, and whether a word follows without a space.
    Number(String, bool),
    Symbol(char),
    /// A comma, a bracket, a dash.
    Pause,
    /// The end of a sentence or line.
    Stop,
}

/// The tokens of a text, each read once.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut scanner = Scanner { text, at: 0, is_unclosed: [false; QUOTES.len()], plain_until: 0 };
    iter::from_fn(move || scanner.next())
}

/// What opens a quotation, and what closes it.
const QUOTES: [(char, &[char]); 8] = [
    ('`', &['`']),
    ('"', &['"']),
    ('\'', &['\'']),
    ('“', &['”']),
    ('„', &['“', '”']),
    ('«', &['»']),
    ('「', &['」']),
    ('『', &['』']),
];

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The quotations that nothing closes any more: they are not looked for again.
    is_unclosed: [bool; QUOTES.len()],
    /// Up to here no address begins: what is without spaces is looked through once.
    plain_until: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    /// The next so many bytes.
    fn take(&mut self, length: usize) -> &'a str {
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        taken
    }

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest().chars().next()?;
            if let Some(token) = self.quoted(first).or_else(|| self.address(first)) {
                return Some(token);
            }
            if let Some((spelled, length)) = number::scan(self.rest()) {
                self.take(length);
                return Some(Token::Number(spelled, self.rest().starts_with(is_word)));
            }
            let is_dotted_name = || first == '.' && !self.before().is_some_and(is_word);
            if is_word(first) || is_dotted_name() && self.rest().chars().nth(1).is_some_and(char::is_alphabetic) {
                let length = word(self.rest());
                return Some(Token::Word(self.take(length)));
            }
            self.take(first.len_utf8());
            let is_before_number = || self.rest().trim_start().starts_with(|c| number::digit(c).is_some());
            return Some(match first {
                '\n' | '.' | '?' | '。' | '？' | '！' | '؟' | '।' | '…' => Token::Stop,
                // A factorial.
                '!' if self
                    .text
                    .get(..self.at - 1)
                    .is_some_and(|text| text.ends_with(|c| number::digit(c).is_some())) =>
                {
                    Token::Symbol(first)
                }
                // "Not", in code.
                '!' if self.rest().starts_with(is_word) => Token::Symbol(first),
                '!' => Token::Stop,
                '-' | '−' | '–' if is_before_number() => Token::Symbol('-'),
                '(' | ')' | '[' | ']' | '{' | '}' if self.is_of_formula(first) => Token::Symbol(first),
                _ if is_pause(first) => Token::Pause,
                _ if first.is_whitespace() || is_silent(first) => continue,
                _ => Token::Symbol(first),
            });
        }
    }

    /// Whether the bracket that was just read stands beside a digit or a sign: it groups then.
    fn is_of_formula(&self, bracket: char) -> bool {
        let before = self.text.get(..self.at - bracket.len_utf8()).and_then(|text| text.chars().next_back());
        let beside = [before, self.rest().chars().next()];
        beside.into_iter().flatten().any(|c| {
            number::digit(c).is_some()
                || matches!(c, '+' | '-' | '*' | '/' | '^' | '=' | '<' | '>' | '|' | '(' | ')' | '!' | '×' | '÷' | '−')
        })
    }

    /// What is between quotation marks or ticks.
    fn quoted(&mut self, first: char) -> Option<Token<'a>> {
        let kind = QUOTES.iter().position(|(open, _)| *open == first)?;
        let (_, closing) = QUOTES.get(kind)?;
        let is_unclosed = self.is_unclosed.get_mut(kind)?;
        if *is_unclosed {
            return None;
        }
        let is_apostrophe = first == '\'';
        let rest = self.text.get(self.at..)?;
        let ticks = if first == '`' { rest.len() - rest.trim_start_matches('`').len() } else { first.len_utf8() };
        let inner = rest.get(ticks..)?;
        let opens = !is_apostrophe
            || !self.text.get(..self.at)?.ends_with(is_word) && inner.starts_with(|c: char| !c.is_whitespace());
        if !opens {
            return None;
        }
        let closes = |(at, mark): &(usize, &str)| {
            let after = inner.get(at + mark.len()..).unwrap_or_default();
            !is_apostrophe || !after.starts_with(is_word)
        };
        let found = inner.match_indices(*closing).find(closes).map(|(at, _)| at);
        let Some(end) = found else {
            *is_unclosed = true;
            return None;
        };
        let quoted = inner.get(..end)?;
        // As many ticks as have opened it, or one after the other.
        let after = inner.get(end..)?;
        let mark = after.chars().next()?;
        let closed = if first == '`' { after.len() - after.trim_start_matches('`').len() } else { mark.len_utf8() };
        self.at += ticks + end + closed;
        Some(Token::Verbatim(quoted.trim()))
    }

    /// A URL, an address, a path, an option, a tag, or an identifier with signs in it: up to the next space.
    fn address(&mut self, first: char) -> Option<Token<'a>> {
        let is_inside = self.before().is_some_and(|c| !c.is_whitespace() && !is_pause(c));
        if is_inside || first.is_whitespace() || first != '-' && is_pause(first) {
            return None;
        }
        let second = self.rest().chars().nth(1).unwrap_or(' ');
        let is_sign = match first {
            '/' | '\\' | '~' | '@' | '#' | '$' => second.is_alphabetic() || matches!(second, '/' | '_' | '{'),
            '-' => second == '-' || second.is_alphabetic(),
            _ => false,
        };
        if !is_sign && self.at < self.plain_until {
            return None;
        }
        let chunk = self.rest().split(char::is_whitespace).next()?;
        let end = self.at + chunk.len();
        let has_sign = || ["://", "::", "@", "_", "\\", "->", "=>", "=="].iter().any(|sign| chunk.contains(sign));
        let is_address = is_sign || chunk.starts_with("www.") || has_sign();
        let chunk = chunk.trim_end_matches(['.', ',', ';', ':', '?', '!', ')', ']', '}', '"', '\'', '…']);
        if !is_address || chunk.is_empty() {
            self.plain_until = end;
            return None;
        }
        Some(Token::Verbatim(self.take(chunk.len())))
    }
}

/// How long the word is that a text begins with: with what stands inside of it (don't, node.js, well-known, AT&T), and
/// the signs of `C++` and `F#` behind it.
fn word(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let mut goes_on = || chars.peek().is_some_and(|(_, next)| is_word(*next));
        let is_joint = || matches!(c, '\'' | '’' | '.' | '-' | '&' | '\u{ad}' | '\u{200c}' | '\u{200d}');
        if !(is_word(c) || is_joint() && goes_on()) {
            break;
        }
        end = at + c.len_utf8();
    }
    let rest = text.get(end..).unwrap_or_default();
    let signs = rest.len() - rest.trim_start_matches(['+', '#']).len();
    if rest.get(signs..).is_some_and(|after| after.starts_with(is_word)) { end } else { end + signs }
}

/// Letters, digits, and whatever else is not known to be a mark: an unknown sign is rather of a word than lost.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() && !is_mark(c)
}

/// Marks beyond ASCII.
fn is_mark(c: char) -> bool {
    is_silent(c)
        || is_pause(c)
        || QUOTES.iter().any(|(open, closing)| c == *open || closing.contains(&c))
        || matches!(c, '’' | '‘' | '‚' | '?' | '。' | '？' | '！' | '؟' | '।' | '…' | '−')
        || matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₿' | '¢' | '°' | '‰' | '×' | '÷' | '±' | '§')
        || matches!(c, '\u{2190}'..='\u{22ff}')
}

const fn is_pause(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '-' | '–' | '—' | '"' | '\'' | '`')
        || matches!(
            c,
            '“' | '”'
                | '„'
                | '«'
                | '»'
                | '「'
                | '」'
                | '『'
                | '』'
                | '‘'
                | '’'
                | '‚'
                | '、'
                | '，'
                | '；'
                | '：'
                | '،'
                | '؛'
                | '（'
                | '）'
                | '·'
        )
}

/// What is not seen, or only opens a question.
fn is_silent(c: char) -> bool {
    matches!(c, '¿' | '¡' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{feff}' | '\u{fe0e}' | '\u{fe0f}')
        || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> String {
        let spell = |token| match token {
            Token::Word(word) => word.to_owned(),
            Token::Verbatim(text) => format!("<{text}>"),
            Token::Number(number, is_glued) => format!("#{number}{}", if is_glued { "_" } else { "" }),
            Token::Symbol(symbol) => format!("'{symbol}"),
            Token::Pause => ",".to_owned(),
            Token::Stop => ".".to_owned(),
        };
        tokens(text).map(spell).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn texts_are_cut_into_tokens() {
        let table = [
            ("What's 15% of 80?", "What's #15 '% of #80 ."),
            ("5kg vs 5 lb", "#5_ kg vs #5 lb"),
            ("2+2 = -4", "#2 '+ #2 '= '- #4"),
            ("5 - 3", "#5 '- #3"),
            ("a - b", "a , b"),
            ("$5, 5!", "'$ #5 , #5 '!"),
            ("in C++ and C# or .NET?", "in C++ and C# or .NET ."),
            ("use `a b` or ``x``", "use <a b> or <x>"),
            ("an ` open one", "an , open one"),
            ("say \"hello there\" now", "say <hello there> now"),
            ("the word 'don't' isn't", "the word <don't> isn't"),
            ("dogs' and cats'", "dogs , and cats ,"),
            ("«bon» „gut“ “good”", "<bon> <gut> <good>"),
            ("see https://a.b/c?d=e.", "see <https://a.b/c?d=e> ."),
            ("mail (me@x.org) to @you", "mail , <me@x.org> , to <@you>"),
            ("git --force -v /etc/hosts snake_case a->b", "git <--force> <-v> </etc/hosts> <snake_case> <a->b>"),
            ("node.js 3.12.1 AT&T.", "node.js #3.12.1 AT&T ."),
            ("km/h", "km '/ h"),
            ("25°C", "#25 '° C"),
            ("¿Qué es?", "Qué es ."),
            ("好吗？是。", "好吗 . 是 ."),
            ("fine👍", "fine👍"),
        ];
        for (text, expected) in table {
            assert_eq!(spelled(text), expected, "{text}");
        }
    }
}
