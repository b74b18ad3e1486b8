use bytes::Bytes;

use crate::json::{self, Error, Limits, Object, Scanner};

/// Splits an object with an array of `choices`, and each of them by its member `inner`: a `delta` or a `message`.
///
/// In one pass: the text is gone through once, whatever is split in it.
pub(super) fn split<T>(
    source: &Bytes,
    limits: &Limits,
    inner: &str,
    new: impl Fn(Object, Object) -> T,
) -> Result<(Object, Vec<T>), Error> {
    let mut choices = Vec::new();
    let object = Object::parse_nested(source, limits, |scanner, name| {
        if name != b"choices" {
            return Ok(false);
        }
        // Of namesakes the last counts, also when it is `null`.
        choices.clear();
        if scanner.peek() != Some(b'[') {
            return Ok(false);
        }
        json::for_each_item(scanner, limits, |scanner| {
            let (object, inner) = split_choice(source, scanner, limits, inner)?;
            choices.push(new(object, inner));
            Ok(())
        })?;
        Ok(true)
    })?;
    Ok((object, choices))
}

fn split_choice<'a>(
    source: &'a Bytes,
    scanner: &mut Scanner<'a>,
    limits: &Limits,
    inner: &str,
) -> Result<(Object, Object), Error> {
    let mut found = None;
    let object = Object::split(source, scanner, limits, |scanner, name| {
        if name != inner.as_bytes() {
            return Ok(false);
        }
        found = None;
        if scanner.peek() == Some(b'n') {
            return Ok(false);
        }
        found = Some(Object::split(source, scanner, limits, |_, _| Ok(false))?);
        Ok(true)
    })?;
    Ok((object, found.unwrap_or_default()))
}
