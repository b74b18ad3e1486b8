//! Properties of `sse`: the cuts of a stream do not matter, no byte is lost, and the standard is kept.

use bytes::{Bytes, BytesMut};
use llm_layers_wire::{
    openai::Chunk,
    sse::{Decoder, Error, Event, Limits},
};
use proptest::prelude::*;

/// An event as the standard sees it, and whether its blank line came.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    name: Option<Vec<u8>>,
    data: Option<Vec<u8>>,
    id: Option<Vec<u8>>,
    retry: Option<u64>,
    terminated: bool,
}

impl Seen {
    fn of(event: &Event) -> Self {
        Self {
            name: event.name().map(<[u8]>::to_vec),
            data: event.data().map(<[u8]>::to_vec),
            id: event.id().map(<[u8]>::to_vec),
            retry: event.retry(),
            terminated: event.is_terminated(),
        }
    }

    fn says_something(&self) -> bool {
        self.name.is_some() || self.data.is_some() || self.id.is_some() || self.retry.is_some()
    }
}

/// Straight after the WHATWG HTML standard, section 9.2.6, on the whole stream at once. What is not
/// dispatched by the standard is told too: blocks without data, and the block at the end.
fn reference(stream: &[u8]) -> Vec<Seen> {
    let stream = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let mut lines = vec![Vec::new()];
    let mut bytes = stream.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                lines.push(Vec::new());
            }
            b'\n' => lines.push(Vec::new()),
            byte => lines.last_mut().expect("a line").push(byte),
        }
    }
    let unended = lines.pop().expect("a line");
    let mut events = Vec::new();
    let mut seen = Seen::default();
    for line in lines {
        if line.is_empty() {
            events.push(Seen { terminated: true, ..std::mem::take(&mut seen) });
        } else {
            field(&line, &mut seen);
        }
    }
    field(&unended, &mut seen);
    events.push(seen);
    events.retain(Seen::says_something);
    events
}

fn field(line: &[u8], seen: &mut Seen) {
    let colon = line.iter().position(|&byte| byte == b':');
    let (name, value) = match colon {
        Some(0) => return,
        Some(colon) => (&line[..colon], &line[colon + 1..]),
        None => (line, &b""[..]),
    };
    let value = value.strip_prefix(b" ").unwrap_or(value);
    match name {
        b"event" => seen.name = Some(value.to_vec()),
        b"data" => match &mut seen.data {
            None => seen.data = Some(value.to_vec()),
            Some(data) => {
                data.push(b'\n');
                data.extend(value);
            }
        },
        b"id" if !value.contains(&0) => seen.id = Some(value.to_vec()),
        b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
            seen.retry = std::str::from_utf8(value).expect("digits").parse().ok();
        }
        _ => {}
    }
}

/// Everything that comes of a stream cut into these pieces.
fn decode(pieces: impl IntoIterator<Item = Bytes>) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(event) = decoder.next().expect("within the limits") {
            events.push(event);
        }
    }
    events.extend(decoder.finish().expect("within the limits"));
    events
}

/// Cuts at these places, in any order.
fn cut(stream: &Bytes, places: &[usize]) -> Vec<Bytes> {
    let mut places = places.to_vec();
    places.sort_unstable();
    places.push(stream.len());
    let mut from = 0;
    places.into_iter().map(|to| stream.slice(std::mem::replace(&mut from, to)..to)).collect()
}

/// Blocks that say nothing may differ: the LF of a CRLF that was cut stands alone at the end.
fn seen(events: &[Event]) -> Vec<Seen> {
    events.iter().map(Seen::of).filter(Seen::says_something).collect()
}

fn raw(events: &[Event]) -> Vec<u8> {
    events.iter().flat_map(|event| event.raw().expect("unchanged").to_vec()).collect()
}

#[track_caller]
fn check(stream: &Bytes, pieces: Vec<Bytes>) {
    let events = decode(pieces.clone());
    assert_eq!(raw(&events), &stream[..], "{pieces:?}");
    assert_eq!(seen(&events), reference(stream), "{pieces:?}");
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-z :]{0,12}".prop_map(String::into_bytes),
        1 => Just("é漢😀".as_bytes().to_vec()),
        1 => Just(b"\xef\xbb\xbf".to_vec()),
        1 => Just(b"a\0b".to_vec()),
        1 => "[0-9]{0,4}".prop_map(String::into_bytes),
        1 => Just(b"\xff\xfe".to_vec()),
        1 => Just(br#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#.to_vec()),
    ]
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        6 => Just("data"),
        1 => Just("event"),
        1 => Just("id"),
        1 => Just("retry"),
        1 => Just("unknown"),
        1 => Just("Data"),
        1 => Just(""),
    ];
    let separator = prop::sample::select(vec![":", ": ", ":  ", ""]);
    (name, separator, value())
        .prop_map(|(name, separator, value)| [name.as_bytes(), separator.as_bytes(), &value].concat())
}

