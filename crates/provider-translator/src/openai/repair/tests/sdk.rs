//! What broke clients, measured with openai-python 3.52.0 and its stream helper on 2026-11-21, and what they get now.

use super::*;

/// Each stream would raise in the SDK, give a wrong call, or break code that reads `choices[0]`.
#[test]
fn defects_that_broke_the_sdk_do_not_reach_it() {
    let call = |index: &str, id: &str, name: &str, arguments: &str| {
        calls(&format!(
            r#"{{{index}"id":"{id}","type":"function","function":{{"name":"{name}","arguments":"{arguments}"}}}}"#
        ))
    };
    let at = |index: u64| format!(r#""index":{index},"#);
    let first = || call(&at(0), "c1", "f", "{");
    let more = || calls(r#"{"index":0,"function":{"arguments":"}"}}"#);
    let end = || of(0, "{}", r#""tool_calls""#);
    let right = [role(), first(), more(), end(), done()];
    let text_only = [role(), text(), stop(), done()];
    for (defect, stream, expected) in [
        (
            "id and name again: `c1c1`, `ff`",
            vec![role(), first(), call(&at(0), "c1", "f", "}"), end(), done()],
            &right[..],
        ),
        (
            "the first index is 1: IndexError",
            vec![role(), call(&at(1), "c1", "f", "{"), call(&at(1), "c1", "", "}"), end(), done()],
            &right,
        ),
        (
            "the role in every chunk",
            vec![role(), delta(r#"{"role":"assistant","content":"Hi"}"#), stop(), done()],
            &text_only,
        ),
        ("no choices in the midst: choices[0]", vec![role(), chunk(""), text(), stop(), done()], &text_only),
        (
            "no finish_reason: refused by the schema",
            vec![role(), chunk(r#"{"index":0,"delta":{"content":"Hi"}}"#), stop(), done()],
            &text_only,
        ),
        ("no end", vec![role(), text(), stop()], &text_only),
    ] {
        let got = repaired(false, &stream);
        let same = |(got, expected): (&String, &String)| {
            let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.into());
            value(got) == value(expected)
        };
        assert!(got.len() == expected.len() && got.iter().zip(expected).all(same), "{defect}: {got:?}");
    }
    let missing = repaired(false, &[role(), call("", "c1", "f", "{}"), end(), done()]);
    assert!(missing[1].contains(r#""index":0}]"#), "an index that is missing raises a TypeError: {missing:?}");
}
