//! Escape sequences of JSON and source code, of URLs and of HTML.

use super::{Unit, fold};

/// All escape sequences of a text.
pub(super) fn all(text: &str) -> impl Iterator<Item = Unit> {
    let mut done = 0;
    memchr::memchr3_iter(b'\\', b'%', b'&', text.as_bytes()).filter_map(move |at| {
        let rest = text.get(at..).filter(|_| at >= done)?;
        let (len, code) = match rest.as_bytes().first()? {
            b'\\' => backslash(rest)?,
            b'%' => percent(rest)?,
            _ => entity(rest)?,
        };
        let letter = char::from_u32(code)?;
        done = at + len;
        // Control characters cannot be seen.
        let becomes = if letter.is_control() && !matches!(letter, '\t'..='\r') { None } else { fold::of(letter) };
        Some(Unit { at, len, becomes })
    })
}

/// `\u0040`, `\ud83d\ude00`, `\u{40}`, `\x40`, `\n`: its length, and the character.
fn backslash(rest: &str) -> Option<(usize, u32)> {
    match rest.as_bytes().get(1)? {
        b'n' | b'r' | b't' => Some((2, '\n'.into())),
        b'x' => Some((4, hex(rest.get(2..4)?)?)),
        b'u' if rest.as_bytes().get(2) == Some(&b'{') => {
            let digits = rest.get(3..)?.bytes().take(7).position(|byte| byte == b'}')?;
            Some((digits + 4, hex(rest.get(3..3 + digits)?)?))
        }
        b'u' => match hex(rest.get(2..6)?)? {
            high @ 0xd800..0xdc00 => {
                let low = rest.get(6..12)?.strip_prefix("\\u").and_then(hex)?;
                let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                Some((12, 0x10000 + ((high - 0xd800) << 10 | low)))
            }
            code => Some((6, code)),
        },
        _ => None,
    }
}

/// `%40`, and what takes several bytes in UTF-8.
fn percent(rest: &str) -> Option<(usize, u32)> {
    let byte = |index: usize| {
        let escape = rest.get(3 * index..3 * index + 3)?.strip_prefix('%')?;
        u8::try_from(hex(escape)?).ok()
    };
    let first = byte(0)?;
    let len = match first {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return None,
    };
    let mut bytes = [first, 0, 0, 0];
    for (index, place) in bytes.iter_mut().enumerate().take(len).skip(1) {
        *place = byte(index)?;
    }
    let letter = std::str::from_utf8(bytes.get(..len)?).ok()?.chars().next()?;
    Some((3 * len, letter.into()))
}

/// `&#64;`, `&#x40;`, and those by name that may stand in an address or a number.
fn entity(rest: &str) -> Option<(usize, u32)> {
    let end = rest.bytes().take(10).position(|byte| byte == b';')?;
    let name = rest.get(1..end)?;
    let code = if let Some(digits) = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        hex(digits)?
    } else if let Some(digits) = name.strip_prefix('#') {
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??
    } else {
        match name {
            "commat" => '@',
            "period" => '.',
            "lowbar" | "UnderBar" => '_',
            "hyphen" | "dash" => '-',
            "plus" => '+',
            "colon" => ':',
            "sol" => '/',
            "lpar" => '(',
            "rpar" => ')',
            "num" => '#',
            "nbsp" => ' ',
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "shy" | "zwj" | "zwnj" => '\u{ad}',
            _ => return None,
        }
        .into()
    };
    Some((end + 1, code))
}

fn hex(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok())?
}
