/// A file in base64, of which single bytes are read where they stand.
#[derive(Clone, Copy)]
pub(crate) struct Base64<'a>(&'a [u8]);

impl<'a> Base64<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// How many bytes the file has.
    pub(crate) fn length(self) -> u64 {
        (self.0.len() as u64) / 4 * 3
    }

    pub(crate) fn bytes<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        for (offset, byte) in bytes.iter_mut().enumerate() {
            *byte = self.byte(at.checked_add(offset)?)?;
        }
        Some(bytes)
    }

    pub(crate) fn big(self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_be_bytes)
    }

    pub(crate) fn little16(self, at: usize) -> Option<u32> {
        self.bytes(at).map(|bytes| u16::from_le_bytes(bytes).into())
    }

    fn byte(self, at: usize) -> Option<u8> {
        let (group, place) = ((at / 3).checked_mul(4)?, at % 3);
        let [high, low] = [digit(*self.0.get(group + place)?)?, digit(*self.0.get(group + place + 1)?)?];
        Some(match place {
            0 => high << 2 | low >> 4,
            1 => high << 4 | low >> 2,
            _ => high << 6 | low,
        })
    }
}

fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
pub(crate) fn encode(file: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for group in file.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
        let bits = a << 16 | b << 8 | c;
        let digits = [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize]);
        text.extend(digits.iter().take(group.len() + 1));
        text.extend(std::iter::repeat_n(b'=', 3 - group.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_where_they_stand() {
        for length in 0..20u8 {
            let file: Vec<u8> = (0..length).map(|at| at.wrapping_mul(67)).collect();
            let text = encode(&file);
            let base64 = Base64::new(&text);
            for (at, byte) in file.iter().enumerate() {
                assert_eq!(base64.bytes(at), Some([*byte]), "{at} of {length}");
            }
            assert_eq!(base64.bytes::<1>(usize::MAX), None);
        }
        assert_eq!(encode(b"Many hands"), b"TWFueSBoYW5kcw==");
    }
}
