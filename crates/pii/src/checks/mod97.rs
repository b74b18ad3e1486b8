/// Remainder by 97 (ISO 7064) of what is left when letters count as 10 to 35; none where there is anything else.
pub(crate) fn mod97(mut text: impl Iterator<Item = u8>) -> Option<u32> {
    text.try_fold(0, |remainder, byte| {
        let value = char::from(byte).to_digit(36)?;
        Some((remainder * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}