fn stream() -> impl Strategy<Value = Bytes> {
    let end = || prop::sample::select(vec!["\n", "\r", "\r\n"]);
    let any_line = prop_oneof![3 => line(), 2 => Just(Vec::new())];
    let lines = prop::collection::vec((any_line, end()), 0..16);
    (any::<bool>(), lines, prop::option::of(line())).prop_map(|(bom, lines, last)| {
        let mut stream = if bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        for (line, end) in lines {
            stream.extend(line);
            stream.extend(end.as_bytes());
        }
        stream.extend(last.unwrap_or_default());
        Bytes::from(stream)
    })
}

fn made() -> impl Strategy<Value = Event> {
    let name = prop::option::of("[a-z_]{1,8}");
    let data = prop::collection::vec(value(), 1..4).prop_map(|lines| lines.join(&b'\n'));
    (name, data).prop_map(|(name, data)| {
        let event = Event::new(data);
        match name {
            Some(name) => event.with_name(name),
            None => event,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn cuts_do_not_matter(stream in stream(), places in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let places: Vec<usize> = places.iter().map(|place| place.index(stream.len() + 1)).collect();
        check(&stream, vec![stream.clone()]);
        check(&stream, cut(&stream, &places));
        check(&stream, cut(&stream, &(0..stream.len()).collect::<Vec<_>>()));
        for place in 0..stream.len() {
            check(&stream, cut(&stream, &[place]));
        }
    }

    #[test]
    fn any_bytes_are_a_stream(stream in prop::collection::vec(prop::sample::select(b"\r\n:data id\0\xef\xbb\xbf".to_vec()), 0..60), place: prop::sample::Index) {
        let stream = Bytes::from(stream);
        check(&stream, vec![stream.clone()]);
        check(&stream, cut(&stream, &[place.index(stream.len() + 1)]));
    }

    #[test]
    fn made_events_come_back(events in prop::collection::vec(made(), 0..6)) {
        let mut stream = BytesMut::new();
        for event in &events {
            prop_assert!(event.raw().is_none());
            prop_assert_eq!(&event.to_bytes(), &{ let mut one = BytesMut::new(); event.encode(&mut one); one.freeze() });
            event.encode(&mut stream);
        }
        let decoded = decode([stream.freeze()]);
        prop_assert_eq!(seen(&decoded), events.iter().map(Seen::of).collect::<Vec<_>>());
    }

    #[test]
    fn changed_events_keep_their_other_fields(stream in stream(), data in value()) {
        for event in decode([stream]) {
            let mut changed = event.clone();
            changed.set_data(data.clone());
            changed.terminate();
            let expected = Seen { data: Some(data.clone()), terminated: true, ..Seen::of(&event) };
            prop_assert_eq!(seen(&decode([changed.to_bytes()])), [expected]);
        }
    }

    #[test]
    fn terminating_changes_the_last_event_alone(stream in stream()) {
        let mut events = decode([stream]);
        for event in &mut events {
            let (before, was) = (event.to_bytes(), event.is_terminated());
            event.terminate();
            prop_assert!(event.is_terminated());
            prop_assert!(!was || event.to_bytes() == before);
        }
    }

    #[test]
    fn limits_do_not_depend_on_the_cuts(stream in stream(), places in prop::collection::vec(any::<prop::sample::Index>(), 0..6), line in 1..20_usize, event in 1..40_usize) {
        let limits = Limits::DEFAULT.with_max_line(line).with_max_event(event);
        let outcome = |pieces: Vec<Bytes>| {
            let mut decoder = Decoder::new(limits);
            for piece in pieces {
                decoder.push(piece);
                while decoder.next().map_err(|_| ())?.is_some() {}
            }
            decoder.finish().map(|_| ()).map_err(|_| ())
        };
        let places: Vec<usize> = places.iter().map(|place| place.index(stream.len() + 1)).collect();
        prop_assert_eq!(outcome(vec![stream.clone()]), outcome(cut(&stream, &places)));
    }
}

const FIXED: [&str; 5] = [
    "data: {\"choices\":[]}\n\ndata: a\ndata: b\n\n: keep-alive\n\nevent: ping\ndata\n\ndata: [DONE]\n\n",
    "\u{feff}data: a\r\n\r\nid: 7\r\nretry: 10\r\ndata: b\r\n\r\n: c\r\n\r\ndata: [DONE]\r\n\r\n",
    "data: a\r\rdata: b\rdata:c\r\rdata: [DONE]\r\r",
    "data: a\r\n\n\r\r\ndata: b\n\r\ndata: c\r\n\rdata: d\n\r\n\r",
    "\u{feff}\ndata: é\n\n\n\nid: \0\nid\ndata: x\n\ndata: cut",
];

#[test]
fn every_cut_in_two() {
    for stream in FIXED {
        let stream = Bytes::from(stream);
        for place in 0..=stream.len() {
            check(&stream, cut(&stream, &[place]));
        }
    }
}

#[test]
fn every_cut_in_three() {
    for stream in FIXED {
        let stream = Bytes::from(stream);
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                check(&stream, cut(&stream, &[first, second]));
            }
        }
    }
}

#[test]
fn an_event_leaves_as_soon_as_its_blank_line_is_there() {
    for stream in ["data: a\n\n", "data: a\r\r", "data: a\r\n\r"] {
        let mut decoder = Decoder::default();
        for byte in Bytes::from(stream).chunks(1) {
            assert!(decoder.next().expect("within the limits").is_none());
            decoder.push(Bytes::copy_from_slice(byte));
        }
        assert_eq!(decoder.next().expect("within the limits").expect("the event").data(), Some(&b"a"[..]));
        assert!(!decoder.is_mid_event());
    }
}

#[test]
fn half_a_line_end_is_no_cut_event() {
    // The LF of the last CRLF comes in a packet of its own. It must be forwarded, and is no sign of a broken stream.
    let mut decoder = Decoder::default();
    decoder.push(Bytes::from_static(b"data: [DONE]\r\n\r"));
    assert!(decoder.next().expect("within the limits").expect("an event").is_done());
    decoder.push(Bytes::from_static(b"\n"));
    assert!(decoder.next().expect("within the limits").is_none());
    assert!(!decoder.is_mid_event());
    let rest = decoder.finish().expect("within the limits").expect("a byte is left");
    assert_eq!((rest.raw().map(|raw| &raw[..]), rest.data(), rest.is_terminated()), (Some(&b"\n"[..]), None, true));

    let mut decoder = Decoder::default();
    decoder.push(Bytes::from_static(b"data: cut"));
    assert!(decoder.next().expect("within the limits").is_none());
    assert!(decoder.is_mid_event());
    assert!(!decoder.finish().expect("within the limits").expect("an event").is_terminated());
}

#[test]
fn an_event_in_one_piece_shares_its_memory() {
    let stream = Bytes::from("data: one\n\ndata: two\n\n");
    let events = decode([stream.clone()]);
    assert_eq!(events[1].data_bytes().expect("data").as_ptr(), stream[17..].as_ptr());
}

#[test]
fn limits_are_kept_and_errors_stay() {
    let limits = Limits::DEFAULT.with_max_line(10).with_max_event(20);
    let fails = |stream: &'static str, byte_by_byte: bool| {
        let mut decoder = Decoder::new(limits);
        let stream = Bytes::from(stream);
        let mut outcome = Ok(None);
        for piece in stream.chunks(if byte_by_byte { 1 } else { usize::MAX }) {
            decoder.push(stream.slice_ref(piece));
            outcome = decoder.next();
            if outcome.is_err() {
                break;
            }
        }
        let error = outcome.err();
        if let Some(error) = error {
            decoder.push(Bytes::from_static(b"data: x\n\n"));
            assert_eq!(decoder.next().err(), Some(error), "ever after");
            assert_eq!(decoder.finish().err(), Some(error));
            assert!(!error.to_string().contains("12345"), "no data in errors");
        }
        error
    };
    for byte_by_byte in [false, true] {
        assert_eq!(fails("data: 1234\n\n", byte_by_byte), None);
        assert_eq!(fails("data: 12345\n\n", byte_by_byte), Some(Error::LineTooLong { limit: 10 }));
        assert_eq!(fails("data: 12345", byte_by_byte), Some(Error::LineTooLong { limit: 10 }));
        assert_eq!(fails("data: 1\ndata: 12\n\n", byte_by_byte), None);
        assert_eq!(fails("data: 123\ndata: 123\n\n", byte_by_byte), Some(Error::EventTooLong { limit: 20 }));
        assert_eq!(fails(": 3\n: 3\n: 3\n: 3\n: 3\n: 3", byte_by_byte), Some(Error::EventTooLong { limit: 20 }));
    }
    // Many small events in one piece are no large event.
    let mut decoder = Decoder::new(limits);
    decoder.push(Bytes::from("data: 1\n\n".repeat(100)));
    let mut count = 0;
    while decoder.next().expect("small events").is_some() {
        count += 1;
    }
    assert_eq!(count, 100);
}

