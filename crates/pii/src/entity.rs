use std::{borrow::Cow, fmt};

/// What kind of thing was found: `email`, `credit_card`, or a name of the user's own.
///
/// Names are in snake case. Those of a country begin with its two letters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity(Cow<'static, str>);

macro_rules! entities {
    ($($constant:ident $name:literal $about:literal)*) => {
        impl Entity {
            $(#[doc = $about] pub const $constant: Self = Self(Cow::Borrowed($name));)*

            /// All that have a name here.
            pub const KNOWN: &'static [Self] = &[$(Self::$constant),*];

            /// What it is, in a few words; empty for those of a user.
            #[must_use]
            pub fn about(&self) -> &'static str {
                match self.as_str() {
                    $($name => $about,)*
                    _ => "",
                }
            }
        }
    };
}

entities! {
    EMAIL "email" "An email address."
    PHONE "phone" "A telephone number."
    CREDIT_CARD "credit_card" "A payment card's number."
    IBAN "iban" "An international bank account number."
    BIC "bic" "A bank's identifier code (SWIFT)."
    CRYPTO_ADDRESS "crypto_address" "An address of a crypto currency."
    IP_ADDRESS "ip_address" "An IP address, v4 or v6."
    MAC_ADDRESS "mac_address" "A network card's address."
    URL "url" "A URL that holds credentials or personal data."
    DOMAIN "domain" "A domain name."
    COORDINATES "coordinates" "A place on Earth by latitude and longitude."
    DATE_OF_BIRTH "date_of_birth" "A date of birth."
    STREET_ADDRESS "street_address" "A street with a house number."
    POSTCODE "postcode" "A postal code."
    VEHICLE_PLATE "vehicle_plate" "A vehicle's registration plate."
    MEDICAL_RECORD "medical_record" "The number of a patient's record."
    PERSON "person" "A person's name."
    PASSPORT "passport" "A passport's number."
    DRIVING_LICENCE "driving_licence" "A driving licence's number."
    SECRET "secret" "A key, token, password or private key."
    US_SSN "us_ssn" "A social security number of the United States."
    US_ITIN "us_itin" "A taxpayer's number of the United States."
    US_PASSPORT "us_passport" "A passport of the United States."
    US_DRIVING_LICENCE "us_driving_licence" "A driving licence of the United States."
    US_BANK_ACCOUNT "us_bank_account" "A bank account of the United States."
    US_ROUTING_NUMBER "us_routing_number" "A bank of the United States (ABA)."
    UK_NHS "uk_nhs" "A patient of the United Kingdom's health service."
    UK_NINO "uk_nino" "A national insurance number of the United Kingdom."
    UK_SORT_CODE "uk_sort_code" "A bank branch of the United Kingdom."
    UK_BANK_ACCOUNT "uk_bank_account" "A bank account of the United Kingdom."
    UK_PASSPORT "uk_passport" "A passport of the United Kingdom."
    UK_DRIVING_LICENCE "uk_driving_licence" "A driving licence of the United Kingdom."
    ES_NIF "es_nif" "A tax number of Spain."
    ES_NIE "es_nie" "A foreigner's number of Spain."
    ES_PASSPORT "es_passport" "A passport of Spain."
    IT_FISCAL_CODE "it_fiscal_code" "A codice fiscale of Italy."
    IT_VAT "it_vat" "A VAT number of Italy."
    IT_ID_CARD "it_id_card" "An identity card of Italy."
    IT_PASSPORT "it_passport" "A passport of Italy."
    IT_DRIVING_LICENCE "it_driving_licence" "A driving licence of Italy."
    DE_TAX_ID "de_tax_id" "A tax identification number of Germany."
    DE_ID_CARD "de_id_card" "An identity card of Germany."
    DE_PASSPORT "de_passport" "A passport of Germany."
    DE_DRIVING_LICENCE "de_driving_licence" "A driving licence of Germany."
    DE_TAX_NUMBER "de_tax_number" "A tax office's number for a taxpayer in Germany."
    DE_PENSION_NUMBER "de_pension_number" "A pension insurance number of Germany."
    DE_HEALTH_INSURANCE "de_health_insurance" "A health insurance number of Germany."
    DE_VAT "de_vat" "A VAT number of Germany."
    FR_NIR "fr_nir" "A social security number of France."
    FR_ID_CARD "fr_id_card" "An identity card of France."
    FR_PASSPORT "fr_passport" "A passport of France."
    FR_DRIVING_LICENCE "fr_driving_licence" "A driving licence of France."
    FR_TAX_ID "fr_tax_id" "A tax number of France (SPI)."
    PL_PESEL "pl_pesel" "A PESEL of Poland."
    PL_NIP "pl_nip" "A tax number of Poland."
    PL_REGON "pl_regon" "A business number of Poland."
    PL_ID_CARD "pl_id_card" "An identity card of Poland."
    FI_HETU "fi_hetu" "A personal identity code of Finland."
    SE_PERSONNUMMER "se_personnummer" "A personal identity number of Sweden."
    SE_ORGANISATION "se_organisation" "An organisation number of Sweden."
    DK_CPR "dk_cpr" "A CPR number of Denmark."
    NO_BIRTH_NUMBER "no_birth_number" "A birth number of Norway."
    NL_BSN "nl_bsn" "A citizen service number of the Netherlands."
    NL_PASSPORT "nl_passport" "A passport or identity card of the Netherlands."
    BE_NATIONAL_NUMBER "be_national_number" "A national register number of Belgium."
    IE_PPS "ie_pps" "A personal public service number of Ireland."
    PT_NIF "pt_nif" "A tax number of Portugal."
    CH_AHV "ch_ahv" "An old-age insurance number of Switzerland."
    AT_INSURANCE_NUMBER "at_insurance_number" "A social insurance number of Austria."
    CZ_BIRTH_NUMBER "cz_birth_number" "A birth number of Czechia or Slovakia."
    HR_OIB "hr_oib" "A personal identification number of Croatia."
    TR_NATIONAL_ID "tr_national_id" "An identity number of Turkey."
    AU_ABN "au_abn" "A business number of Australia."
    AU_ACN "au_acn" "A company number of Australia."
    AU_TFN "au_tfn" "A tax file number of Australia."
    AU_MEDICARE "au_medicare" "A Medicare card of Australia."
    AU_PASSPORT "au_passport" "A passport of Australia."
    IN_AADHAAR "in_aadhaar" "An Aadhaar number of India."
    IN_PAN "in_pan" "A permanent account number of India."
    IN_GSTIN "in_gstin" "A goods and services tax number of India."
    IN_PASSPORT "in_passport" "A passport of India."
    IN_VOTER_ID "in_voter_id" "A voter's card of India."
    IN_DRIVING_LICENCE "in_driving_licence" "A driving licence of India."
    SG_NRIC "sg_nric" "An identity card of Singapore (NRIC, FIN)."
    SG_UEN "sg_uen" "An entity number of Singapore."
    KR_RRN "kr_rrn" "A resident registration number of South Korea."
    KR_FRN "kr_frn" "A foreigner's registration number of South Korea."
    KR_PASSPORT "kr_passport" "A passport of South Korea."
    KR_DRIVING_LICENCE "kr_driving_licence" "A driving licence of South Korea."
    BR_CPF "br_cpf" "A CPF of Brazil."
    BR_CNPJ "br_cnpj" "A CNPJ of Brazil."
    CA_SIN "ca_sin" "A social insurance number of Canada."
    CA_PASSPORT "ca_passport" "A passport of Canada."
    MX_CURP "mx_curp" "A CURP of Mexico."
    MX_RFC "mx_rfc" "A tax number of Mexico."
    CN_RESIDENT_ID "cn_resident_id" "A resident identity number of China."
    CN_PASSPORT "cn_passport" "A passport of China."
    JP_MY_NUMBER "jp_my_number" "An individual number of Japan."
    JP_PASSPORT "jp_passport" "A passport of Japan."
    JP_DRIVING_LICENCE "jp_driving_licence" "A driving licence of Japan."
    TH_NATIONAL_ID "th_national_id" "An identity number of Thailand."
    PH_UMID "ph_umid" "A common reference number of the Philippines."
    ZA_ID "za_id" "An identity number of South Africa."
    NG_NIN "ng_nin" "A national identification number of Nigeria."
}

impl Entity {
    /// A text that a detector could not read, as one finding from end to end. No kind of data, and so none of
    /// [`Self::KNOWN`].
    pub const UNREAD: Self = Self(Cow::Borrowed("unread"));

    /// An entity of this name, known or not.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Entity {
    fn from(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Entity {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
