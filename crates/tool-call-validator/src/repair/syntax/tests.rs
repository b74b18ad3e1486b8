use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn json(node: &Node) -> String {
    let mut text = String::new();
    node.write(&mut text);
    text
}

/// What a text is read as.
fn mended(text: &str) -> Option<(String, Vec<Repair>)> {
    let reading = read(text)?;
    assert_eq!(reading.unclosed, <[String; 0]>::default(), "{text}");
    Some((json(&reading.node), reading.repairs))
}

#[test]
fn each_mistake_has_its_reading() {
    use Repair::{
        Comment, ExtraCloser, Fence, MissingCloser, Prose, PythonLiteral, RawControl, Repeated, SingleQuotes,
        TrailingComma, UnquotedKey,
    };
    for (text, node, repairs) in [
        (
            r#" {"a": [1, -2.50e+3, true, null, "\u00e9\/"], "b": {}} "#,
            r#"{"a":[1,-2.50e+3,true,null,"\u00e9\/"],"b":{}}"#,
            &[][..],
        ),
        ("12345678901234567890123456789", "12345678901234567890123456789", &[]),
        (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#, &[]),
        // What stands around it.
        ("\u{feff}{}", "{}", &[Prose]),
        ("```json\n{\"a\":1}\n```", r#"{"a":1}"#, &[Fence]),
        ("``` {\"a\":1}```", r#"{"a":1}"#, &[Fence]),
        ("Sure!\n```json\n{\"a\":1}\n```\nShall I go on?", r#"{"a":1}"#, &[Fence, Prose]),
        ("{\"a\":1}\n```", r#"{"a":1}"#, &[Fence]),
        ("```json\n{\"a\":1}", r#"{"a":1}"#, &[Fence]),
        ("```\n\"{\\\"a\\\":1}\"\n```", r#""{\"a\":1}""#, &[Fence]),
        (r#"{"a":"```json\n{}\n```"}"#, r#"{"a":"```json\n{}\n```"}"#, &[]),
        ("```json\n{\"a\":\"```sh\\n```\"}\n```", r#"{"a":"```sh\n```"}"#, &[Fence]),
        (r#"Here is the call: {"a":1}. It's done!"#, r#"{"a":1}"#, &[Prose]),
        (r#"Arguments: {"a":1}"#, r#"{"a":1}"#, &[Prose]),
        (r#"get_weather({"a":1});"#, r#"{"a":1}"#, &[Prose]),
        (r#"I call "get_weather" with `{"a":1}`"#, r#"{"a":1}"#, &[Prose]),
        (r#"args = {"a":1}"#, r#"{"a":1}"#, &[Prose]),
        ("# The call\n{\"a\":1} // done", r#"{"a":1}"#, &[Comment]),
        (r#"{"a":1}{"a":1}"#, r#"{"a":1}"#, &[Repeated]),
        ("{\"a\":1}\n{\"a\":1,}\n{'a':1}", r#"{"a":1}"#, &[TrailingComma, Repeated, SingleQuotes]),
        // Within it.
        (r#"{"a":[1,2,],}"#, r#"{"a":[1,2]}"#, &[TrailingComma]),
        (r#"{'a': 'b', 'c': 'say \'x\' and "" '}"#, r#"{"a":"b","c":"say 'x' and \"\" "}"#, &[SingleQuotes]),
        (r#"{"a":"it\'s"}"#, r#"{"a":"it's"}"#, &[SingleQuotes]),
        (r#"'{"a":1}'"#, r#""{\"a\":1}""#, &[SingleQuotes]),
        (
            r"{a: 1, _b$: 2, content-type: 3, nonetheless: 4}",
            r#"{"a":1,"_b$":2,"content-type":3,"nonetheless":4}"#,
            &[UnquotedKey],
        ),
        ("{\"a\": 1, // it's {\n /* [ */ \"b\": 2 # end\n}", r#"{"a":1,"b":2}"#, &[Comment]),
        ("{'a': 'x', # it's {\"x\": [1]\n /* \"y\": 1, */ 'b': 2}", r#"{"a":"x","b":2}"#, &[SingleQuotes, Comment]),
        (r#"{"a":"http://x/#y","b":"/* no */"}"#, r#"{"a":"http://x/#y","b":"/* no */"}"#, &[]),
        (r#"{"a":True,"b":[False,None]}"#, r#"{"a":true,"b":[false,null]}"#, &[PythonLiteral]),
        ("None", "null", &[PythonLiteral]),
        ("{\"a\":\"1\n2\r3\t4\u{1}é\"}", "{\"a\":\"1\\n2\\r3\\t4\\u0001é\"}", &[RawControl]),
        // Closers.
        (r#"{"a":{"b":1}}}"#, r#"{"a":{"b":1}}"#, &[ExtraCloser]),
        (r#"{"a":1} ]"#, r#"{"a":1}"#, &[ExtraCloser]),
        ("```\n{\"a\":1}}\n```", r#"{"a":1}"#, &[ExtraCloser, Fence]),
        (r#"{"a":["b","c"}"#, r#"{"a":["b","c"]}"#, &[MissingCloser]),
        (r#"{"a":[1,2}"#, r#"{"a":[1,2]}"#, &[MissingCloser]),
        (r#"{"a":["b","c","d":1}"#, r#"{"a":["b","c"],"d":1}"#, &[MissingCloser]),
        (r#"{"a":["b",'c','d':1}"#, r#"{"a":["b","c"],"d":1}"#, &[SingleQuotes, MissingCloser]),
        (r#"{"a":[{"b":1,{"b":2}]}"#, r#"{"a":[{"b":1},{"b":2}]}"#, &[MissingCloser]),
        (r#"{"a":[{"b":1},{"b":2]}"#, r#"{"a":[{"b":1},{"b":2}]}"#, &[MissingCloser]),
        (r#"{"a":[["b"]}"#, r#"{"a":[["b"]]}"#, &[MissingCloser]),
        (r#"[{"a":{"b":1}]"#, r#"[{"a":{"b":1}}]"#, &[MissingCloser]),
    ] {
        assert_eq!(mended(text), Some((node.to_owned(), repairs.to_vec())), "{text}");
    }
}

#[test]
fn what_the_end_closes_is_told() {
    for (text, node, unclosed) in [
        (r#"{"a":"b""#, r#"{"a":"b"}"#, ""),
        ("```json\n{\"a\":{\"b\":1}\n```", r#"{"a":{"b":1}}"#, ""),
        (r#"["a","b""#, r#"["a","b"]"#, ""),
        (r#"{"a":{"b":1,"c":2}"#, r#"{"a":{"b":1,"c":2}}"#, ""),
        // The closer that is missing could also stand further in.
        (r#"{"x/y":[["a","b"]}"#, r#"{"x/y":[["a","b"]]}"#, "/x~1y"),
        (r#"{"x":[["a","b"],"k":1}"#, r#"{"x":[["a","b"]],"k":1}"#, "/x"),
        (r#"[0,{"a":{"b":1,"c":2}]"#, r#"[0,{"a":{"b":1,"c":2}}]"#, "/1"),
        (r#"{"l":[{"a":{"b":1,"c":2},{"a":0}]}"#, r#"{"l":[{"a":{"b":1,"c":2}},{"a":0}]}"#, "/l/0"),
    ] {
        let reading = read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((json(&reading.node).as_str(), reading.unclosed.as_slice()), (node, &[unclosed.to_owned()][..]));
        assert!(reading.repairs.contains(&Repair::MissingCloser), "{text}");
    }
}

#[test]
fn what_has_no_reading_or_two_is_left() {
    for text in [
        "",
        " ",
        "\u{feff}",
        "hello",
        "{",
        "[",
        "}",
        "```json\n```",
        "{}{",
        "nul",
        "NaN",
        "-Infinity",
        "undefined",
        // Cut off.
        r#"{"a":"b"#,
        r#"{"a":"b","#,
        r#"{"a":"b","c"#,
        r#"{"a":"b","c":"#,
        r#"{"a":12"#,
        "{\"a\":12\n",
        r#"{"a":["b""#,
        r#"{"a":{"b":"c""#,
        r#"{"a":tru"#,
        r#"["a","b","#,
        "```json\n{\"a\":12\n```",
        "{\"a\":1 // b}",
        "{\"a\":\"b\" # c",
        // Quotes that are not escaped.
        r#"{"a":"say "hi" now"}"#,
        r#"{"a":"5" tall"}"#,
        r#"{"a":"x", b", "c":1}"#,
        r##"{"a":"C"#"}"##,
        r#"{"a":""b"}"#,
        "{\"a\":\"see \"#1\" here\"\n}",
        "{\"a\":\"x\" // or \"y\"\n}",
        "{'a':'it's'}",
        "{'a':'x', // it'\n}",
        r#"{"a":"x"} y"}"#,
        r#"{"a":"x"} y""#,
        r#"{"a: "b","c":1}"#,
        "{\"a\":\"b\n\"c\":\"d\"}",
        // Other brackets than those of one value.
        r#"{"a":1}{"a":2}"#,
        r#"{"a":1} or {"a":2}"#,
        r#"As in [1]: {"a":1}"#,
        r#"{"a":1} [1]"#,
        r#"{"a":1}}}"#,
        r#"{"a":1}]}"#,
        r#"[1]]"#,
        r#"{"a":["b"}}"#,
        r#"{"a":[["b"}"#,
        r#"["b"}"#,
        r#"{"a":1]"#,
        r#"{"a":[{"b":1],"c":2}]}"#,
        r#"{"a":[{"b":1},"b":2}]}"#,
        r#"[1][1]"#,
        "[1] [1]",
        // Words that may be a part of the value.
        r#""a": {"b":1}"#,
        r#"a: {"b":1}"#,
        r#"a=1, b={"c":1}"#,
        r#"f(a={"b":1})"#,
        "city: Paris\nopts: {\"u\":1}",
        r#"{"b":1}, "c": 2"#,
        r#"{"b":1},"#,
        r#"1, {"b":1}"#,
        r#"// {"b":1}"#,
        "# old: {\"a\":1}",
        r#"{"b":1}: 2"#,
        // Commas, colons and what is missing between.
        "{,}",
        "[,]",
        "[1,,2]",
        r#"{"a":1,,"b":2}"#,
        r#"{,"a":1}"#,
        r#"{"a" 1}"#,
        r#"{"a":1 "b":2}"#,
        "[1 2]",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1;"b":2}"#,
        r#"{"a"="b"}"#,
        r#"("a")"#,
        // Values that are none of JSON's or Python's.
        "[+5]",
        "[.5]",
        "[5.]",
        "[05]",
        "[0x1F]",
        "[1_000]",
        "[1e]",
        "[-]",
        "[NaN]",
        "[Infinity]",
        "[undefined]",
        "[TRUE]",
        "[truely]",
        "[Nonesuch]",
        "[word]",
        "[`a`]",
        "[“a”]",
        "[1n]",
        "[1+1]",
        "[...]",
        r#"["a" "b"]"#,
        r#"["a"+"b"]"#,
        // Names.
        "{1:2}",
        "{None:1}",
        "{True:1}",
        "{é:1}",
        "{a b:1}",
        "{[1]:2}",
        "{a}",
        "{-a:1}",
        // Escapes.
        r#"["\d"]"#,
        r#"["\x41"]"#,
        r#"["\u12"]"#,
        r#"["\u+123"]"#,
        r#"["\ud800"]"#,
        r#"["\udc00"]"#,
        r#"["\ud800\u0041"]"#,
        "[\"a\\\nb\"]",
        r#"["\"]"#,
        r#"["\u12é4"]"#,
        // Namesakes, however they are spelled.
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":2}"#,
        "{a:1,'a':2}",
        r#"{"x":{"a":1,"a":2}}"#,
        "/* {",
        "{/*}",
        "{\"a\":1/*}",
        "{\"a\":1}/*{*/",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nested(127)).is_some_and(|reading| reading.repairs.is_empty()));
    assert_eq!(read(&nested(128)), None);
    let objects = |depth: usize| format!("{}0{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(read(&objects(127)).is_some() && read(&objects(128)).is_none());
    for hostile in ["[", "{\"a\":", "{a:[", "[[1],", "'", "/*", "```"] {
        assert_eq!(read(&hostile.repeat(100_000)), None, "{hostile}");
    }
}

#[test]
fn first_stops_behind_the_value() {
    let text = r#"{"a":'}'}</tool_call> {"#;
    let (node, end) = first(text).expect("a value");
    assert_eq!((json(&node).as_str(), &text[end..]), (r#"{"a":"}"}"#, "</tool_call> {"));
    assert_eq!(first(r#"{"a":"b""#), None);
    assert_eq!(first(r#" {}"#), None);
}

/// Any JSON, of names and strings in which everything stands that could mislead.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z]{0,8}", r#"[a-z ,:{}\[\]"'\\/#*\n\t`\u{e9}\u{1f600}-]{0,12}"#];
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(text.clone(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-z]{1,4}", any_json(), 1..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Spells JSON as models do that get one thing wrong.
struct Spelling<'a> {
    repair: Repair,
    out: &'a mut String,
}

impl Spelling<'_> {
    fn spell(text: &Value, repair: Repair) -> String {
        let mut out = String::new();
        Spelling { repair, out: &mut out }.value(text);
        out
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                self.list('[', ']', items.len(), |spelling, index| spelling.value(&items[index]));
            }
            Value::Object(members) => {
                let members: Vec<_> = members.iter().collect();
                self.list('{', '}', members.len(), |spelling, index| {
                    let (name, value) = members[index];
                    let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
                        && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                    if spelling.repair == Repair::UnquotedKey && is_word {
                        spelling.out.push_str(name);
                    } else {
                        spelling.text(name);
                    }
                    spelling.out.push(':');
                    spelling.value(value);
                });
            }
            Value::String(text) => self.text(text),
            Value::Null if self.repair == Repair::PythonLiteral => self.out.push_str("None"),
            Value::Bool(true) if self.repair == Repair::PythonLiteral => self.out.push_str("True"),
            Value::Bool(false) if self.repair == Repair::PythonLiteral => self.out.push_str("False"),
            other => self.out.push_str(&other.to_string()),
        }
    }

    fn list(&mut self, open: char, close: char, length: usize, mut item: impl FnMut(&mut Self, usize)) {
        self.out.push(open);
        for index in 0..length {
            if index > 0 {
                self.out.push(',');
            }
            if self.repair == Repair::Comment {
                self.out.push_str([" // a [ comment\n", "/* } */", " # {\n"][index % 3]);
            }
            item(self, index);
        }
        if length > 0 && self.repair == Repair::TrailingComma {
            self.out.push(',');
        }
        self.out.push(close);
    }

    fn text(&mut self, text: &str) {
        let json = Value::from(text).to_string();
        match self.repair {
            Repair::SingleQuotes => {
                let inside = json[1..json.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
                self.out.push_str(&format!("'{inside}'"));
            }
            Repair::RawControl => {
                let mut escaped = false;
                for c in json.chars() {
                    match c {
                        'n' if escaped => self.out.push('\n'),
                        't' if escaped => self.out.push('\t'),
                        '\\' if !escaped => {}
                        c if escaped => self.out.extend(['\\', c]),
                        c => self.out.push(c),
                    }
                    escaped = !escaped && c == '\\';
                }
            }
            _ => self.out.push_str(&json),
        }
    }
}

/// Where brackets of JSON stand, outside strings.
fn closers(json: &str) -> Vec<usize> {
    let (mut found, mut in_string, mut escaped) = (Vec::new(), false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'}' | b']' if !in_string => found.push(at),
            _ => {}
        }
    }
    found
}

proptest! {
    #[test]
    fn json_is_read_as_it_is(value in any_json()) {
        let compact = value.to_string();
        for text in [compact.clone(), serde_json::to_string_pretty(&value).unwrap(), format!("\n {compact}\r\n")] {
            prop_assert_eq!(mended(&text), Some((compact.clone(), Vec::new())), "{}", text);
        }
    }

    #[test]
    fn each_mistake_alone_is_read_back(value in any_object()) {
        use Repair::{Comment, PythonLiteral, RawControl, SingleQuotes, TrailingComma, UnquotedKey};
        let json = value.to_string();
        for repair in [Comment, PythonLiteral, RawControl, SingleQuotes, TrailingComma, UnquotedKey] {
            let text = Spelling::spell(&value, repair);
            let found = mended(&text);
            let read = found.as_ref().map(|(text, repairs)| (text.as_str(), repairs.as_slice()));
            let expected: &[Repair] = if text == json { &[] } else { &[repair] };
            prop_assert_eq!(read, Some((json.as_str(), expected)), "{}", text);
        }
        for (text, repair) in [
            (format!("```json\n{json}\n```"), Repair::Fence),
            (format!("Here you are: {json}\nAnything else?"), Repair::Prose),
            (format!("{json}\n{json}"), Repair::Repeated),
            (format!("{json}}}"), Repair::ExtraCloser),
            (format!("{json}]"), Repair::ExtraCloser),
        ] {
            prop_assert_eq!(mended(&text), Some((json.clone(), vec![repair])), "{}", text);
        }
    }

    #[test]
    fn a_missing_closer_is_put_back_where_it_was_or_is_in_doubt(value in any_object(), which: prop::sample::Index) {
        let json_text = value.to_string();
        let closers = closers(&json_text);
        let mut text = json_text.clone();
        text.remove(closers[which.index(closers.len())]);
        if let Some(reading) = read(&text) {
            prop_assert!(!reading.unclosed.is_empty() || json(&reading.node) == json_text, "{}", text);
        }
    }

    #[test]
    fn what_was_cut_off_is_never_certain(value in any_object(), at: prop::sample::Index) {
        let text = value.to_string();
        let cuts: Vec<_> = (1..text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let text = &text[..cuts[at.index(cuts.len())]];
        if let Some(reading) = read(text) {
            prop_assert_eq!(&reading.unclosed, &[String::new()], "{}", text);
        }
    }

    #[test]
    fn a_quote_too_many_or_too_few_has_no_reading(
        words in prop::collection::vec(r"[a-z ,:{}\[\]/#*0-9]{0,12}", 1..5),
        which: prop::sample::Index,
        at: prop::sample::Index,
        is_missing: bool,
    ) {
        let json = serde_json::json!({"words": words, "last": "x"}).to_string();
        let mut text = json.clone();
        if is_missing {
            let quotes: Vec<_> = json.match_indices('"').map(|(at, _)| at).collect();
            text.remove(quotes[which.index(quotes.len())]);
        } else {
            text.insert(at.index(json.len()), '"');
        }
        // A quote behind the whole is no part of it.
        prop_assert!(read(&text).is_none(), "{}", text);
    }

    #[test]
    fn any_text_is_read_as_json_or_not_at_all(
        text in prop_oneof![
            any::<String>(),
            r#"([{}\[\],:"' \n]|"a"|'b'|c|True|null|-?[0-9]|\\["'u]|//|/\*|\*/|#|```|"(x|y)":){0,40}"#,
        ]
    ) {
        if let Some(reading) = read(&text) {
            let json = json(&reading.node);
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok(), "{} as {}", text, json);
            let again = read(&json).expect("JSON");
            prop_assert_eq!(&again.node, &reading.node);
            prop_assert_eq!((again.repairs.len(), again.unclosed.len()), (0, 0));
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(is_json, reading.repairs.is_empty(), "{}", text);
        }
    }
}