#[test]
fn a_large_event_byte_by_byte_takes_linear_time() {
    // 4 MB at one byte each: if each byte cost a look at what came before, this would take hours.
    let line = format!("data: {}\n", "x".repeat(1_000_000));
    let stream = Bytes::from(format!("{}\n", line.repeat(4)));
    let events = decode((0..stream.len()).map(|at| stream.slice(at..=at)));
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].data().map(<[u8]>::len), Some(4_000_003));
}

const CHUNK: &str = "data: {\"choices\": [ {\"delta\":{\"content\":\"Hi\"},\"x\":1} ] , \"y\":2.0}\r\n\r\n";

#[test]
fn a_chunk_that_is_looked_at_leaves_as_it_came() {
    let mut events = decode([Bytes::from(CHUNK)]);
    let event = &mut events[0];
    event.edit_chunk(|chunk| {
        assert_eq!(chunk.choices()[0].delta().text("content").as_deref(), Some("Hi"));
        let _ = chunk.choices_mut();
        assert!(!chunk.object_mut().remove("none"));
    });
    assert_eq!(event.to_bytes(), CHUNK);

    event.edit_chunk(|chunk| chunk.choices_mut()[0].delta_mut().set("content", "Ho"));
    let changed = "data: {\"choices\": [{\"delta\":{\"content\":\"Ho\"},\"x\":1}] , \"y\":2.0}\n\n";
    assert_eq!(event.to_bytes(), changed);
    event.edit_chunk(|chunk| assert_eq!(chunk.choices()[0].delta().text("content").as_deref(), Some("Ho")));
    assert_eq!(event.to_bytes(), changed);
}

