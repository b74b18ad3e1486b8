/// How the letters of a file of text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// A byte order mark stays in the text.
    Utf16 {
        big_endian: bool,
    },
    /// One byte, one character: what is not touched keeps its bytes, whichever charset they are of.
    Latin1,
}

impl Charset {
    pub(super) fn decode(bytes: Vec<u8>) -> (String, Self) {
        if let Some(big_endian) = utf16_order(&bytes)
            && let Some(text) = utf16(&bytes, big_endian)
        {
            return (text, Self::Utf16 { big_endian });
        }
        match String::from_utf8(bytes) {
            Ok(text) => (text, Self::Utf8),
            Err(error) => (error.into_bytes().iter().copied().map(char::from).collect(), Self::Latin1),
        }
    }

    pub(super) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16 { big_endian } => {
                let bytes = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
                text.encode_utf16().flat_map(bytes).collect()
            }
            Self::Latin1 => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
        }
    }
}

/// Whether a file that begins so is text.
///
/// Of bytes that mean anything at all, one in nine is a control character that no text has. So a beginning of some length
/// without any is text in one charset or another; of a short one most must be letters that all charsets share.
pub(super) fn looks_like_text(head: &[u8]) -> bool {
    const LONG: usize = 128;
    if head.starts_with(b"%PDF-") {
        return false;
    }
    if let Some(big_endian) = utf16_order(head) {
        let even = head.len() & !1;
        // The last character may have been cut in two.
        let text = [even, even.saturating_sub(2)].into_iter().find_map(|end| utf16(head.get(..end)?, big_endian));
        if text.is_some_and(|text| !text.bytes().any(is_control)) {
            return true;
        }
    }
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The last character may have been cut.
        Err(error) => error.error_len().is_none(),
    };
    let ascii = head.iter().filter(|byte| byte.is_ascii()).count();
    !head.iter().any(|byte| is_control(*byte)) && (is_utf8 || head.len() >= LONG || ascii > head.len() / 2)
}

/// Escape begins a colour in a log.
const fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0xc | 0x1b)
}

/// The order of a text in UTF-16: what its mark says, or where the zeros are that every second byte of a European text is.
fn utf16_order(bytes: &[u8]) -> Option<bool> {
    match bytes.get(..2)? {
        [0xff, 0xfe] => return Some(false),
        [0xfe, 0xff] => return Some(true),
        _ => {}
    }
    const LOOKED_AT: usize = 512;
    let (pairs, _) = bytes.get(..bytes.len().min(2 * LOOKED_AT))?.as_chunks::<2>();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair.get(at) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    // Letters of another script here and there have no zeros, or have them in the other place.
    let (most, few) = (pairs.len() - pairs.len() / 4, pairs.len() / 8);
    let is = |zero: usize, letter: usize| zero >= most && letter <= few;
    if is(second, first) {
        return Some(false);
    }
    is(first, second).then_some(true)
}

fn utf16(bytes: &[u8], big_endian: bool) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let text: String = char::decode_utf16(pairs.iter().map(unit)).collect::<Result<_, _>>().ok()?;
    (rest.is_empty() && !text.contains('\0')).then_some(text)
}
