//! What is found as it stands, and what only by a word.

use llm_layers_pii::Entity;

use crate::check;

#[test]
fn america() {
    check(&[
        (
            Entity::US_SSN,
            &[
                "«078-05-1123» is mine",
                "«078 05 1123»",
                "«078.05.1123»",
                "so 078051121",
                "SSN «078051121»",
                "my social security number is «899121234»",
                "078-05-1120",
                "SSN: «078-05-1120»",
                "social: «123-45-6789»",
                "666-12-3456",
                "ssn 000-12-3456",
                "ssn 666-12-3456",
                "ssn 900-12-3456",
                "ssn 123-00-4567",
                "ssn 123-45-0000",
                "078-05 1123",
                "693-09.4444",
                "1078-05-1123",
                "078-05-11234",
                "4-078-05-1123",
                "078-05-1123-9",
                "v078.05.1123.4",
            ],
        ),
        (
            Entity::US_ITIN,
            &[
                "«911-70-1234»",
                "so 911701234",
                "ITIN «911701234»",
                "tax id «911-701234»",
                "taxpayer «91170-1234»",
                "911-89-1234",
                "my taxpayer id 911-89-1234",
            ],
        ),
        (
            Entity::US_ROUTING_NUMBER,
            &[
                "«3222-7162-7»",
                "so 121000358",
                "routing number: «121000358»",
                "ABA «121042882»",
                "routing 421042111",
                "1234-0000-0",
            ],
        ),
        (
            Entity::US_BANK_ACCOUNT,
            &[
                "account number «12345678901»",
                "12345678901",
                "acct «000123456789»",
                "The total is 12345678901.",
                "wire it into my checking account: «9876543210», please",
                "account number 1234567",
            ],
        ),
        (
            Entity::CA_SIN,
            &[
                "«347-677-452»",
                "so 130 692 544",
                "SIN: «130 692 544», paid $ 500",
                "population: 130 692 544",
                "my SIN is «130-692-544»",
                "mon NAS: «258 933 688»",
                "sin(x) 130692545",
                "SIN 130 692 545",
                "SIN 046 454 286",
                "SIN 111 111 111",
                "SIN 130-692 544",
                "SIN «130692544»",
                "so 130692544",
            ],
        ),
        (Entity::MX_CURP, &["«BOXW310820HNERXN09»", "BOXW310820HNERXN08", "BOXW311320HNERXN09", "XBOXW310820HNERXN09"]),
        (Entity::MX_RFC, &["«GODE561231GR8»", "«GODE-561231-GR8»", "GODE561231GR7", "RFC GODE561331GR8"]),
        (
            Entity::BR_CPF,
            &[
                "«529.982.247-25»",
                "529.982.247-26",
                "«52998224725»",
                "CPF «52998224725»",
                "cpf 111.111.111-11",
                "529.982.247.25",
            ],
        ),
        (
            Entity::BR_CNPJ,
            &[
                "«16.727.230/0001-97»",
                "«12.ABC.345/01DE-35»",
                "CNPJ «12ABC34501DE35»",
                "so 12ABC34501DE35",
                "16.727.230/0001-98",
            ],
        ),
    ]);
}

#[test]
fn united_kingdom() {
    check(&[
        (
            Entity::UK_NHS,
            &[
                "«943 476 5919»",
                "«401-023-2137»",
                "so 9434765919",
                "NHS no. «9434765919»",
                "401-023-2138",
                "NHS 943 476 5918",
                "call 401-023-2137 today",
                "NHS number «943 476 5919», telephone 020 7946 0000",
                "943-476 5919",
                "NHS 000 000 0000",
            ],
        ),
        (
            Entity::UK_NINO,
            &[
                "«AA 12 34 56 B»",
                "«hh 01 02 03 d»",
                "«tw987654a»",
                "nino: «PR 123612C»",
                "«YZ-61-48-68-B»",
                "AA 12 34 56 H",
                "FQ 00 00 00 C",
                "BG123612A",
                "nino: nt 99 88 77 a",
                "national insurance number UV 98 76 54 B",
                "XAA123456B",
                "AA1234567B",
            ],
        ),
        (Entity::UK_SORT_CODE, &["Sort code «20-00-00»", "20-00-00", "sortcode: «200000»", "on 20-01-24 we met"]),
        (Entity::UK_BANK_ACCOUNT, &["Sort code 20-00-00, account «55779911»", "55779911", "order 55779911"]),
        (
            Entity::UK_DRIVING_LICENCE,
            &[
                "Licence: «MORGA657054SM9IJ» ok",
                "«morga607054sm9ij»",
                "«FO999512018AA1AB»",
                "MORGA613054SM9IJ",
                "99999657054SM9IJ",
                "MORGA6570544SM9IJ",
            ],
        ),
    ]);
}