#[test]
fn what_is_no_chunk_is_not_edited() {
    for text in ["data: [DONE]\n\n", "data: [1]\n\n", ": c\n\n", "data: {\"a\":\n\n"] {
        let mut events = decode([Bytes::from(text)]);
        assert!(events[0].chunk().is_none());
        events[0].edit_chunk(|_| panic!("there is no chunk"));
        assert_eq!(events[0].to_bytes(), text);
    }
}

#[test]
fn an_event_of_a_chunk_is_written_as_one_line() {
    let event = Event::from_chunk(Chunk::parse("{\"choices\":[]}").expect("a chunk"));
    assert_eq!(event.to_bytes(), "data: {\"choices\":[]}\n\n");
    assert!(event.chunk().is_some());
    assert_eq!(Event::done().to_bytes(), "data: [DONE]\n\n");
    // A chunk that came as several lines is written as several lines.
    let mut chunk = Chunk::parse("{\"choices\":[],\n\"a\":1}").expect("a chunk");
    chunk.object_mut().set("a", &2);
    assert_eq!(Event::from_chunk(chunk).to_bytes(), "data: {\"choices\":[],\ndata: \"a\":2}\n\n");
}

#[test]
fn replaced_data_forget_the_chunk() {
    let mut events = decode([Bytes::from(CHUNK)]);
    assert!(events[0].chunk().is_some());
    events[0].set_data("[DONE]");
    assert!(events[0].chunk().is_none() && events[0].is_done());
    assert_eq!(events[0].to_bytes(), "data: [DONE]\n\n");
}

#[test]
fn a_name_cannot_smuggle_a_field() {
    let event = Event::new("x").with_name("a\ndata: forged");
    assert_eq!(event.to_bytes(), "event: a\ndata: x\n\n");
}

#[test]
fn debug_shows_no_data() {
    let events = decode([Bytes::from("event: e\ndata: secret\n\n")]);
    assert!(!format!("{events:?}").contains("secret"));
}
