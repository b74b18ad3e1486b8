//! The Americas but for the United States.

use crate::{Detector, Entity, checks};

const SIN: &[&str] = &["sin", "social insurance", "assurance sociale", "nas", "num\u{e9}ro d'assurance", "cra"];
const CURP: &[&str] = &["curp", "registro de poblaci", "clave \u{fa}nica"];
const RFC: &[&str] = &["rfc", "registro federal", "contribuyente"];
const CPF: &[&str] = &["cpf", "cadastro de pessoa", "contribuinte", "receita federal"];
const CNPJ: &[&str] = &["cnpj", "cadastro nacional", "pessoa jur\u{ed}dica", "empresa", "raz\u{e3}o social"];

pub(super) const ALL: &[Detector] = &[
    Detector::pattern(Entity::CA_SIN, "[0-9]{3}-[0-9]{3}-[0-9]{3}")
        .check(checks::ca_sin)
        .score(0.6)
        .context(SIN)
        .source("ESDC, Social Insurance Number, canada.ca/sin; Luhn; 2026-11"),
    // Three groups of digits are a large number as well, or columns of a table, so that these need a word.
    Detector::pattern(Entity::CA_SIN, "[0-9]{9}|[0-9]{3} [0-9]{3} [0-9]{3}")
        .check(checks::ca_sin)
        .score(0.4)
        .context(SIN)
        .source("ESDC, Social Insurance Number, canada.ca/sin; Luhn; 2026-11"),
    Detector::pattern(Entity::CA_PASSPORT, "(?i)[A-Z]{2}[0-9]{6}|[A-Z][0-9]{6}[A-Z]{2}")
        .score(0.25)
        .context(&["canadian passport", "canada passport", "passeport canadien", "passeport du canada"])
        .source("IRCC, passport number on the data page, canada.ca/passport; 2026-11"),
    Detector::pattern(
        Entity::MX_CURP,
        "(?i)[A-Z][AEIOUX][A-Z]{2}[0-9]{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z][0-9]",
    )
    .check(checks::mx_curp)
    .score(0.95)
    .context(CURP)
    .source("RENAPO, Instructivo normativo de la CURP (DOF 2021-10-18); 2026-11"),
    Detector::pattern(Entity::MX_RFC, "(?:[A-Z&]{3}|[A-Z&]{4})-?[0-9]{6}-?[A-Z0-9]{2}[0-9A]")
        .check(checks::mx_rfc)
        .score(0.6)
        .context(RFC)
        .source("SAT, Estructura del RFC, sat.gob.mx; 2026-11"),
    Detector::pattern(Entity::BR_CPF, r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}")
        .check(checks::br_cpf)
        .score(0.95)
        .context(CPF)
        .source("Receita Federal, CPF, gov.br/receitafederal; 2026-11"),
    Detector::pattern(Entity::BR_CPF, "[0-9]{9}-[0-9]{2}")
        .check(checks::br_cpf)
        .score(0.6)
        .context(CPF)
        .source("Receita Federal, CPF, gov.br/receitafederal; 2026-11"),
    // One in 100 eleven-digit numbers passes.
    Detector::pattern(Entity::BR_CPF, "[0-9]{11}")
        .check(checks::br_cpf)
        .score(0.45)
        .context(CPF)
        .source("Receita Federal, CPF, gov.br/receitafederal; 2026-11"),
    Detector::pattern(Entity::BR_CNPJ, r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}")
        .check(checks::br_cnpj)
        .score(0.95)
        .context(CNPJ)
        .source("Receita Federal, Instru\u{e7}\u{e3}o Normativa RFB 2.229/2024 (letters from July 2026); 2026-11"),
    Detector::pattern(Entity::BR_CNPJ, "[0-9A-Z]{12}[0-9]{2}")
        .check(checks::br_cnpj)
        .score(0.45)
        .context(CNPJ)
        .source("Receita Federal, Instru\u{e7}\u{e3}o Normativa RFB 2.229/2024 (letters from July 2026); 2026-11"),
];
