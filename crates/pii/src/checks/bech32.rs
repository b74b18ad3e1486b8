//! Addresses of segregated witness programs: BIP 173, BIP 350. The same checksum serves Cardano (CIP 5) and Cosmos.

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
const BECH32: u32 = 1;
const BECH32M: u32 = 0x2bc8_30a3;

/// A text with `1` between its prefix and its data, which ends in six signs of checksum.
#[must_use]
pub fn bech32(text: &str) -> bool {
    let is_mixed =
        text.bytes().any(|byte| byte.is_ascii_lowercase()) && text.bytes().any(|byte| byte.is_ascii_uppercase());
    let text = text.to_ascii_lowercase();
    let Some((prefix, data)) = text.rsplit_once('1') else { return false };
    if is_mixed || prefix.is_empty() || data.len() < 6 {
        return false;
    }
    let mut sum = 1;
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    for value in high.chain([0]).chain(low) {
        sum = step(sum, value);
    }
    for byte in data.bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == byte).and_then(|at| u8::try_from(at).ok()) else {
            return false;
        };
        sum = step(sum, value);
    }
    sum == BECH32 || sum == BECH32M
}

fn step(sum: u32, value: u8) -> u32 {
    let top = sum >> 25;
    let next = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
    GENERATOR.iter().enumerate().fold(next, |next, (at, term)| if top >> at & 1 == 1 { next ^ term } else { next })
}

#[cfg(test)]
mod tests {
    use super::bech32;

    #[test]
    fn published_addresses_pass_and_their_neighbours_do_not() {
        for address in [
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "bc1p5d7rjq7g6rdk2yhzks9smlaqtedr4dekq08ge8ztwac72sfr9rusxg3297",
            "A12UEL5L",
        ] {
            assert!(bech32(address), "{address}");
            let at = address.len() - 3;
            let other = if address[at..=at].eq_ignore_ascii_case("q") { "z" } else { "q" };
            let mut wrong = address.to_ascii_lowercase();
            wrong.replace_range(at..=at, other);
            assert!(!bech32(&wrong), "{wrong}");
        }
        for text in ["", "1", "bc1", "1qqqqqq", "bc1Qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qbio"] {
            assert!(!bech32(text), "{text}");
        }
    }
}
