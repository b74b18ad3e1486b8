use sha3::{Digest, Keccak256};

/// An address of Ethereum whose capitals are its checksum (EIP-55). Each letter is one bit of that, so that one with fewer
/// than four, such as the zero address, has none.
#[must_use]
pub fn ethereum_address(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("0x").filter(|digits| digits.len() == 40) else { return false };
    if digits.bytes().filter(u8::is_ascii_alphabetic).count() < 4 {
        return false;
    }
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.bytes().zip(nibbles).all(|(digit, nibble)| {
        digit.is_ascii_digit() || digit.is_ascii_hexdigit() && digit.is_ascii_uppercase() == (nibble > 7)
    })
}

/// One that has no checksum, for all its letters are of one case.
#[must_use]
pub fn ethereum_address_unchecked(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or_default();
    let is_varied = ('0'..='9').filter(|digit| digits.contains(*digit)).count() > 3;
    let (small, large) =
        (digits.bytes().any(|b| b.is_ascii_lowercase()), digits.bytes().any(|b| b.is_ascii_uppercase()));
    digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && is_varied && !(small && large)
}

#[cfg(test)]
mod tests {
    use super::{ethereum_address, ethereum_address_unchecked};

    #[test]
    fn published_addresses_pass_and_their_neighbours_do_not() {
        for address in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
        ] {
            assert!(ethereum_address(address), "{address}");
        }
        let (zero, one) = (format!("0x{}", "0".repeat(40)), format!("0x{}1", "0".repeat(39)));
        for text in [
            &zero,
            &one,
            "",
            "0x",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        ] {
            assert!(!ethereum_address(text), "{text}");
        }
        assert!(ethereum_address_unchecked("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
        assert!(!ethereum_address_unchecked("0x0000000000000000000000000000000000000001"));
        assert!(!ethereum_address_unchecked("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    }
}
