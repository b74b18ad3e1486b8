//! Writing JSON objects of parts that are JSON already.

/// Writes an object, member by member.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_first: true }
    }

    /// One that goes on behind members which are there already.
    pub(super) const fn behind(out: &'a mut Vec<u8>) -> Self {
        Self { out, is_first: false }
    }

    /// Writes a name; the caller writes the value.
    pub(super) fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        if name.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            self.out.push(b'"');
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'"');
        } else {
            // A string can always be written.
            self.out.extend(serde_json::to_vec(name).unwrap_or_default());
        }
        self.out.push(b':');
        self.out
    }

    pub(super) fn member(&mut self, name: &str, value: &[u8]) {
        self.name(name).extend_from_slice(value);
    }

    pub(super) fn finish(self) {
        self.out.push(b'}');
    }
}
