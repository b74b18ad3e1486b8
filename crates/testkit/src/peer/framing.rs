//! Where an HTTP/1.1 message ends. As strict as a recorder needs to be, and no stricter.

/// How far a message has come in the bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More is needed.
    Partial,
    /// It is whole and this long; what is behind is another's.
    Whole(usize),
    /// It lasts until the connection closes.
    UntilClose,
}

/// Which messages have no body, and what no length means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No length: no body.
    Request,
    /// 1xx, 204, 304: no body. No length: until close.
    Response,
}

/// The length of the head with its empty line, once it is there.
pub(super) fn head_len(bytes: &[u8]) -> Option<usize> {
    find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

pub(super) fn progress(bytes: &[u8], kind: Kind) -> Progress {
    let Some(head_len) = head_len(bytes) else {
        return Progress::Partial;
    };
    let (head, body) = bytes.split_at(head_len);
    if kind == Kind::Response && is_bodiless(head) {
        return Progress::Whole(head_len);
    }
    let chunked = values(head, "transfer-encoding").any(|value| value.to_ascii_lowercase().ends_with("chunked"));
    if chunked {
        return dechunk(body).map_or(Progress::Partial, |(len, _)| Progress::Whole(head_len + len));
    }
    // Of two lengths that differ the first counts here; the rest stays to be seen.
    match values(head, "content-length").find_map(|value| value.parse::<usize>().ok()) {
        Some(length) if body.len() >= length => Progress::Whole(head_len + length),
        Some(_) => Progress::Partial,
        None if kind == Kind::Request => Progress::Whole(head_len),
        None => Progress::UntilClose,
    }
}

/// The values of all lines of a header, in order, as they were sent.
pub(super) fn values<'a>(head: &'a [u8], name: &str) -> impl Iterator<Item = &'a str> {
    let text = std::str::from_utf8(head).unwrap_or_default();
    text.split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// The length on the wire and the data of a chunked body, once it is whole.
pub(super) fn dechunk(bytes: &[u8]) -> Option<(usize, Vec<u8>)> {
    let mut data = Vec::new();
    let mut at = 0;
    loop {
        let line = bytes.get(at..)?;
        let end = find(line, b"\r\n")?;
        let size = std::str::from_utf8(line.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        at += end + 2;
        if size == 0 {
            break;
        }
        data.extend_from_slice(bytes.get(at..at.checked_add(size)?)?);
        at += size + 2;
    }
    // Trailers, and the empty line.
    loop {
        let line = find(bytes.get(at..)?, b"\r\n")?;
        at += line + 2;
        if line == 0 {
            return Some((at, data));
        }
    }
}

pub(super) fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len().max(1)).position(|window| window == pattern)
}

fn is_bodiless(head: &[u8]) -> bool {
    let status = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    status.starts_with(b"1") || status == b"204" || status == b"304"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_whole_at_its_last_byte_and_not_before() {
        let messages: [(&[u8], Kind); 6] = [
            (b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", Kind::Request),
            (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", Kind::Request),
            (
                b"POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\na: b\r\n\r\n",
                Kind::Request,
            ),
            (b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", Kind::Response),
            (b"HTTP/1.1 100 Continue\r\n\r\n", Kind::Response),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Kind::Response),
        ];
        for (message, kind) in messages {
            for end in 0..message.len() {
                assert_eq!(progress(&message[..end], kind), Progress::Partial, "{end}");
            }
            let whole = Progress::Whole(message.len());
            assert_eq!(progress(message, kind), whole);
            let and_next = [message, b"next"].concat();
            assert_eq!(progress(&and_next, kind), whole);
        }
        let open = b"HTTP/1.1 200 OK\r\n\r\nhello";
        assert_eq!(progress(open, Kind::Response), Progress::UntilClose);
    }

    #[test]
    fn chunks_are_joined() {
        let (len, data) = dechunk(b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nrest").unwrap();
        assert_eq!((len, &data[..]), (28, &b"abc0123456789"[..]));
    }

    #[test]
    fn all_lines_of_a_header_are_given_in_order() {
        let head = b"GET / HTTP/1.1\r\nConnection: a\r\nx: y\r\nconnection:b\r\n\r\n";
        assert_eq!(values(head, "connection").collect::<Vec<_>>(), ["a", "b"]);
    }
}
