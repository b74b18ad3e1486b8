//! Every kind that is lossless is mended exactly; what has two readings, or may have lost something, is refused.

mod properties;
mod refused;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    Repair, Schemas,
    repair::{Mended, mend},
    schemas::Schema,
};

/// Booking a room: most of what tools declare.
const BOOKING: &str = r##"{
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "nights": {"type": "integer", "minimum": 1},
        "max_price": {"type": "number"},
        "breakfast": {"type": "boolean"},
        "room": {"type": "string", "enum": ["single", "double", "Suite"]},
        "floor": {"type": ["integer", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "guests": {"type": "array", "items": {"$ref": "#/$defs/guest"}},
        "currency": {"type": "string", "default": "EUR"}
    },
    "required": ["city", "nights", "currency"],
    "additionalProperties": false,
    "$defs": {
        "guest": {
            "type": "object",
            "properties": {"fullName": {"type": "string"}, "age": {"type": "integer"}},
            "required": ["fullName"],
            "additionalProperties": false
        }
    }
}"##;

/// A search that takes members of any name.
const OPEN: &str = r#"{
    "type": "object",
    "properties": {"query": {"type": "string"}, "page_size": {"type": "integer", "default": 10}},
    "required": ["query", "page_size"]
}"#;

/// One of two ways to name a place, and values of several types.
const EITHER: &str = r#"{
    "type": "object",
    "properties": {
        "where": {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"const": "point"}, "lat": {"type": "number"}, "lon": {"type": "number"}},
                    "required": ["kind", "lat", "lon"],
                    "additionalProperties": false
                },
                {
                    "type": "object",
                    "properties": {"kind": {"const": "address"}, "street": {"type": "string"}},
                    "required": ["kind", "street"],
                    "additionalProperties": false
                }
            ]
        },
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "size": {"anyOf": [{"type": "integer"}, {"enum": ["auto", "Full"]}]},
        "day": {"anyOf": [{"type": "integer"}, {"type": "string", "format": "date"}]},
        "label": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "names": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    }
}"#;

/// Few members, so that calls have them all.
const PAIR: &str = r#"{
    "type": "object",
    "properties": {
        "a": {"type": "integer"},
        "b": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"fullName": {"type": "string"}, "age": {"type": "integer"}},
                "additionalProperties": false
            }
        }
    },
    "required": ["a", "b"],
    "additionalProperties": false
}"#;

const NOTHING: &str = r#"{"type": "object", "properties": {}, "additionalProperties": false}"#;

fn compiled(schema: &str) -> Arc<Schema> {
    Schemas::default().get(schema.as_bytes()).unwrap()
}

/// Mends the arguments of a call of `tool`.
fn mended(schema: &str, text: &str) -> Option<Mended> {
    let mended = mend(text, &compiled(schema), Some("tool"))?;
    let value: Value = serde_json::from_str(&mended.text).unwrap();
    assert!(compiled(schema).is_valid(&value), "{text} became {}", mended.text);
    Some(mended)
}

fn assert_mended(cases: &[(&str, &str, &str, &[Repair])]) {
    for (schema, text, expected, repairs) in cases {
        let mut mended = mended(schema, text).unwrap_or_else(|| panic!("{text} was refused"));
        let mut repairs = repairs.to_vec();
        repairs.sort();
        mended.repairs.sort();
        assert_eq!((mended.text.as_str(), mended.repairs), (*expected, repairs), "{text}");
    }
}

#[test]
fn what_is_right_is_untouched() {
    for text in [
        r#"{"city":"Paris","nights":2,"currency":"USD"}"#,
        " {\"nights\": 2.0 , \"currency\": \"\\u0045UR\", \"city\": \"5\"}\n",
        r#"{"city":"","nights":123456789012345678901234567890,"currency":"EUR","max_price":1.10e2,"floor":null}"#,
    ] {
        let mended = mended(BOOKING, text).unwrap();
        assert_eq!((mended.text.as_str(), mended.repairs.len()), (text, 0));
    }
    let mended = mended(NOTHING, "\u{feff} {} ").unwrap();
    assert_eq!(mended.text, "{}");
}

