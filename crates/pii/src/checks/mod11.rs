//! Weighted sums by 11.

use super::{
    date::{is_date, is_short_date},
    digits::{digits, is_varied, number, symbols, value, weighted},
};

/// What brings a sum to a multiple of 11: 0 to 10, and 10 is no digit.
fn complement(sum: u32) -> u32 {
    (11 - sum % 11) % 11
}

/// NHS number of England, Wales and the Isle of Man, which those of Scotland and Northern Ireland share (NHS Data
/// Dictionary, "NHS Number").
#[must_use]
pub fn uk_nhs(text: &str) -> bool {
    let Some(digits) = digits::<10>(text) else { return false };
    let [body @ .., check] = digits;
    is_varied(&digits) && complement(weighted(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2])) == check
}

/// BSN of the Netherlands, by the eleven-proof; old ones have eight digits (Rijksdienst voor Identiteitsgegevens, Logisch
/// Ontwerp BSN).
#[must_use]
pub fn nl_bsn(text: &str) -> bool {
    let Some(digits) =
        digits::<9>(text).or_else(|| digits::<8>(text).map(|[a, b, c, d, e, f, g, h]| [0, a, b, c, d, e, f, g, h]))
    else {
        return false;
    };
    let [body @ .., check] = digits;
    is_varied(&digits) && weighted(&body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == check
}

/// CPF of Brazil, two check digits (Receita Federal).
#[must_use]
pub fn br_cpf(text: &str) -> bool {
    let Some(digits) = digits::<11>(text) else { return false };
    let [body @ .., first, second] = digits;
    let first_sum = weighted(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let second_sum = weighted(&body, &[11, 10, 9, 8, 7, 6, 5, 4, 3]) + first * 2;
    is_varied(&digits) && complement(first_sum) % 10 == first && complement(second_sum) % 10 == second
}

/// CNPJ of Brazil, two check digits. From July 2026 on the first twelve may be letters, which count by their ASCII code
/// less 48 (Receita Federal, Instrução Normativa RFB 2.229 of 2024).
#[must_use]
pub fn br_cnpj(text: &str) -> bool {
    let Some(symbols) = symbols::<14>(text) else { return false };
    let values = symbols.map(|symbol| u32::from(symbol) - u32::from(b'0'));
    let [body @ .., first, second] = values;
    let first_sum = weighted(&body, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
    let second_sum = weighted(&body, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3]) + first * 2;
    is_varied(&values) && complement(first_sum) % 10 == first && complement(second_sum) % 10 == second
}

/// Registration number of South Korea with its check digit, which those given out since October 2020 have no more
/// (Resident Registration Act, enforcement rule).
#[must_use]
pub fn kr_rrn(text: &str) -> bool {
    let Some([body @ .., check]) = digits::<13>(text) else { return false };
    kr_rrn_date(text) && (11 - weighted(&body, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == check
}

/// As [`kr_rrn`], of a foreigner: the sum is two higher.
#[must_use]
pub fn kr_frn(text: &str) -> bool {
    let Some([body @ .., check]) = digits::<13>(text) else { return false };
    kr_rrn_date(text) && (13 - weighted(&body, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == check
}

/// Registration number of South Korea by its birthday alone: the seventh digit tells the century.
#[must_use]
pub fn kr_rrn_date(text: &str) -> bool {
    let Some([a, b, c, d, e, f, sex, ..]) = digits::<13>(text) else { return false };
    let century = if matches!(sex, 3 | 4 | 7 | 8) { 2000 } else { 1900 };
    is_date(century + a * 10 + b, c * 10 + d, e * 10 + f)
}

/// NIF of Portugal, by the first digits that are given out (Decreto-Lei 14/2013).
#[must_use]
pub fn pt_nif(text: &str) -> bool {
    let Some([body @ .., check]) = digits::<9>(text) else { return false };
    let [a, b, ..] = body;
    matches!((a, b), (1..=3 | 5 | 6 | 8, _) | (4, 5) | (7, 0..=2 | 4..=9) | (9, 0 | 1 | 8 | 9))
        && is_varied(&body)
        && complement(weighted(&body, &[9, 8, 7, 6, 5, 4, 3, 2])) % 10 == check
}

/// My Number of Japan (Ordinance of the Ministry of Internal Affairs and Communications 85 of 2014, article 5).
#[must_use]
pub fn jp_my_number(text: &str) -> bool {
    let Some(digits) = digits::<12>(text) else { return false };
    let [body @ .., check] = digits;
    is_varied(&digits) && complement(weighted(&body, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2])) % 10 == check
}

/// Birth number of Norway, two check digits. Temporary ones add 40 to the day, those of the health service 40 to the
/// month, synthetic ones 80 (Skatteetaten, fødselsnummer).
#[must_use]
pub fn no_birth_number(text: &str) -> bool {
    let Some(digits) = digits::<11>(text) else { return false };
    let [body @ .., first, second] = digits;
    let [a, b, c, d, e, f, ..] = body;
    let (day, month) = (a * 10 + b, c * 10 + d);
    is_short_date(e * 10 + f, month % 40, if day > 40 { day - 40 } else { day })
        && complement(weighted(&body, &[3, 7, 6, 1, 8, 9, 4, 5, 2])) == first
        && complement(weighted(&body, &[5, 4, 3, 2, 7, 6, 5, 4, 3]) + first * 2) == second
}

/// CPR number of Denmark with its check digit, which some of those given out since 2007 lack (CPR-kontoret, "Personnumre
/// uden kontrolciffer").
#[must_use]
pub fn dk_cpr(text: &str) -> bool {
    let Some(digits) = digits::<10>(text) else { return false };
    dk_cpr_date(text) && weighted(&digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// CPR number of Denmark by its birthday alone.
#[must_use]
pub fn dk_cpr_date(text: &str) -> bool {
    digits::<10>(text).is_some_and(|[a, b, c, d, e, f, ..]| is_short_date(e * 10 + f, c * 10 + d, (a * 10 + b) % 60))
}

/// Insurance number of Austria: the fourth digit checks the others, six of which are a birthday (ASVG § 31;
/// Dachverband der Sozialversicherungsträger).
#[must_use]
pub fn at_insurance_number(text: &str) -> bool {
    let Some(digits) = digits::<10>(text) else { return false };
    let [a, _, _, check, d, e, m, n, y, z] = digits;
    // Where a day has had more births than numbers, its month is 13.
    a != 0
        && is_short_date(y * 10 + z, (m * 10 + n).min(12), d * 10 + e)
        && m * 10 + n <= 13
        && weighted(&digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == check
}

/// Birth number of Czechia and Slovakia from 1954 on: a multiple of 11; women have 50 added to the month, and 20 where a
/// day's numbers are used up (zákon 133/2000 Sb.).
#[must_use]
pub fn cz_birth_number(text: &str) -> bool {
    let Some(digits) = digits::<10>(text) else { return false };
    let [a, b, c, d, e, f, ..] = digits;
    let month = (c * 10 + d) % 50;
    let month = if month > 20 { month - 20 } else { month };
    is_short_date(a * 10 + b, month, e * 10 + f) && number(&digits).is_multiple_of(11)
}

/// NIP of Poland (Ministerstwo Finansów).
#[must_use]
pub fn pl_nip(text: &str) -> bool {
    let Some(digits) = digits::<10>(text) else { return false };
    let [body @ .., check] = digits;
    is_varied(&digits) && weighted(&body, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == check
}

/// REGON of Poland, that of nine digits (Główny Urząd Statystyczny).
#[must_use]
pub fn pl_regon(text: &str) -> bool {
    let Some(digits) = digits::<9>(text) else { return false };
    let [body @ .., check] = digits;
    is_varied(&digits) && weighted(&body, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == check
}

/// Tax file number of Australia, nine digits (Australian Taxation Office, TFN algorithm).
#[must_use]
pub fn au_tfn(text: &str) -> bool {
    digits::<9>(text)
        .is_some_and(|digits| is_varied(&digits) && weighted(&digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11))
}

/// RFC of Mexico: three letters of a company or four of a person, a date, two signs to tell namesakes apart, a check sign
/// (Servicio de Administración Tributaria, "Estructura del RFC").
#[must_use]
pub fn mx_rfc(text: &str) -> bool {
    let mut symbols = [b' '; 13];
    // Those of companies are one shorter, and filled up in front.
    for (symbol, found) in symbols.iter_mut().rev().zip(text.bytes().rev().filter(|byte| !matches!(byte, b' ' | b'-')))
    {
        *symbol = found.to_ascii_uppercase();
    }
    let [.., a, b, c, d, e, f, _, _, check] = symbols;
    let [a, b, c, d, e, f] = [a, b, c, d, e, f].map(value);
    let sum: u32 =
        symbols.iter().take(12).zip((2..=13).rev()).map(|(symbol, weight)| rfc_value(*symbol) * weight).sum();
    is_short_date(a * 10 + b, c * 10 + d, e * 10 + f)
        && complement(sum) == if check == b'A' { 10 } else { value(check) }
        && matches!(check, b'0'..=b'9' | b'A')
}

/// `&` stands between `N` and `O`, and blanks follow `Z`.
fn rfc_value(symbol: u8) -> u32 {
    match symbol {
        b'&' => 24,
        b' ' => 37,
        b'O'..=b'Z' => value(symbol) + 1,
        _ => value(symbol),
    }
}

/// Identity number of Thailand (Department of Provincial Administration).
#[must_use]
pub fn th_national_id(text: &str) -> bool {
    let Some([body @ .., check]) = digits::<13>(text) else { return false };
    !body.starts_with(&[0])
        && is_varied(&body)
        && (11 - weighted(&body, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == check
}

#[cfg(test)]
mod tests {
    use super::{super::digits::tests::holds, *};

    #[test]
    fn one_wrong_digit_seldom_passes() {
        holds(uk_nhs, &["401-023-2137", "221 395 1837", "0032698674", "943 476 5919"], 30);
        holds(mx_rfc, &["GODE561231GR8"], 9);
        holds(nl_bsn, &["111222333", "123456782", "1234.56.782"], 9);
        holds(br_cpf, &["390.533.447-05", "529.982.247-25", "11144477735"], 90);
        holds(br_cnpj, &["16.727.230/0001-97", "12ABC34501DE35", "12.ABC.345/01DE-35"], 60);
        holds(kr_rrn, &["960121-1021413", "9601211021413", "050912-2000019"], 9);
        holds(pt_nif, &["501964843", "123456789"], 9);
        holds(jp_my_number, &["6214 9832 0257", "621498320257"], 9);
        holds(no_birth_number, &["030892 33320", "15108695088"], 50);
        holds(dk_cpr, &["211062-5629", "2110625629"], 30);
        holds(at_insurance_number, &["1237 010180", "1237010180"], 9);
        holds(cz_birth_number, &["710319/2745", "885312/1596"], 8);
        holds(pl_nip, &["856-734-62-15", "8567346215"], 9);
        holds(pl_regon, &["192598184"], 9);
        holds(au_tfn, &["876 543 210", "123456782"], 30);
        holds(th_national_id, &["1-2345-67890-12-1", "1234567890121", "3100600445635"], 8);
    }

    #[test]
    fn dates_centuries_and_repetitions_count() {
        for text in ["001332-1234567", "0013321234567", "960230-1021413"] {
            assert!(!kr_rrn_date(text), "{text}");
        }
        assert!(kr_rrn_date("960121-1234567") && !kr_rrn("960121-1234567"));
        for text in ["000.000.000-00", "111.111.111-11", "999.999.999-99"] {
            assert!(!br_cpf(text), "{text}");
        }
        assert!(!uk_nhs("401-023-2138") && !uk_nhs("0000000000"));
        assert!(!th_national_id("1284567890124") && !th_national_id("0234567890124"));
        assert!(!au_tfn("824 753 557") && !au_tfn("000000000"));
        assert!(dk_cpr_date("010107-1234") && !dk_cpr_date("320107-1234"));
    }
}