#[test]
fn southern_europe() {
    check(&[
        (
            Entity::ES_NIF,
            &[
                "«55555555K»",
                "«55555555-K»",
                "«1111111-G»",
                "«12.345.678-Z»",
                "dni «12345678z»",
                "so 12345678z",
                "12345678A",
                "DNI 12345678A",
                "112345678Z",
                "12345678ZZ",
            ],
        ),
        (Entity::ES_NIE, &["«X1234567L»", "«Z8078221M»", "«x-1234567-l»", "X1234567M", "NIE A1234567L"]),
        (Entity::PT_NIF, &["contribuinte «501964843»", "so 501964843", "NIF 501964844"]),
        (
            Entity::IT_FISCAL_CODE,
            &[
                "«RSSMRA85T10A562S»",
                "«rssmra85t10a562s»",
                "«AAAAAA00B11C333Y»",
                "so AAAAAA00B11C333N",
                "codice fiscale «AAAAAA00B11C333N»",
                "A55AAA00B11C333N",
                "codice fiscale RSSMRA85T32A562S",
                "AAAAAA - 00B11C333N",
            ],
        ),
        (Entity::IT_VAT, &["Partita IVA «00743110157»", "so 00743110157", "«IT00743110157»", "P.IVA 00743110158"]),
    ]);
}

#[test]
fn germany_france_and_neighbours() {
    check(&[
        (
            Entity::DE_TAX_ID,
            &[
                "«36574261809»",
                "«36 574 261 809»",
                "so 12345678903",
                "Meine Steuer-ID: «12345678903».",
                "IdNr. «98765432106» liegt vor.",
                "Steuer-ID 12345678901",
                "Steuer-ID 02345678903",
                "Steueridentifikationsnummer: «47036892816»",
                "36574261808",
            ],
        ),
        (
            Entity::DE_ID_CARD,
            &[
                "«L01X00T44»",
                "«CZ6311T03»",
                "so C01234565",
                "Personalausweis: «C01234565».",
                "Ausweis «l01x00t44»",
                "so L01X00T47",
                "Ausweis «L01X00T47»",
                "see «L01X00T471», please",
                "see L01X00T472, please",
                "see T220001293, please",
                "Ausweis «T220001293»",
                "Ausweis Nr. «T22000129» gültig",
                "so T22000129",
                "ABCDEF123",
                "Ausweis T220001290",
            ],
        ),
        (
            Entity::DE_PENSION_NUMBER,
            &[
                "RVNR: «15070649C103»",
                "«15 070649 C 103»",
                "«65070803A019»",
                "15070649C100",
                "15071349C103",
                "RVNR 150706491103",
            ],
        ),
        (
            Entity::DE_HEALTH_INSURANCE,
            &["KVNR: «A123456780»", "so A123456780", "Krankenkasse A123456787", "eGK «m123456785»"],
        ),
        (Entity::DE_VAT, &["«DE136695976»", "USt-IdNr. «DE 136 695 976»", "DE136695977"]),
        (Entity::DE_TAX_NUMBER, &["Steuernummer «93/815/08152»", "93/815/08152", "Finanzamt, «2893081508152»"]),
        (
            Entity::FR_NIR,
            &[
                "«2 95 10 99 126 111 93»",
                "«295109912611193»",
                "«1 55 10 2A 004 053 27»",
                "«155102A00405327»",
                "295109912611194",
                "n° de sécurité sociale «2 95 10 99 126 111»",
                "NIR «1 85 12 75 108 123 45»",
                "2951099126111",
            ],
        ),
        (Entity::FR_TAX_ID, &["«3023217600053»", "numéro fiscal : «30 23 217 600 053»", "3023217600054"]),
        (Entity::BE_NATIONAL_NUMBER, &["«85.07.30-033.28»", "«85073003328»", "85.07.30-033.29", "85.13.30-033.28"]),
        (Entity::NL_BSN, &["BSN «123456782»", "so 123456782", "bsn 123456783", "burgerservicenummer: «1234.56.782»"]),
        (Entity::CH_AHV, &["«756.9217.0769.85»", "«7569217076985»", "756.9217.0769.84", "755.9217.0769.85"]),
        (Entity::AT_INSURANCE_NUMBER, &["«1237 010180»", "so 1237010180", "SVNR «1237010180»", "1238 010180"]),
        (Entity::IE_PPS, &["PPS «6433435F»", "so 6433435F", "«6433435OA»", "PPSN 6433435E"]),
    ]);
}

