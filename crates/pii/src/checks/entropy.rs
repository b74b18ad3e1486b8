/// Shannon's entropy of the bytes, in bits for each: 0 for one that is repeated, 4 for random hexadecimal digits.
#[allow(clippy::cast_precision_loss, reason = "texts are short")]
pub(crate) fn entropy(text: &str) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = text.len() as f32;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| *count as f32 / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::entropy;

    #[test]
    fn known_values() {
        for (text, bits) in [("", 0.0), ("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("0123456789abcdef", 4.0)] {
            assert!((entropy(text) - bits).abs() < 1e-6, "{text}");
        }
    }
}
