use std::fmt;

use bytes::Bytes;

use super::{
    Error, ErrorKind, Limits,
    edit::{Joined, Length, Sink, Slot, Span},
    scan::Scanner,
};

/// A JSON array: its items as raw slices of the text.
///
/// ```
/// use llm_layers_wire::json::Array;
///
/// let mut array = Array::parse("[1, [2], \"three\"]")?;
/// array.set(1, "[]")?;
/// assert_eq!(array.to_bytes(), "[1, [], \"three\"]");
/// # Ok::<(), llm_layers_wire::json::Error>(())
/// ```
#[derive(Clone)]
pub struct Array {
    source: Bytes,
    items: Vec<(Span, Slot)>,
    edited: bool,
}

impl Array {
    /// Splits a text within the default [`Limits`].
    ///
    /// # Errors
    /// The text is no JSON array, or goes beyond a limit.
    pub fn parse(text: impl Into<Bytes>) -> Result<Self, Error> {
        Self::parse_with(text, &Limits::DEFAULT)
    }

    /// Splits a text within limits of your own.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: impl Into<Bytes>, limits: &Limits) -> Result<Self, Error> {
        let source = text.into();
        let mut items = Vec::new();
        let mut scanner = Scanner::new(&source, limits)?;
        scanner.skip_white_space();
        for_each_item(&mut scanner, limits, |scanner| {
            let start = scanner.at();
            scanner.value()?;
            let span = Span::new(start, scanner.at());
            items.push((span, Slot::Source(span)));
            Ok(())
        })?;
        scanner.finish()?;
        Ok(Self { source, items, edited: false })
    }

    /// The number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The raw JSON text of an item, sharing this array's buffer.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Bytes> {
        self.items.get(index).map(|(_, slot)| slot.to_bytes(&self.source))
    }

    /// The raw JSON texts of all items.
    pub fn iter(&self) -> impl Iterator<Item = Bytes> {
        self.items.iter().map(|(_, slot)| slot.to_bytes(&self.source))
    }

    /// Replaces an item. An index beyond the end changes nothing.
    ///
    /// # Errors
    /// The text is no JSON value.
    pub fn set(&mut self, index: usize, value: impl Into<Bytes>) -> Result<(), Error> {
        let value = value.into();
        let mut scanner = Scanner::new(&value, &Limits::DEFAULT.with_max_bytes(usize::MAX))?;
        scanner.skip_white_space();
        let start = scanner.at();
        scanner.value()?;
        let end = scanner.at();
        scanner.finish()?;
        self.put(index, value.slice(start..end));
        Ok(())
    }

    /// Replaces an item by a text that this crate made itself.
    pub(crate) fn put(&mut self, index: usize, value: Bytes) {
        if let Some((_, slot)) = self.items.get_mut(index) {
            *slot = Slot::Replaced(value);
            self.edited = true;
        }
    }

    /// The text: the very buffer that was split while nothing was changed.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if !self.edited {
            return self.source.clone();
        }
        let mut length = Length::default();
        self.write(&mut length);
        let mut joined = Joined::new(&self.source, length.0);
        self.write(&mut joined);
        joined.finish()
    }

    fn write(&self, out: &mut impl Sink) {
        let mut at = 0;
        for (span, slot) in &self.items {
            out.source(at..span.start());
            out.slot(slot);
            at = span.end();
        }
        out.source(at..self.source.len());
    }
}

/// Goes through the array that the scanner stands at; `item` takes each value.
pub(crate) fn for_each_item<'a>(
    scanner: &mut Scanner<'a>,
    limits: &Limits,
    mut item: impl FnMut(&mut Scanner<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    scanner.enter(b'[', "a JSON array")?;
    if scanner.leaves_empty(b']') {
        return Ok(());
    }
    for _ in 0..limits.max_members {
        item(scanner)?;
        if !scanner.goes_on(b']', "`,` or `]` after an item")? {
            return Ok(());
        }
    }
    Err(Error::new(ErrorKind::TooMany { limit: limits.max_members }, scanner.at()))
}

/// Tells the number of items, and no value: values are prompts.
impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Array").field("len", &self.len()).finish_non_exhaustive()
    }
}
