//! Which characters are of words, and which stand between them.

/// Letters, digits, and whatever else is not known to be a mark: an unknown sign is rather of a word than lost.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() && !is_mark(c)
}

/// Marks beyond ASCII.
fn is_mark(c: char) -> bool {
    is_silent(c)
        || is_pause(c)
        || matches!(c, '’' | '‘' | '‚' | '?' | '。' | '？' | '！' | '؟' | '।' | '…' | '−')
        || matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₿' | '¢' | '°' | '‰' | '×' | '÷' | '±' | '§')
        || matches!(c, '\u{2190}'..='\u{22ff}')
}

pub(super) const fn is_pause(c: char) -> bool {
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
pub(super) fn is_silent(c: char) -> bool {
    matches!(c, '¿' | '¡' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{feff}' | '\u{fe0e}' | '\u{fe0f}')
        || c.is_control()
}

/// What computes, compares or joins: a mark before it is no comma and no end of a sentence (`!=`, `:=`, `./`).
pub(super) const fn is_operator(c: char) -> bool {
    matches!(c, '=' | '<' | '>' | '*' | '+' | '/' | '\\' | '|' | '&' | '^' | '~' | '%' | '×' | '÷' | '−')
}

/// What may stand between a sentence and its last mark, or behind it.
pub(super) const fn is_closing(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '"' | '\'' | '”' | '’' | '»' | '!' | '?' | '.' | '…' | ',' | ';' | ':')
}
