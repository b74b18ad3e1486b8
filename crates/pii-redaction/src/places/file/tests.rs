use super::*;

fn encode(bytes: impl AsRef<[u8]>) -> String {
    PLAIN.encode(bytes)
}

fn opened(base64: &str, says_text: bool) -> Option<String> {
    match open(base64, says_text) {
        Opened::Text(file) => Some(file.text),
        _ => None,
    }
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn text_is_told_from_the_rest() {
    let marked = utf16("\u{feff}name;é\n", u16::to_le_bytes);
    let unmarked = [utf16("name;é\n", u16::to_le_bytes), utf16("name;Łukasz\n", u16::to_be_bytes)];
    let cut = utf16(&format!("{}😀{}", "a".repeat(383), "b".repeat(300)), u16::to_le_bytes);
    let long = "é".repeat(600);
    let cyrillic: Vec<u8> = (0xc0..=0xff).cycle().take(400).collect();
    let spelled: String = cyrillic.iter().copied().map(char::from).collect();
    let noise: Vec<u8> = (0..2000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let cases: [(&[u8], bool, Option<&str>); 17] = [
        (b"a,b\n", false, Some("a,b\n")),
        (long.as_bytes(), false, Some(&long)),
        (b"<svg/>", false, Some("<svg/>")),
        (b"\x1b[31mred", false, Some("\x1b[31mred")),
        (b"%PDF-1.7\nabc", false, None),
        (b"\x89PNG\r\n\x1a\n\0", false, None),
        (b"RIFF\x04\0\0\0WAVE", false, None),
        (b"\xe4\xf6\xfc\xdfa", false, None),
        (&noise, false, None),
        (b"J\xfcrgen;J\xf6rg", false, Some("Jürgen;Jörg")),
        (b"\xfc", true, Some("ü")),
        (&cyrillic, false, Some(&spelled)),
        (&marked, false, Some("\u{feff}name;é\n")),
        (&unmarked[0], false, Some("name;é\n")),
        (&unmarked[1], false, Some("name;Łukasz\n")),
        (&utf16("\0\0a", u16::to_le_bytes), false, None),
        (&[0; 40], false, None),
    ];
    for (bytes, says_text, text) in cases {
        let base64 = encode(bytes);
        assert_eq!(opened(&base64, says_text).as_deref(), text, "{bytes:?}");
        assert!(!matches!(open(&base64, says_text), Opened::NoBase64));
        if let Opened::Text(file) = open(&base64, says_text) {
            assert_eq!(file.close(&file.text, &base64), base64);
        }
    }
    assert!(opened(&encode(cut), false).is_some_and(|text| text.contains('😀')));
}

#[test]
fn lines_may_be_wrapped_at_any_length() {
    let text = "name,mail\nJürgen,anna@posteo.example\n".repeat(60);
    let base64 = encode(&text);
    for width in 1..=80 {
        for end in ["\n", "\r\n", " ", "\t", "\n "] {
            let lines: Vec<_> = base64.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
            assert_eq!(opened(&lines.join(end), false).as_ref(), Some(&text), "{width} {end:?}");
        }
    }
}

#[test]
fn what_is_no_base64_is_said_to_be_none() {
    for text in ["anna@posteo.example", "a", "é", "aGVsbG8=aGVsbG8=x"] {
        assert!(matches!(open(text, false), Opened::NoBase64), "{text}");
    }
    // These can be read as base64, which they are not.
    let names = "Annabelle\nMax\nKonstantina\n".repeat(9);
    for text in ["two words", "4111111111111111", "Anna\nSchmidt1", &names] {
        assert!(may_be_words(text) && !matches!(open(text, false), Opened::NoBase64), "{text}");
    }
    let picture = encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".repeat(20));
    let lines: Vec<_> = picture.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    for picture in [&picture, &lines.join("\r\n"), &lines.join("\n")] {
        assert!(!may_be_words(picture) && matches!(open(picture, false), Opened::Binary));
    }
    assert_eq!(opened("aGVs\r\nbG8=\r\n", false).unwrap(), "hello");
    assert_eq!(opened("aGVsbG8", false).unwrap(), "hello");
    assert_eq!(opened("Pz8_", false).unwrap(), "???");
    assert_eq!(opened("Pj8_Pz8/", false).unwrap(), ">?????");
}

#[test]
fn names_and_types_say_what_is_text() {
    for (name, is_text) in
        [("a.csv", true), ("A.TXT", true), ("b.eml", true), ("é", false), ("a.pdf", false), ("csv", false)]
    {
        assert_eq!(is_named_as_text(name), is_text, "{name}");
    }
    for (media_type, is_text) in [
        ("text/plain", true),
        ("TEXT/csv; charset=latin1", true),
        ("application/ld+json", true),
        ("message/rfc822", true),
        ("application/pdf", false),
        ("", false),
    ] {
        assert_eq!(says_text(media_type), is_text, "{media_type}");
    }
}
