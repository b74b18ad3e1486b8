/// What a byte is: of ASCII, or the first of a character of some script, or the rest of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    Lower,
    Upper,
    Digit,
    #[default]
    Space,
    /// Tabs and other control characters.
    Blank,
    /// Line feed and carriage return.
    Line,
    /// Of sentences: `.,'-!?;:`.
    Mark,
    /// Of code.
    Sign,
    /// The second byte of a character and all that follow.
    Rest,
    Latin,
    Greek,
    Cyrillic,
    /// Hebrew, and Armenian.
    Hebrew,
    Arabic,
    /// The scripts of India, and Thai.
    Indic,
    /// Georgian, Khmer, Vietnamese with two accents.
    Asian,
    /// Punctuation and symbols beyond ASCII.
    Symbol,
    /// Kana and the punctuation of CJK.
    Kana,
    Han,
    Hangul,
    /// Full width and private use.
    Wide,
    /// Four bytes.
    Emoji,
}

impl Class {
    pub(super) const COUNT: usize = Self::Emoji as usize + 1;

    const fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            b' ' => Self::Space,
            b'\n' | b'\r' => Self::Line,
            0..0x20 | 0x7f => Self::Blank,
            b'.' | b',' | b'\'' | b'-' | b'!' | b'?' | b';' | b':' => Self::Mark,
            0x21..0x80 => Self::Sign,
            0x80..0xc0 => Self::Rest,
            0xc0..0xce => Self::Latin,
            0xce..0xd0 => Self::Greek,
            0xd0..0xd4 => Self::Cyrillic,
            0xd4..0xd8 => Self::Hebrew,
            0xd8..0xe0 => Self::Arabic,
            0xe0 => Self::Indic,
            0xe1 => Self::Asian,
            0xe2 => Self::Symbol,
            0xe3 => Self::Kana,
            0xe4..0xea => Self::Han,
            0xea..0xee => Self::Hangul,
            0xee | 0xef => Self::Wide,
            0xf0..=0xff => Self::Emoji,
        }
    }

    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::Lower,
        Self::Upper,
        Self::Digit,
        Self::Space,
        Self::Blank,
        Self::Line,
        Self::Mark,
        Self::Sign,
        Self::Rest,
        Self::Latin,
        Self::Greek,
        Self::Cyrillic,
        Self::Hebrew,
        Self::Arabic,
        Self::Indic,
        Self::Asian,
        Self::Symbol,
        Self::Kana,
        Self::Han,
        Self::Hangul,
        Self::Wide,
        Self::Emoji,
    ];
}

/// The class of every byte.
pub(super) const CLASSES: [Class; 256] = {
    let mut classes = [Class::Space; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "below 256")]
        let class = Class::of(byte as u8);
        classes[byte] = class;
        byte += 1;
    }
    classes
};

/// What two bytes in a row tell of tokens. `…Start` is the first of a word or number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Feature {
    WordStart,
    Letter,
    AfterUpper,
    AfterRest,
    UpperStart,
    Upper,
    NumberStart,
    Digit,
    Indent,
    Spaces,
    Blank,
    FirstLine,
    Lines,
    Mark,
    Marks,
    Sign,
    Signs,
    Latin,
    GreekStart,
    Greek,
    CyrillicStart,
    Cyrillic,
    HebrewStart,
    Hebrew,
    ArabicStart,
    Arabic,
    IndicStart,
    Indic,
    Asian,
    Symbol,
    Kana,
    Han,
    HangulStart,
    Hangul,
    Wide,
    Emoji,
}

impl Feature {
    pub(super) const COUNT: usize = Self::Emoji as usize + 1;

    /// What the second of two bytes is, by the class of both.
    pub(super) const fn of(last: Class, next: Class) -> Option<Self> {
        let goes_on = matches!(last, Class::Rest);
        let punctuation = matches!(last, Class::Mark | Class::Sign);
        Some(match next {
            Class::Lower => match last {
                Class::Lower => Self::Letter,
                Class::Upper => Self::AfterUpper,
                Class::Rest => Self::AfterRest,
                _ => Self::WordStart,
            },
            Class::Upper if matches!(last, Class::Upper) => Self::Upper,
            Class::Upper => Self::UpperStart,
            Class::Digit if matches!(last, Class::Digit) => Self::Digit,
            Class::Digit => Self::NumberStart,
            Class::Space => match last {
                Class::Space => Self::Spaces,
                Class::Line | Class::Blank => Self::Indent,
                _ => return None,
            },
            Class::Blank => Self::Blank,
            Class::Line if matches!(last, Class::Line) => Self::Lines,
            Class::Line => Self::FirstLine,
            Class::Mark if punctuation => Self::Marks,
            Class::Mark => Self::Mark,
            Class::Sign if punctuation => Self::Signs,
            Class::Sign => Self::Sign,
            Class::Rest => return None,
            Class::Latin => Self::Latin,
            Class::Greek if goes_on => Self::Greek,
            Class::Greek => Self::GreekStart,
            Class::Cyrillic if goes_on => Self::Cyrillic,
            Class::Cyrillic => Self::CyrillicStart,
            Class::Hebrew if goes_on => Self::Hebrew,
            Class::Hebrew => Self::HebrewStart,
            Class::Arabic if goes_on => Self::Arabic,
            Class::Arabic => Self::ArabicStart,
            Class::Indic if goes_on => Self::Indic,
            Class::Indic => Self::IndicStart,
            Class::Asian => Self::Asian,
            Class::Symbol => Self::Symbol,
            Class::Kana => Self::Kana,
            Class::Han => Self::Han,
            Class::Hangul if goes_on => Self::Hangul,
            Class::Hangul => Self::HangulStart,
            Class::Wide => Self::Wide,
            Class::Emoji => Self::Emoji,
        })
    }
}
