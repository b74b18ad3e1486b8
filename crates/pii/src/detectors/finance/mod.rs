//! Cards, bank accounts and wallets.

mod bic;
mod card;
mod crypto;
mod iban;

use crate::{Detector, Entity, Form, Trigger, checks};

pub(super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::CREDIT_CARD, card::NUMBER)
        .score(0.85)
        .check(card::is_sure)
        .context(card::CONTEXT)
        .against(card::AGAINST)
        .source(card::SOURCE),
    Detector::pattern(Entity::CREDIT_CARD, card::NUMBER)
        .score(0.3)
        .check(card::is_likely)
        .context(card::CONTEXT)
        .against(card::AGAINST)
        .source(card::SOURCE),
    Detector::new(Entity::CREDIT_CARD, Form::Around(Trigger::Words(card::CODES), card::code))
        .score(0.6)
        .source("EMVCo and the networks' card verification values, 2026-11"),
    Detector::new(Entity::IBAN, Form::Around(Trigger::Digits, iban::iban))
        .source("ISO 13616, SWIFT IBAN registry release 101, 2026-11"),
    Detector::pattern(Entity::BIC, bic::CODE).score(0.2).check(bic::is_code).context(bic::CONTEXT).source(bic::SOURCE),
    Detector::pattern(Entity::BIC, bic::HEAD_OFFICE)
        .score(0.6)
        .check(bic::is_code)
        .context(bic::CONTEXT)
        .source(bic::SOURCE),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::BASE58)
        .check(checks::base58_address)
        .source("Bitcoin, Base58Check; version bytes of SLIP-44 coins' chain parameters, 2026-11"),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::BECH32)
        .check(checks::bech32)
        .source("BIP 173, BIP 350, CIP 5, 2026-11"),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::ETHEREUM)
        .check(checks::ethereum_address)
        .source("EIP-55, 2026-11"),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::ETHEREUM)
        .score(0.3)
        .check(checks::ethereum_address_unchecked)
        .context(crypto::CONTEXT)
        .against(&["tx", "txhash", "transaction hash", "commit", "sha1"])
        .source("EIP-55, 2026-11"),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::MONERO)
        .check(checks::monero_address)
        .source("Monero, address format, 2026-11"),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::XRP)
        .check(checks::xrp_address)
        .source("XRP Ledger, Base58 encodings, 2026-11"),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::CASH).source("Bitcoin Cash, CashAddr, 2026-11"),
    Detector::pattern(Entity::CRYPTO_ADDRESS, crypto::SOLANA)
        .score(0.2)
        .check(crypto::is_solana)
        .context(crypto::CONTEXT)
        .source("Solana, account addresses, 2026-11"),
    Detector::pattern(Entity::SECRET, crypto::WALLET_IMPORT)
        .check(checks::wallet_import)
        .source("Bitcoin, wallet import format, 2026-11"),
];

#[cfg(test)]
mod tests;
