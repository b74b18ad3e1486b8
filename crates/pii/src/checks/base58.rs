//! Addresses in Base58: Bitcoin's, with four bytes of a double SHA-256, and Monero's, in blocks with a Keccak-256.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// First bytes of addresses of Bitcoin, Litecoin, Dogecoin, Dash, Tron, and of Bitcoin's test network.
const VERSIONS: &[u8] = &[0x00, 0x05, 0x30, 0x32, 0x1e, 0x16, 0x4c, 0x10, 0x41, 0x6f, 0xc4];

/// An address whose last four bytes are the checksum of the others.
#[must_use]
pub fn base58_address(text: &str) -> bool {
    checked(text, ALPHABET).is_some_and(|bytes| match bytes.as_slice() {
        [version, rest @ ..] if rest.len() == 20 => VERSIONS.contains(version),
        // Zcash has two bytes for the kind.
        [0x1c, 0xb8 | 0xbd, rest @ ..] => rest.len() == 20,
        _ => false,
    })
}

/// An address of the XRP Ledger, which has its own order of letters.
#[must_use]
pub fn xrp_address(text: &str) -> bool {
    checked(text, RIPPLE).is_some_and(|bytes| bytes.len() == 21 && bytes.first() == Some(&0))
}

/// A private key of Bitcoin as wallets import it.
#[must_use]
pub fn wallet_import(text: &str) -> bool {
    checked(text, ALPHABET).is_some_and(|bytes| matches!(bytes.as_slice(), [0x80 | 0xef, rest @ ..] if rest.len() == 32 || rest.len() == 33 && rest.last() == Some(&1)))
}

/// 32 bytes, without a checksum: a public key of Ed25519, such as Solana's addresses are.
#[must_use]
pub fn solana_address(text: &str) -> bool {
    decode(text.as_bytes(), ALPHABET).is_some_and(|bytes| bytes.len() == 32)
}

/// An address of Monero: standard, integrated, or a subaddress.
#[must_use]
pub fn monero_address(text: &str) -> bool {
    let mut bytes = Vec::new();
    for block in text.as_bytes().chunks(11) {
        // Eight bytes have eleven digits, and the last block less of both.
        let width = match block.len() {
            11 => 8,
            7 => 5,
            _ => return false,
        };
        let Some(decoded) = decode_number(block, ALPHABET).filter(|decoded| decoded.len() <= width) else {
            return false;
        };
        bytes.extend(std::iter::repeat_n(0, width - decoded.len()));
        bytes.extend(decoded);
    }
    let Some((address, sum)) = bytes.len().checked_sub(4).and_then(|at| bytes.split_at_checked(at)) else {
        return false;
    };
    matches!(address.first(), Some(18 | 19 | 42)) && Keccak256::digest(address).starts_with(sum)
}

fn checked(text: &str, alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let mut bytes = decode(text.as_bytes(), alphabet)?;
    let sum = bytes.split_off(bytes.len().checked_sub(4)?);
    Sha256::digest(Sha256::digest(&bytes)).starts_with(&sum).then_some(bytes)
}

/// Each leading zero digit stands for a zero byte.
fn decode(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let zeros = text.iter().take_while(|byte| Some(*byte) == alphabet.first()).count();
    let number = decode_number(text, alphabet)?;
    Some(std::iter::repeat_n(0, zeros).chain(number).collect())
}

/// The number's bytes, the most significant first, without leading zeros. Its time grows with the square of the length,
/// so that is bounded.
fn decode_number(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    if text.len() > 120 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for digit in text {
        let mut carry = u32::try_from(alphabet.iter().position(|known| known == digit)?).ok()?;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push((carry & 0xff) as u8);
        }
    }
    bytes.reverse();
    Some(bytes)
}

/// The address of this version and these bytes, for tests.
#[cfg(test)]
pub(crate) fn base58_encode(version: u8, bytes: &[u8]) -> String {
    let mut bytes = [&[version], bytes].concat();
    let sum = Sha256::digest(Sha256::digest(&bytes));
    bytes.extend(&sum[..4]);
    let mut digits: Vec<u8> = Vec::new();
    for byte in &bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = digits.iter().rev().copied();
    std::iter::repeat_n(0, zeros).chain(digits).map(|digit| char::from(ALPHABET[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::{VERSIONS, base58_address, base58_encode, monero_address, solana_address, wallet_import, xrp_address};

    #[test]
    fn published_addresses_pass_and_their_neighbours_do_not() {
        for address in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ",
        ] {
            assert!(base58_address(address), "{address}");
            assert!(!base58_address(&address[1..]), "{address}");
            assert!(!base58_address(&format!("{address}2")), "{address}");
            assert!(!base58_address(&address.replace('e', "f")) || !address.contains('e'), "{address}");
        }
        assert!(xrp_address("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"));
        assert!(!xrp_address("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi"));
        assert!(wallet_import("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"));
        assert!(!wallet_import("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK"));
        assert!(monero_address(
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H"
        ));
        assert!(!monero_address(
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3J"
        ));
        assert!(solana_address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"));
        for text in ["", "1", "1111", "0OIl", "é"] {
            assert!(
                !base58_address(text) && !xrp_address(text) && !monero_address(text) && !solana_address(text),
                "{text}"
            );
        }
        assert!(!base58_address(&"1".repeat(1000)));
    }

    #[test]
    fn made_addresses_pass_and_one_wrong_character_does_not() {
        for (seed, version) in VERSIONS.iter().enumerate() {
            let bytes: Vec<u8> = (0..20).map(|at| (at * 37 + seed * 11 + 5) as u8).collect();
            let address = base58_encode(*version, &bytes);
            assert!(base58_address(&address), "{address}");
            for at in 1..address.len() {
                let other = if &address[at..=at] == "z" { "y" } else { "z" };
                let mut wrong = address.clone();
                wrong.replace_range(at..=at, other);
                assert!(!base58_address(&wrong), "{wrong}");
            }
        }
    }
}
