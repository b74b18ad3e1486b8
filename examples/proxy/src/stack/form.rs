//! Forms (`multipart/form-data`, RFC 7578): which model an upload is for.

use std::ops::Range;

use bytes::Bytes;
use llm_layers_core::Failure;
use memchr::memmem;

/// Where the value of the only field `model` is in a form, if it has one.
///
/// # Errors
/// It is there twice, or the form is none: providers might make something else of it.
pub(super) fn model(content_type: &str, body: &Bytes) -> Result<Option<Range<usize>>, Failure> {
    let delimiter = format!("\r\n--{}", boundary(content_type).ok_or_else(|| bad("has no `boundary`"))?);
    let finder = memmem::Finder::new(&delimiter);
    // The first one has no line before it, unless there is a preamble.
    let first = body.starts_with(delimiter.trim_start().as_bytes()).then(|| delimiter.len() - 2);
    let mut at = first.or_else(|| Some(finder.find(body)? + delimiter.len())).ok_or_else(|| bad("has no part"))?;
    let mut found = None;
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(found);
        }
        if !rest.starts_with(b"\r\n") {
            return Err(bad("has a line that begins like its `boundary`"));
        }
        let end = at + finder.find(rest).ok_or_else(|| bad("has no end"))?;
        let part = body.get(at..end).unwrap_or_default();
        let head = memmem::find(part, b"\r\n\r\n").ok_or_else(|| bad("has a part without a head"))?;
        if is_model(part.get(..head).unwrap_or_default()) && found.replace(at + head + 4..end).is_some() {
            return Err(bad("has `model` twice"));
        }
        at = end + delimiter.len();
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut named = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
    let (_, boundary) = named.next()?;
    let boundary = boundary.trim().trim_matches('"');
    // Of two nobody knows which one a provider takes. RFC 2046 allows 70 characters.
    ((1..=70).contains(&boundary.len()) && named.next().is_none()).then_some(boundary)
}

/// Whether the head of a part says that it is the field `model`.
fn is_model(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let disposition = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    let parameters = disposition.iter().flat_map(|(_, value)| value.split(';').skip(1));
    parameters.filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        // `name*=UTF-8''model` is not allowed here, and understood by some.
        let is_name = name.trim().trim_end_matches('*').eq_ignore_ascii_case("name");
        let value = value.rsplit('\'').next().unwrap_or_default();
        is_name && value.trim().trim_matches('"').eq_ignore_ascii_case("model")
    })
}

fn bad(what: &str) -> Failure {
    Failure::bad_request(format!("The form {what}.")).with_code("invalid_form")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"x y\"";

    fn found(body: &str) -> Result<Option<String>, ()> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let range = model(TYPE, &body).map_err(|_| ())?;
        Ok(range.map(|range| String::from_utf8_lossy(&body[range]).into_owned()))
    }

    #[test]
    fn the_model_of_a_form() {
        let file =
            "--x y\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a; name=m\"\r\n\r\n\0 model --x\r\n";
        let part = |head: &str, value: &str| format!("--x y\r\n{head}\r\n\r\n{value}\r\n");
        let field = part("content-disposition: form-data; name=\"model\"", "hear");
        for (body, expected) in [
            (format!("{file}{field}--x y--\r\n"), Ok(Some("hear"))),
            (format!("{field}{file}--x y--"), Ok(Some("hear"))),
            (format!("a preamble\r\n{field}--x y--"), Ok(Some("hear"))),
            (format!("{file}--x y--"), Ok(None)),
            ("--x y--".to_owned(), Ok(None)),
            (format!("{}--x y--", part("X-A: b\r\nCONTENT-DISPOSITION:form-data ;NAME = Model", "")), Ok(Some(""))),
            (format!("{field}{field}--x y--"), Err(())),
            (format!("{field}{}--x y--", part("Content-Disposition: form-data; name*=UTF-8''model", "")), Err(())),
            (format!("{field}--x yz\r\n\r\n\r\n--x y--"), Err(())),
            (field.clone(), Err(())),
            (format!("{file}{}", field.trim_end()), Err(())),
            ("--x y\r\nno head\r\n--x y--".to_owned(), Err(())),
            (String::new(), Err(())),
            ("--other--".to_owned(), Err(())),
        ] {
            assert_eq!(found(&body), expected.map(|model| model.map(str::to_owned)), "{body:?}");
        }
    }

    #[test]
    fn a_form_says_what_parts_it() {
        assert_eq!(boundary("multipart/form-data; charset=utf-8; Boundary = abc"), Some("abc"));
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        for none in ["multipart/form-data", "multipart/form-data; boundary=", "a/b; boundary=a; boundary=b", &long] {
            assert_eq!(boundary(none), None, "{none}");
        }
    }
}
