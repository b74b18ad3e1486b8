/// The most digits of an international number (E.164) with `00` or `011` before it.
pub(super) const DIGITS: usize = 17;
const GROUPS: usize = 8;

/// Groups of digits as they follow each other with what may separate them in a telephone number.
#[derive(Debug)]
pub(super) struct Chain {
    /// Where it begins, sign and bracket included.
    pub(super) start: usize,
    /// What stands before the first digit.
    pub(super) lead: Lead,
    /// The groups of digits that there are.
    pub(super) count: usize,
    groups: [Group; GROUPS],
    /// All digits, as numbers.
    digits: [u8; DIGITS],
    /// The last group ends in the middle of something else: a word, a decimal, a list of thousands.
    pub(super) is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    None,
    Plus,
    /// Part of a path, of a list without blanks or of an assignment: nothing but a word nearby tells that it is one.
    Weak,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    /// How many digits.
    pub(super) len: usize,
    /// What separates it from the group before: `-`, `.`, `/`, a blank, or a bracket; 0 for the first.
    pub(super) separator: u8,
    /// It stands in brackets.
    pub(super) bracketed: bool,
    /// Where its text ends, a closing bracket included.
    end: usize,
    /// Where its digits begin among all digits.
    first: usize,
}

impl Chain {
    pub(super) fn groups(&self, count: usize) -> &[Group] {
        self.groups.get(..count.min(self.count)).unwrap_or_default()
    }

    /// The digits of the first groups.
    pub(super) fn digits(&self, count: usize) -> &[u8] {
        self.groups(count).last().and_then(|last| self.digits.get(..last.first + last.len)).unwrap_or_default()
    }

    /// Where the text of the first groups ends.
    pub(super) fn end(&self, count: usize) -> usize {
        self.groups(count).last().map_or(self.start, |group| group.end)
    }
}

/// Reads the groups that begin with the digit at `at`; `None` where none can begin, or where they end in the middle of
/// something else.
pub(super) fn read(text: &[u8], at: usize) -> Option<Chain> {
    if is_too_short(text, at) {
        return None;
    }
    let (start, lead, mut open) = lead(text, at)?;
    let mut bracket = start;
    let mut chain =
        Chain { start, lead, count: 0, groups: [Group::default(); GROUPS], digits: [0; DIGITS], is_cut: false };
    let (mut at, mut separator, mut total) = (at, 0, 0);
    loop {
        let run = text.get(at..)?.iter().take(DIGITS + 1).take_while(|byte| byte.is_ascii_digit());
        let len = run.clone().count();
        if len > DIGITS {
            return None;
        }
        let (Some(group), Some(digits)) = (chain.groups.get_mut(chain.count), chain.digits.get_mut(total..total + len))
        else {
            chain.is_cut = true;
            break;
        };
        digits.iter_mut().zip(run).for_each(|(digit, byte)| *digit = byte - b'0');
        let first = total;
        total += len;
        at += len;
        let bracketed = open && text.get(at) == Some(&b')');
        if bracketed {
            (at, open) = (at + 1, false);
        }
        *group = Group { len, separator, bracketed, end: at, first };
        chain.count += 1;
        let Some(next) = separated(text.get(at..)?, open, bracketed) else { break };
        (separator, at) = (next.by, at + next.len);
        if next.opens {
            (bracket, open) = (at - 1, true);
        }
    }
    if open {
        // The bracket is the sentence's: `(call 030 123456)`, or `(030 123456, or by mail)`.
        chain.start = chain.start.max(bracket + 1);
    }
    chain.is_cut |= !ends(text.get(chain.end(chain.count)..)?);
    Some(chain)
}

