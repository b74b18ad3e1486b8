use super::parse;

#[test]
fn errors_look_like_rustc_s() {
    let errors = parse(
        "listen = \"127.0.0.1:8080\"\n\n[providers.local]\ndialect  = \"openai\"\n\
         base_ulr = \"http://127.0.0.1:8000/v1\"\n\n[[deployments]]\nname = \"small\"\n\
         provider = \"locl\"   # the one in the cellar\n",
    )
    .unwrap_err();
    let expected = r#"
error: missing member `base_url`
 --> test.toml:3:1
  |
3 | [providers.local]
  | ^^^^^^^^^^^^^^^^^ `providers.local.base_url`
  |
  = help: add `base_url = "https://…"`: only well-known providers have a default

error: unknown member `base_ulr`
 --> test.toml:5:1
  |
5 | base_ulr = ***
  | ^^^^^^^^ `providers.local.base_ulr`
  |
  = help: did you mean `base_url`?

error: there is no provider `locl`
 --> test.toml:9:12
  |
9 | provider = "locl"
  |            ^^^^^^ `deployments[0].provider`
  |
  = help: did you mean `local`?

test.toml: 3 errors"#;
    assert_eq!(errors.to_string(), expected.trim_start());
}

#[test]
fn columns_count_characters() {
    let errors = parse("providers.p = { dialect = 'öpenai', base_url = 'x' }\r\n").unwrap_err();
    let problem = &errors.problems()[0];
    assert_eq!((problem.line(), problem.column()), (1, 27));
    let errors = parse("['ä']\n[providers.p]\ndialect='openai'\nbase_url='http://h'\n").unwrap_err();
    assert!(errors.to_string().contains("1 | ['ä']\n  |  ^^^ `\"ä\"`"), "{errors}");
}

#[test]
fn a_file_that_is_not_there() {
    let errors = super::Config::from_file("no/such/file.toml").unwrap_err();
    let text = errors.to_string();
    assert!(text.starts_with("error: the file cannot be read: "), "{text}");
    assert!(text.contains("--> no/such/file.toml\n"), "{text}");
}

#[test]
fn no_input_panics() {
    // Every prefix of a good file, and every file with one byte of it gone.
    let text = include_str!("../../../llm-proxy.example.toml");
    // To compile detectors takes some milliseconds: that table by itself, and at fewer places.
    let start = text.find("[layers.pii_redaction]").expect("the table");
    let end = start + text[start..].find("[layers.tool_call_validator]").expect("the next");
    let (others, redaction) = ([&text[..start], &text[end..]].concat(), &text[start..end]);
    for (text, step) in [(&*others, 1), (redaction, 5)] {
        for at in (0..text.len()).step_by(step) {
            let _ = parse(&text[..at]).map_err(|errors| errors.to_string());
            let _ = parse(&[&text[..at], &text[at + 1..]].concat()).map_err(|errors| errors.to_string());
        }
    }
}