#[test]
fn strings_become_what_they_spell() {
    const FROM: &[Repair] = &[Repair::StringToValue];
    assert_mended(&[
        (BOOKING, r#"{"city":"5","nights":"2","currency":"EUR"}"#, r#"{"city":"5","nights":2,"currency":"EUR"}"#, FROM),
        (
            BOOKING,
            r#"{"city":"P","nights":"2.0","currency":"E","max_price":"10.50","breakfast":"true","floor":"null"}"#,
            r#"{"city":"P","nights":2,"currency":"E","max_price":10.50,"breakfast":true,"floor":null}"#,
            FROM,
        ),
        (
            BOOKING,
            r#"{"city":"P","nights":1,"currency":"E","tags":"[\"a\", \"b\"]","floor":"12345678901234567890123"}"#,
            r#"{"city":"P","nights":1,"currency":"E","tags":["a","b"],"floor":12345678901234567890123}"#,
            FROM,
        ),
        // What was in the string is then looked at as well.
        (
            BOOKING,
            r#"{"city":"P","nights":1,"currency":"E","guests":"[{\"full_name\":\"Ann\",\"age\":\"30\"}]"}"#,
            r#"{"city":"P","nights":1,"currency":"E","guests":[{"fullName":"Ann","age":30}]}"#,
            &[Repair::StringToValue, Repair::MemberSpelling],
        ),
        (r#"{"properties":{"n":{"enum":[1,2]}}}"#, r#"{"n":"2"}"#, r#"{"n":2}"#, FROM),
        (EITHER, r#"{"limit":"5"}"#, r#"{"limit":5}"#, FROM),
    ]);
}

#[test]
fn numbers_and_booleans_become_strings_by_their_spelling() {
    const TO: &[Repair] = &[Repair::ValueToString];
    assert_mended(&[
        (
            BOOKING,
            r#"{"city":75001,"nights":1,"currency":"E","tags":[1.50,true,-3]}"#,
            r#"{"city":"75001","nights":1,"currency":"E","tags":["1.50","true","-3"]}"#,
            TO,
        ),
        (
            BOOKING,
            r#"{"city":12345678901234567890123,"nights":1,"currency":"E"}"#,
            r#"{"city":"12345678901234567890123","nights":1,"currency":"E"}"#,
            TO,
        ),
        (EITHER, r#"{"label":5}"#, r#"{"label":"5"}"#, TO),
        (r#"{"properties":{"n":{"enum":["1","2"]}}}"#, r#"{"n":2}"#, r#"{"n":"2"}"#, TO),
    ]);
}

#[test]
fn listed_values_are_found() {
    const ENUM: &[Repair] = &[Repair::EnumSpelling];
    assert_mended(&[
        (
            BOOKING,
            r#"{"city":"P","nights":1,"currency":"E","room":"SUITE"}"#,
            r#"{"city":"P","nights":1,"currency":"E","room":"Suite"}"#,
            ENUM,
        ),
        (
            BOOKING,
            r#"{"city":"P","nights":1,"currency":"E","room":" single\n"}"#,
            r#"{"city":"P","nights":1,"currency":"E","room":"single"}"#,
            ENUM,
        ),
        (EITHER, r#"{"size":"FULL"}"#, r#"{"size":"Full"}"#, ENUM),
        (
            EITHER,
            r#"{"where":{"kind":"Address","street":"Main"}}"#,
            r#"{"where":{"kind":"address","street":"Main"}}"#,
            ENUM,
        ),
    ]);
}

#[test]
fn members_are_renamed_dropped_and_added() {
    assert_mended(&[
        (
            BOOKING,
            r#"{"City":"P","NIGHTS":1,"currency":"E","maxPrice":5,"guests":[{"full-name":"Ann"}]}"#,
            r#"{"city":"P","nights":1,"currency":"E","max_price":5,"guests":[{"fullName":"Ann"}]}"#,
            &[Repair::MemberSpelling],
        ),
        // All that is declared is there, so that the unknown is none of it.
        (
            PAIR,
            r#"{"a":1,"why":{"because":[1]},"b":[{"fullName":"Ann","age":5,"comment":"x"}]}"#,
            r#"{"a":1,"b":[{"fullName":"Ann","age":5}]}"#,
            &[Repair::UnknownMember],
        ),
        (
            PAIR,
            r#"{"A":"1","why":0,"b":[]}"#,
            r#"{"a":1,"b":[]}"#,
            &[Repair::MemberSpelling, Repair::UnknownMember, Repair::StringToValue],
        ),
        (NOTHING, r#"{"reason":"x"}"#, "{}", &[Repair::UnknownMember]),
        // What is not there is a number, or one of a list: an object is neither.
        (
            r#"{"properties":{"a":{},"n":{"type":"integer"},"e":{"enum":["x"]}},"additionalProperties":false}"#,
            r#"{"a":1,"reason":{"why":"as you asked"}}"#,
            r#"{"a":1}"#,
            &[Repair::UnknownMember],
        ),
        (BOOKING, r#"{"city":"P","nights":1}"#, r#"{"city":"P","nights":1,"currency":"EUR"}"#, &[Repair::Default]),
        (
            r##"{"properties":{"o":{"$ref":"#/$defs/o","default":{"a":[1]}}},"required":["o"],"$defs":{"o":{"type":"object"}}}"##,
            "{}",
            r#"{"o":{"a":[1]}}"#,
            &[Repair::Default],
        ),
        (OPEN, r#"{"query":"x"}"#, r#"{"query":"x","page_size":10}"#, &[Repair::Default]),
        (
            r#"{"allOf":[{"properties":{"a":{}}}],"properties":{"b":{}},"unevaluatedProperties":false}"#,
            r#"{"A":1,"b":2,"why":3}"#,
            r#"{"a":1,"b":2}"#,
            &[Repair::MemberSpelling, Repair::UnknownMember],
        ),
        (
            EITHER,
            r#"{"where":{"kind":"point","lat":"1.5","lon":2,"why":0}}"#,
            r#"{"where":{"kind":"point","lat":1.5,"lon":2}}"#,
            &[Repair::StringToValue, Repair::UnknownMember],
        ),
    ]);
}

#[test]
fn what_is_around_the_arguments_is_taken_off() {
    let call = r#"{"city":"P","nights":1,"currency":"E"}"#;
    let string = Value::from(call).to_string();
    let twice = Value::from(string.as_str()).to_string();
    for (text, repairs) in [
        (string.clone(), &[Repair::DoubleEncoded][..]),
        (twice, &[Repair::DoubleEncoded]),
        (format!("[{call}]"), &[Repair::ArrayWrapped]),
        (Value::from(format!("[{call}]")).to_string(), &[Repair::DoubleEncoded, Repair::ArrayWrapped]),
        (format!(r#"{{"name":"tool","arguments":{call}}}"#), &[Repair::Envelope]),
        (format!(r#"{{"name":"functions.Tool","parameters":{call}}}"#), &[Repair::Envelope]),
        (format!(r#"{{"input":{call},"name":"tool"}}"#), &[Repair::Envelope]),
        (
            format!(r#"[{{"name":"tool","arguments":{string}}}]"#),
            &[Repair::ArrayWrapped, Repair::Envelope, Repair::DoubleEncoded],
        ),
    ] {
        let mended = mended(BOOKING, &text).unwrap_or_else(|| panic!("{text} was refused"));
        assert_eq!((mended.text.as_str(), mended.repairs.as_slice()), (call, repairs), "{text}");
    }
}

#[test]
fn nothing_is_an_empty_object_for_a_tool_without_arguments() {
    for text in ["", " \n", "null", "\"\"", "\u{feff}"] {
        for schema in [NOTHING, r#"{"type":"object"}"#] {
            let mended = mended(schema, text).unwrap();
            assert_eq!((mended.text.as_str(), mended.repairs.as_slice()), ("{}", &[Repair::Empty][..]), "{text:?}");
        }
        assert_eq!(mended(BOOKING, text), None, "{text:?}");
        assert_eq!(mended(r#"{"properties":{"a":{}}}"#, text), None, "{text:?}");
        assert_eq!(mend(text, &compiled(r#"{"type":"object"}"#), None), None, "{text:?}");
    }
}

#[test]
fn syntax_and_values_are_mended_together() {
    assert_mended(&[
        (
            BOOKING,
            "```json\n{'City': 'P', \"nights\": \"2\", currency: \"E\",}\n```",
            r#"{"city":"P","nights":2,"currency":"E"}"#,
            &[
                Repair::Fence,
                Repair::SingleQuotes,
                Repair::UnquotedKey,
                Repair::TrailingComma,
                Repair::StringToValue,
                Repair::MemberSpelling,
            ],
        ),
        (
            r#"{"properties":{"a":{"type":"integer"},"b":{"type":"string"}}}"#,
            r#"{"a":"1","b":"x""#,
            r#"{"a":1,"b":"x"}"#,
            &[Repair::MissingCloser, Repair::StringToValue],
        ),
    ]);
}

#[test]
fn structured_output_is_mended_too() {
    let list = compiled(r#"{"type":"array","items":{"type":"integer"}}"#);
    for (text, expected) in
        [(r#"["1",2]"#, Some("[1,2]")), (r#""[1,2]""#, Some("[1,2]")), (r#"["a"]"#, None), ("", None)]
    {
        assert_eq!(mend(text, &list, None).map(|mended| mended.text).as_deref(), expected, "{text}");
    }
    let object = compiled(OPEN);
    let mended = mend(r#"["{}"]"#, &object, None);
    assert_eq!(mended, None);
    let mended = mend(r#"[{"query":"x","page_size":1}]"#, &object, None).unwrap();
    assert_eq!(mended.repairs, [Repair::ArrayWrapped]);
}