/// Whether there are too few digits and nothing that others could follow: what most numbers are.
fn is_too_short(text: &[u8], at: usize) -> bool {
    /// The shortest number has so many.
    const LEAST: usize = 7;
    let rest = text.get(at..).unwrap_or_default();
    let len = rest.iter().take(LEAST).take_while(|byte| byte.is_ascii_digit()).count();
    len < LEAST && !matches!(rest.get(len), Some(b' ' | b'-' | b'.' | b'/' | b'(' | b')'))
}

struct Separator {
    by: u8,
    len: usize,
    opens: bool,
}

/// What stands between two groups: one sign, with blanks around it or not, or a bracket.
fn separated(rest: &[u8], open: bool, bracketed: bool) -> Option<Separator> {
    let mut separator = Separator { by: if bracketed { b')' } else { 0 }, len: 0, opens: false };
    for &byte in rest.iter().take(4) {
        match byte {
            b'0'..=b'9' => break,
            _ if separator.opens => return None,
            b' ' if separator.by != b' ' => separator.by = separator.by.max(b' '),
            b'-' | b'.' | b'/' if matches!(separator.by, 0 | b' ' | b')') => separator.by = byte,
            b'(' if !open => separator = Separator { by: b'(', opens: true, ..separator },
            _ => return None,
        }
        separator.len += 1;
    }
    let is_joined = rest.get(separator.len).is_some_and(u8::is_ascii_digit) && separator.by != 0;
    is_joined.then_some(separator)
}

/// Where a number begins whose first digit is at `at`, whether a bracket is open there, and what may be thought of it.
fn lead(text: &[u8], at: usize) -> Option<(usize, Lead, bool)> {
    let before = |back: usize| at.checked_sub(back).and_then(|index| text.get(index)).copied().unwrap_or(b' ');
    let (lead, signs, open) = match (before(1), before(2)) {
        (b'+', b'(') => (Lead::Plus, 2, true),
        (b'(', b'+') => (Lead::Plus, 2, true),
        (b'+', _) => (Lead::Plus, 1, false),
        (b'(', _) => (Lead::None, 1, true),
        _ => (Lead::None, 0, false),
    };
    let start = at - signs;
    let lead = match (before(signs + 1), before(signs + 2)) {
        // A call of a function.
        (byte, _) if byte.is_ascii_alphanumeric() && open && lead == Lead::None => Lead::Weak,
        (byte, _) if byte.is_ascii_alphanumeric() => return None,
        (b'_' | b'$' | b'%' | b'@' | b'&' | b'^' | b'~' | b'\\' | b'+', _) => return None,
        // Pound, yen, euro and other signs of money.
        (0xa3 | 0xa5, 0xc2) => return None,
        (0xac, 0x82) => return None,
        (b' ', byte) if byte.is_ascii_digit() && signs == 0 => return None,
        (b'-' | b'.' | b')', byte) if byte.is_ascii_alphanumeric() => return None,
        (b':' | b'/', byte) if byte.is_ascii_digit() => return None,
        (b'/' | b'#' | b'*', _) | (b' ', b'=') if lead == Lead::None => Lead::Weak,
        (b',', byte) if byte.is_ascii_digit() && lead == Lead::None => Lead::Weak,
        _ => lead,
    };
    Some((start, lead, open))
}

/// Whether a number may end before this.
fn ends(rest: &[u8]) -> bool {
    let Some(&first) = rest.first() else { return true };
    let second = rest.get(1).copied().unwrap_or(b' ');
    match first {
        b'_' | b'@' | b'%' | b'\\' | b'$' => false,
        // A degree.
        0xc2 => second != 0xb0,
        b'.' => !(second.is_ascii_digit() || second.is_ascii_lowercase()),
        b'-' | b'/' => !second.is_ascii_alphanumeric(),
        b':' => !second.is_ascii_digit(),
        b',' => {
            let digits = rest.iter().skip(1).take(4).take_while(|byte| byte.is_ascii_digit()).count();
            digits != 3
        }
        _ => !first.is_ascii_alphanumeric() || super::extension(rest) > 0,
    }
}
