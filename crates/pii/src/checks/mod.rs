//! Checksums of the schemes, a file for each kind of arithmetic. Each takes a candidate with its separators, and says
//! `false` to whatever is none.

mod base58;
mod bech32;
mod codice_fiscale;
mod date;
mod digits;
mod eip55;
mod entropy;
mod iban;
mod iso7064;
mod luhn;
mod luhn36;
mod luhn_schemes;
mod medical;
mod mod10;
mod mod11;
mod mod11_letters;
mod mod23;
mod mod31;
mod mod97;
mod remainders;
mod united_kingdom;
mod united_states;
mod verhoeff;

pub use base58::{base58_address, monero_address, solana_address, wallet_import, xrp_address};
pub use bech32::bech32;
pub use codice_fiscale::{it_fiscal_code, it_fiscal_code_date};
pub use digits::varied;
pub use eip55::{ethereum_address, ethereum_address_unchecked};
pub(crate) use entropy::entropy;
pub use iban::iban;
pub(crate) use iban::iban_length;
#[cfg(test)]
pub(crate) use iban::ibans;
pub use iso7064::{cn_resident_id, de_tax_id, de_tax_id_checksum, de_vat, hr_oib};
pub use luhn::luhn;
pub use luhn_schemes::{ca_sin, it_vat, se_organisation, se_personnummer, se_personnummer_long, za_id};
pub use luhn36::in_gstin;
pub use medical::{us_dea, us_npi};
pub use mod10::{
    au_acn, au_medicare, ch_ahv, de_health_insurance, de_pension_number, german_document, machine_readable,
    machine_readable_mixed, mx_curp, pl_id_card, pl_pesel, tr_national_id, us_routing_number,
};
pub use mod11::{
    at_insurance_number, au_tfn, br_cnpj, br_cpf, cz_birth_number, dk_cpr, dk_cpr_date, jp_my_number, kr_frn, kr_rrn,
    kr_rrn_date, mx_rfc, nl_bsn, no_birth_number, pl_nip, pl_regon, pt_nif, th_national_id, uk_nhs,
};
pub use mod11_letters::{sg_nric, sg_uen};
pub use mod23::{es_cif, es_nie, es_nif, es_nif_special, ie_pps};
pub use mod31::fi_hetu;
pub(crate) use mod97::mod97;
pub use remainders::{au_abn, be_national_number, fr_nir, fr_spi};
pub use united_kingdom::{uk_driving_licence, uk_nino};
pub use united_states::{us_itin, us_ssn, us_ssn_example};
pub use verhoeff::{in_aadhaar, ng_nin};
