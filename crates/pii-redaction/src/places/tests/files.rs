use super::*;
use crate::Media;

/// A file in each of the bodies that take one; `¶` is what stands beside it.
const BODIES: [(Operation, &str); 3] = [
    (
        Operation::ChatCompletion,
        r#"{"messages":[{"role":"user","content":[{"type":"file","file":{¶"file_data":"§"}}]}]}"#,
    ),
    (Operation::Response, r#"{"input":[{"role":"user","content":[{"type":"input_file",¶"file_data":"§"}]}]}"#),
    (
        Operation::Message,
        r#"{"messages":[{"role":"user","content":[{"type":"document","source":{¶"type":"base64","data":"§"}}]}]}"#,
    ),
];

fn body(body: &str, beside: &str, data: &str) -> String {
    let data = serde_json::to_string(data).unwrap();
    body.replace('¶', beside).replace('§', &data[1..data.len() - 1])
}

fn walked(operation: Operation, body: &str) -> (Replacer, String) {
    let (mut object, mut replacer) = (parse(body), Replacer::default());
    request(operation, &mut object, &mut replacer).unwrap();
    (replacer, text_of(&object))
}

#[test]
fn files_of_text() {
    let base64 = |text: &str| general_purpose::STANDARD.encode(text);
    let csv = format!("name,mail\nAnna,{CANARY}\n");
    let json = format!(r#"{{"mail": "c{NUMBER}\u0040leak.example"}}"#);
    let latin: Vec<u8> = format!("J\u{fc}rgen {CANARY}").chars().map(|c| c as u8).collect();
    let utf16: Vec<u8> = format!("\u{feff}{csv}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let data = [
        format!("data:text/csv;base64,{}", base64(&csv)),
        format!("DATA:text/plain;charset=utf-8;base64,{}", base64(&csv)),
        format!("data:application/json;base64,{}", base64(&json)),
        format!("data:application/octet-stream;base64,{}", base64(&csv)),
        format!("data:application/pdf;base64,{}", base64(&csv)),
        format!("data:text/plain;base64,{}", general_purpose::STANDARD.encode(latin)),
        format!("data:text/csv;base64,{}", general_purpose::STANDARD.encode(&utf16)),
        general_purpose::STANDARD.encode(utf16),
        base64(&csv),
        base64(&json),
        base64(&csv).trim_end_matches('=').to_owned(),
        general_purpose::URL_SAFE.encode(format!("???>>>~~~ {csv}")),
    ];
    for data in &data {
        for (operation, row) in BODIES {
            let seen = assert_no_leak(operation, &body(row, "", data), Body::Request);
            assert!(seen.media.is_empty(), "{data}");
        }
    }
    for data in data.iter().filter(|data| data.starts_with("data:")) {
        for row in [
            r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"§"}}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"§"}]}]}"#,
            r#"{"messages":[{"role":"user","content":"§"}]}"#,
            r#"{"invented":["§"]}"#,
        ] {
            assert_no_leak(Operation::ChatCompletion, &row.replace('§', data), Body::Request);
        }
    }
}

