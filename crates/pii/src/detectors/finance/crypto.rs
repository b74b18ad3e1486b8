//! Addresses of wallets.

use crate::checks;

pub(super) const BASE58: &str = "[123459ADLMTXmnt][1-9A-HJ-NP-Za-km-z]{25,35}";
pub(super) const BECH32: &str = "(?:bc1|ltc1|tb1|addr1|BC1|LTC1|TB1)[0-9A-Za-z]{20,98}";
pub(super) const ETHEREUM: &str = "0x[0-9A-Fa-f]{40}";
pub(super) const MONERO: &str = "[48][1-9A-HJ-NP-Za-km-z]{94}";
pub(super) const XRP: &str = "r[1-9A-HJ-NP-Za-km-z]{24,34}";
pub(super) const CASH: &str = "bitcoincash:[qp][02-9ac-hj-np-z]{41}";
pub(super) const SOLANA: &str = "[1-9A-HJ-NP-Za-km-z]{32,44}";
pub(super) const WALLET_IMPORT: &str = "[59KLc][1-9A-HJ-NP-Za-km-z]{50,51}";

pub(super) const CONTEXT: &[&str] = &[
    "wallet",
    "wallets",
    "crypto",
    "cryptocurrency",
    "ethereum",
    "eth",
    "ether",
    "erc20",
    "usdt",
    "usdc",
    "solana",
    "sol",
    "phantom",
    "metamask",
    "polygon",
    "matic",
    "bnb",
    "bsc",
    "arbitrum",
    "stablecoin",
    "coin",
    "token address",
    "deposit address",
];

/// Of all kinds of signs, as 32 random bytes are.
pub(super) fn is_solana(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && checks::solana_address(text)
}
