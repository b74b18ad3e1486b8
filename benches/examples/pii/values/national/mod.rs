//! Numbers that states give to people and firms.

mod americas;
mod asia_pacific;
mod europe;

use super::{Value, bare, cued};
use crate::dice::Dice;

pub(super) fn of(entity: &str, dice: &mut Dice) -> Value {
    match entity {
        "us_ssn" => americas::us_ssn(dice),
        "us_itin" => americas::us_itin(dice),
        "us_passport" => {
            let shape = *dice.pick(&["899999999", "A89999999"]);
            cued(dice.shape(shape))
        }
        "us_driving_licence" => americas::us_driving_licence(dice),
        "uk_nhs" => europe::uk_nhs(dice),
        "uk_nino" => europe::uk_nino(dice),
        "uk_passport" => cued(dice.shape("899999999")),
        "uk_driving_licence" => europe::uk_driving_licence(dice),
        "es_nif" => europe::es_nif(dice),
        "es_nie" => europe::es_nie(dice),
        "it_fiscal_code" => europe::it_fiscal_code(dice),
        "de_tax_id" => europe::de_tax_id(dice),
        "de_id_card" => europe::de_id_card(dice),
        "fr_nir" => europe::fr_nir(dice),
        "pl_pesel" => europe::pl_pesel(dice),
        "fi_hetu" => europe::fi_hetu(dice),
        "se_personnummer" => europe::se_personnummer(dice),
        "nl_bsn" => europe::nl_bsn(dice),
        "au_abn" => asia_pacific::au_abn(dice),
        "au_acn" => asia_pacific::au_acn(dice),
        "au_tfn" => asia_pacific::au_tfn(dice),
        "au_medicare" => asia_pacific::au_medicare(dice),
        "in_aadhaar" => asia_pacific::in_aadhaar(dice),
        "in_pan" => bare(asia_pacific::pan(dice)),
        "in_gstin" => asia_pacific::in_gstin(dice),
        "in_passport" => cued(dice.chars("ABCDEFGHJKLMNPRSTUVWY", 1) + &dice.shape("8999998")),
        "sg_nric" => asia_pacific::sg_nric(dice),
        "sg_uen" => asia_pacific::sg_uen(dice),
        "kr_rrn" => asia_pacific::kr_rrn(dice),
        "br_cpf" => americas::br_cpf(dice),
        "br_cnpj" => americas::br_cnpj(dice),
        "ca_sin" => americas::ca_sin(dice),
        "mx_curp" => americas::mx_curp(dice),
        "cn_resident_id" => asia_pacific::cn_resident_id(dice),
        "jp_my_number" => asia_pacific::jp_my_number(dice),
        other => unreachable!("no generator for {other}"),
    }
}

/// Year, month, day.
fn born(dice: &mut Dice) -> (u64, u64, u64) {
    (dice.between(1940, 2000), dice.between(1, 13), dice.between(1, 29))
}