#[test]
fn what_is_no_text_is_told_by_its_kind() {
    use Media::{Audio, File, Image, Video};
    let png = general_purpose::STANDARD.encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let pdf = general_purpose::STANDARD.encode(b"%PDF-1.7 abc");
    for (body, kinds) in [
        (format!(r#"{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{png}"}}}}"#), vec![Image]),
        (r#"{"type":"image_url","image_url":{"url":"https://a.example/i.png"}}"#.to_owned(), vec![Image]),
        (r#"{"type":"video_url","video_url":{"url":"https://a.example/i.mp4"}}"#.to_owned(), vec![Video]),
        (format!(r#"{{"type":"input_audio","input_audio":{{"data":"{png}","format":"wav"}}}}"#), vec![Audio]),
        (format!(r#"{{"type":"file","file":{{"file_data":"data:application/pdf;base64,{pdf}"}}}}"#), vec![File]),
        (format!(r#"{{"type":"file","file":{{"file_data":"{pdf}"}}}}"#), vec![File]),
        (r#"{"type":"file","file":{"file_id":"file-1"}}"#.to_owned(), vec![File]),
        (r#"{"type":"input_image","file_id":"file-1"}"#.to_owned(), vec![Image]),
        (
            format!(r#"{{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"{png}"}}}}"#),
            vec![Image],
        ),
        (r#"{"type":"image","source":{"type":"url","url":"https://a.example/i.png"}}"#.to_owned(), vec![Image]),
        (r#"{"type":"document","source":{"type":"url","url":"https://a.example/i.pdf"}}"#.to_owned(), vec![File]),
        (
            format!(
                r#"{{"type":"document","source":{{"type":"base64","media_type":"application/pdf","data":"{pdf}"}}}}"#
            ),
            vec![File],
        ),
        (r#"{"type":"text","text":"x"}"#.to_owned(), vec![]),
    ] {
        let mut object = parse(&format!(r#"{{"messages":[{{"role":"user","content":[{body}]}}]}}"#));
        let mut replacer = Replacer::default();
        assert_eq!(request(Operation::ChatCompletion, &mut object, &mut replacer), Ok(false));
        assert_eq!(replacer.media, kinds, "{body}");
    }
}

#[test]
fn lines_of_any_length_hide_nothing() {
    let base64 = general_purpose::STANDARD.encode(format!("name,mail\nJ\u{fc}rgen,{CANARY}\n").repeat(40));
    for width in 1..=80 {
        for end in ["\n", "\r\n"] {
            let lines: Vec<_> = base64.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
            for data in [lines.join(end), format!("data:text/csv;base64,{}", lines.join(end))] {
                let (replacer, sent) = walked(Operation::ChatCompletion, &body(BODIES[0].1, "", &data));
                assert_eq!((replacer.media.len(), replacer.seen.len()), (0, 1), "{width} {end:?}");
                assert!(replacer.seen[0].1.starts_with("name,mail\n") && sent.contains("\"file_data\""));
                // As slow as it is thorough.
                assert!(width % 16 != 0 || leak(&sent).is_none());
            }
        }
    }
}

#[test]
fn escaped_addresses_are_read() {
    let base64 = general_purpose::STANDARD.encode(format!("??>> {CANARY}\n\u{fb}"));
    let escaped = base64.replace('+', "%2B").replace('=', "%3d").replace('/', "%2F%0D%0A");
    assert_ne!(escaped, base64);
    for head in ["data:text/plain;base64,", "data:application/octet-stream;base64,", "data:;base64,"] {
        let (replacer, sent) = walked(Operation::ChatCompletion, &body(BODIES[0].1, "", &format!("{head}{escaped}")));
        assert_eq!((replacer.media.len(), replacer.seen.len()), (0, 1), "{sent}");
        assert_eq!(leak(&sent), None);
        assert!(sent.contains(head));
    }
}

#[test]
fn what_says_that_it_is_base64_and_is_none_is_media() {
    for (data, media) in [
        (format!("data:text/plain;base64,no base64: {CANARY}"), Some(Media::File)),
        (format!("data:image/png;base64,no base64: {CANARY}"), Some(Media::Image)),
        (format!("no base64: {CANARY}"), None),
    ] {
        for (operation, row) in BODIES {
            let seen = assert_no_leak(operation, &body(row, "", &data), Body::Request);
            assert_eq!(seen.media, Vec::from_iter(media), "{data}");
        }
    }
    let sound = format!(r#"{{"messages":[{{"content":[{{"input_audio":{{"data":"§ {CANARY}"}}}}]}}]}}"#);
    assert_eq!(assert_no_leak(Operation::ChatCompletion, &sound, Body::Request).media, [Media::Audio]);
}

#[test]
fn words_and_numbers_are_no_base64() {
    for text in [NUMBER.to_owned(), format!("44770\n{NUMBER}44"), format!("Anna {NUMBER}\nKonstantina1 Maximilian")] {
        for (operation, row) in BODIES {
            for beside in ["", r#""filename":"a.txt","#] {
                let (replacer, sent) = walked(operation, &body(row, beside, &text));
                assert!(replacer.seen.iter().any(|(_, seen)| *seen == text), "{text}");
                assert_eq!(leak(&sent), None);
            }
        }
    }
}

#[test]
fn a_files_name_or_type_says_that_it_is_text() {
    // Too few letters of ASCII to look like text.
    let mut bytes = vec![0xc4; 40];
    bytes.extend_from_slice(b"\0 ");
    bytes.extend_from_slice(CANARY.as_bytes());
    bytes.extend_from_slice(&[0xc4; 40]);
    let base64 = general_purpose::STANDARD.encode(&bytes);
    let after = r#""x":"y","#;
    for (beside, is_text) in [
        (r#""filename":"a.csv","#, true),
        (r#""filename":"A.TXT","#, true),
        (r#""media_type":"text/csv","#, true),
        (r#""mime_type":"text/plain; charset=cp1251","#, true),
        (r#""media_type":"application/pdf","#, false),
        (r#""filename":"a.xls","#, false),
        (after, false),
    ] {
        for (operation, row) in BODIES {
            for data in [base64.clone(), format!("data:application/octet-stream;base64,{base64}")] {
                let (replacer, _) = walked(operation, &body(row, beside, &data));
                assert_eq!(
                    (replacer.seen.len(), replacer.media.is_empty()),
                    (usize::from(is_text), is_text),
                    "{beside}"
                );
            }
        }
    }
}

#[test]
fn text_in_any_charset_is_read() {
    let line = format!("Jürgen;Łódź;{CANARY}\r\n");
    let latin: Vec<u8> = format!("J\u{fc}rgen;{CANARY}\r\n").chars().map(|c| c as u8).collect();
    let le: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = line.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [latin, le, be] {
        let base64 = general_purpose::STANDARD.encode(bytes);
        for head in ["", "data:application/octet-stream;base64,", "data:application/vnd.ms-excel;base64,"] {
            for (operation, row) in BODIES {
                let (replacer, sent) = walked(operation, &body(row, "", &format!("{head}{base64}")));
                assert_eq!((replacer.seen.len(), replacer.media.len()), (1, 0), "{base64}");
                assert!(!sent.contains(&base64));
            }
        }
    }
}
