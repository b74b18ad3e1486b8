//! Codes of banks: four letters of the bank, two of the country, two of the place, three of the branch.

pub(super) const CODE: &str = "[A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?";

/// The branch of the head office, which tells a code from a word.
pub(super) const HEAD_OFFICE: &str = "[A-Z]{6}[A-Z2-9][A-NP-Z0-9]XXX";

pub(super) const SOURCE: &str = "ISO 9362:2022; countries of ISO 3166-1, 2026-11";

pub(super) const CONTEXT: &[&str] = &[
    "bic",
    "bics",
    "swift",
    "swift code",
    "swiftcode",
    "bank identifier",
    "bank code",
    "iban",
    "wire transfer",
    "correspondent",
    "beneficiary bank",
    "sepa",
    "bankleitzahl",
];

/// ISO 3166-1, and Kosovo's code of its own making.
const COUNTRIES: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCV\
    CWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP\
    KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPG\
    PHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVE\
    VGVIVNVUWFWSXKYEYTZAZMZW";

/// Whether its country is one.
pub(super) fn is_code(text: &str) -> bool {
    let country = text.as_bytes().get(4..6).unwrap_or_default();
    COUNTRIES.as_bytes().chunks_exact(2).any(|known| known == country)
}

#[cfg(test)]
mod tests {
    use super::{COUNTRIES, is_code};

    #[test]
    fn countries() {
        let codes: Vec<_> = COUNTRIES.as_bytes().chunks(2).collect();
        assert_eq!(codes.len(), 250);
        assert!(codes.is_sorted());
        for code in ["DEUTDEFF", "DEUTDEFF500", "BNPAFRPPXXX", "CHASUS33", "PCBKXKPR"] {
            assert!(is_code(code), "{code}");
        }
        for code in ["PASSWORD", "FUNCTION", "DEUT", ""] {
            assert!(!is_code(code), "{code}");
        }
    }
}
