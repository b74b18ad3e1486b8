//! A text as words, numbers, symbols and what is to be taken as it stands.

use std::iter;

use super::{
    mark::{is_closing, is_operator, is_pause, is_silent, is_word},
    number,
};

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
    let mut scanner =
        Scanner { text, at: 0, is_unclosed: [false; QUOTES.len()], plain_until: 0, symbols_until: 0, stop_end: None };
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
    /// Up to here each mark counts.
    symbols_until: usize,
    /// Where the last end of a sentence ended.
    stop_end: Option<usize>,
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
            if self.at < self.symbols_until {
                self.take(first.len_utf8());
                return Some(Token::Symbol(first));
            }
            if let Some(token) = self.quoted(first).or_else(|| self.address(first)).or_else(|| self.alone(first)) {
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
            if first == '.' && self.dots_count() {
                continue;
            }
            let before = self.before();
            self.take(first.len_utf8());
            if first != '\n' && (is_silent(first) || first.is_whitespace()) {
                continue;
            }
            return Some(self.mark(first, before));
        }
    }

    /// What the mark is that was just read.
    fn mark(&mut self, mark: char, before: Option<char>) -> Token<'a> {
        let after = self.rest().chars().next();
        let is_glued = after.is_some_and(|c| is_word(c) || c.is_ascii_digit()) && before.is_some_and(is_word);
        let is_before_number = || self.rest().trim_start().starts_with(|c| number::digit(c).is_some());
        let token = match mark {
            '.' if self.is_after_title() => Token::Pause,
            '!' if !self.ends_sentence(before, after) => Token::Symbol(mark),
            '?' | ':' | ';' if is_glued => Token::Symbol(mark),
            // Feet and inches, minutes and seconds.
            '\'' | '"' | '’' | '”' if before.is_some_and(|c| number::digit(c).is_some()) => Token::Symbol(mark),
            '.' | '?' | '!' | ',' | ':' | ';' if after.is_some_and(is_operator) => Token::Symbol(mark),
            '\n' | '.' | '?' | '!' | '。' | '？' | '！' | '؟' | '।' | '…' => Token::Stop,
            '-' | '−' | '–' if is_before_number() => Token::Symbol('-'),
            '(' | '[' | '{' if before.is_some_and(is_word) => Token::Symbol(mark),
            '(' | ')' | '[' | ']' | '{' | '}' if is_of_formula(before) || is_of_formula(after) => Token::Symbol(mark),
            _ if is_pause(mark) => Token::Pause,
            _ => Token::Symbol(mark),
        };
        if token == Token::Stop {
            self.stop_end = Some(self.at);
        }
        token
    }

    /// Whether the point that was just read is of "Dr." or the like, which end no sentence.
    fn is_after_title(&self) -> bool {
        let before = self.text.get(..self.at - 1).unwrap_or_default();
        let is_title = |title: &&str| {
            let start = before.len().checked_sub(title.len());
            start
                .and_then(|start| before.split_at_checked(start))
                .is_some_and(|(rest, word)| word.eq_ignore_ascii_case(title) && !rest.ends_with(is_word))
        };
        ["dr", "mr", "mrs", "ms", "st", "prof", "vs"].iter().any(is_title)
    }

    /// Whether an exclamation mark between these two is one, and no "not", no factorial and not the subject.
    fn ends_sentence(&self, before: Option<char>, after: Option<char>) -> bool {
        let start = self.at - '!'.len_utf8();
        let mut back = self.text.get(..start).unwrap_or_default().chars().rev();
        let is_after_letter = back.next().is_some_and(|c| is_word(c) && number::digit(c).is_none());
        let is_after_word = is_after_letter && back.next().is_some_and(is_word);
        let is_after_end = matches!(before, Some('"' | '”' | '»')) || self.stop_end == Some(start);
        (is_after_word || is_after_end) && after.is_none_or(|c| c.is_whitespace() || is_closing(c))
    }

    /// Two dots and more, or those beside a slash, are of what is asked about (`..`, `./`, `1..5`), unless they end a
    /// word.
    fn dots_count(&mut self) -> bool {
        let before = self.before();
        if before == Some('.') {
            return false;
        }
        let dots = self.rest().len() - self.rest().trim_start_matches('.').len();
        let after = self.rest().get(dots..).unwrap_or_default().chars().next();
        let is_path = before.is_some_and(|c| matches!(c, '/' | '\\' | '~' | '=' | '<' | '>' | '|' | '*'));
        let goes_on = dots > 1 && after.is_some_and(|c| !c.is_whitespace() && !is_closing(c));
        if !(is_path || goes_on || after.is_some_and(is_operator)) {
            return false;
        }
        self.symbols_until = self.at + dots;
        true
    }

    /// Marks with space around them: each of them counts, as in "what does `:` do".
    fn alone(&mut self, first: char) -> Option<Token<'a>> {
        if first.is_whitespace() || is_word(first) || self.before().is_some_and(|c| !c.is_whitespace()) {
            return None;
        }
        let marks = self.rest().split(char::is_whitespace).next()?;
        if marks.chars().any(|c| is_word(c) || number::digit(c).is_some()) || marks.chars().all(is_silent) {
            return None;
        }
        let after = self.rest().get(marks.len()..)?;
        let is_last = after.lines().next().is_none_or(|line| line.trim().is_empty());
        match marks {
            // Some put a space before it.
            "?" | "？" | "؟" | "。" | "।" if is_last => None,
            "–" | "—" if !is_last => None,
            _ => {
                self.symbols_until = self.at + marks.len();
                self.take(first.len_utf8());
                Some(Token::Symbol(first))
            }
        }
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
        if quoted.trim().is_empty() {
            return None;
        }
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

/// Whether a bracket beside this groups or calls.
fn is_of_formula(beside: Option<char>) -> bool {
    beside.is_some_and(|c| {
        number::digit(c).is_some()
            || matches!(c, '+' | '-' | '*' | '/' | '^' | '=' | '<' | '>' | '|' | '!' | '×' | '÷' | '−')
            || matches!(c, '(' | ')' | '[' | ']' | '{' | '}')
    })
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
            ("a - b", "a '- b"),
            ("a – b", "a , b"),
            ("x != 5, x := 5, x!= 5", "x '! '= #5 , x ': '= #5 , x '! '= #5"),
            ("if ! x", "if '! x"),
            ("n!, 5!!, Hello!!", "n '! , #5 '! '! , Hello . ."),
            ("what is :: in \" or []", "what is ': ': in '\" or '[ ']"),
            ("cd .. or ./a or 1..5, well...", "cd '. '. or '. '/ a or #1 '. '. #5 , well . . ."),
            ("a[i], a?b:c", "a '[ i , , a '? b ': c"),
            ("6' or 5\"", "#6 '' or #5 '\""),
            ("is it ?", "is it ."),
            ("one\ntwo", "one . two"),
            ("$5, 5!", "'$ #5 , #5 '!"),
            ("in C++ and C# or .NET?", "in C++ and C# or .NET ."),
            ("use `a b` or ``x``", "use <a b> or <x>"),
            ("an ` open one", "an '` open one"),
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