#[test]
fn northern_and_eastern_europe() {
    check(&[
        (
            Entity::FI_HETU,
            &["«131052-308T»", "«131052-308t»", "«010594Y9032».", "131052-308U", "311190-1111", "131052/308T"],
        ),
        (
            Entity::SE_PERSONNUMMER,
            &[
                "«871220-2384»",
                "«19910924-2397» är mitt pnr.",
                "«198712202384»",
                "so 9201232387",
                "personnummer «9201232387»",
                "871220-2385",
                "19001309-2393",
                "«120101+2380»",
                "189x09179809",
            ],
        ),
        (Entity::SE_ORGANISATION, &["«556703-7485»", "orgnr «5567037485»", "so 5567037485", "556703-7486"]),
        (Entity::DK_CPR, &["«211062-5629»", "CPR «211062-5628»", "so 211062-5628", "CPR 321062-5629"]),
        (Entity::NO_BIRTH_NUMBER, &["«030892 33320»", "«03089233320»", "03089233321"]),
        (
            Entity::PL_PESEL,
            &["«44051401359»", "My pesel is «11111111114».", "11111111114", "PESEL 11110021111", "11-11-11-11114"],
        ),
        (Entity::PL_NIP, &["«856-734-62-15»", "NIP «8567346215»", "so 8567346215", "856-734-62-16"]),
        (Entity::PL_ID_CARD, &["dowód osobisty «ABA300000»", "so ABA300000", "dowód ABA300001"]),
        (
            Entity::CZ_BIRTH_NUMBER,
            &["«710319/2745»", "rodné číslo «7103192745»", "so 7103192745", "710319/2746", "711319/2745"],
        ),
        (Entity::TR_NATIONAL_ID, &["TC Kimlik No: «10000000146»", "«10000000146»", "kimlik 10000000147"]),
    ]);
}

#[test]
fn asia_africa_and_the_pacific() {
    check(&[
        (
            Entity::AU_ABN,
            &[
                "«51 824 753 556»",
                "so 51824753556",
                "ABN «51824753556»",
                "52 824 753 556",
                "ABN 52824753556",
                "51 824 753 5564",
            ],
        ),
        (Entity::AU_ACN, &["ACN «004 085 616»", "so 004 085 616", "ACN 004 085 617"]),
        (
            Entity::AU_TFN,
            &[
                "TFN «876 543 210»",
                "so 876 543 210",
                "TFN: «876 543 210», a budget of $ 500",
                "tax file number «876543210»",
                "TFN 824 753 557",
            ],
        ),
        (
            Entity::AU_MEDICARE,
            &["«2123 45670 1»", "so 2123456701", "Medicare «2123456701»", "2123 25870 1", "Medicare 212345670221"],
        ),
        (
            Entity::IN_AADHAAR,
            &[
                "so 3123 4567 8909",
                "Aadhaar «3123 4567 8909»",
                "«3123-4567-8909»",
                "«3123:4567:8909»",
                "so 312345678909",
                "My Aadhaar number is «400123456787» ok",
                "1234 5678 9012",
                "Aadhaar 123456789012",
                "3123 4567 8908",
            ],
        ),
        (
            Entity::IN_PAN,
            &["«ABCPD1234Z»", "ABCND1234Z", "PAN «ABCND1234Z»", "my pan is «abcpd1234z»", "ABCD1234", "ABCPD12345Z"],
        ),
        (
            Entity::IN_GSTIN,
            &["«27AAPFU0939F1ZV»", "«27ABCDE1234F1Z5»", "00ABCDE1234F1Z5", "27ABCDE1234F1Y5", "27ABCDE1234F1Z55"],
        ),
        (
            Entity::SG_NRIC,
            &["«S2740116C»", "«S9108268C» «T7572225C»", "NRIC «S2740116D»", "so S2740116D", "A1234567Z", "PA12348L"],
        ),
        (
            Entity::SG_UEN,
            &["«53125226D»", "«201434292D»", "«T16RF0037C»", "53125226E", "UEN «53125226D» was processed"],
        ),
        (
            Entity::KR_RRN,
            &[
                "«960121-1234567»",
                "«960121-1021413»",
                "«9601211021413»",
                "so 9601211234567",
                "RRN «9601211234567»",
                "001332-1234567",
                "960121+1021413",
                "960111-10214131",
                "760413-5212134",
            ],
        ),
        (Entity::KR_FRN, &["«760413-5212134»", "760413-1212134"]),
        (
            Entity::CN_RESIDENT_ID,
            &["«360426199101010071»", "«11010519491231002X»", "360426199113010071", "1360426199101010071"],
        ),
        (
            Entity::JP_MY_NUMBER,
            &[
                "マイナンバー：«621498320257»",
                "so 621498320257",
                "My Number «6214 9832 0257»",
                "マイナンバー 621498320258",
            ],
        ),
        (
            Entity::TH_NATIONAL_ID,
            &[
                "«1-2345-67890-12-1»",
                "Thai ID «3100600445635»",
                "เลขบัตรประชาชน «2345678901234»",
                "so 3100600445635",
                "1-2345-67890-12-2",
            ],
        ),
        (Entity::PH_UMID, &["«0028-1215160-9»", "UMID «002812151609»", "002812151609"]),
        (Entity::ZA_ID, &["«8001015009087»", "8001015009088", "8013015009087"]),
        (Entity::NG_NIN, &["NIN «12345678902»", "so 12345678902"]),
    ]);
}
