//! Rows, good and bad.

use llm_layers_catalogue::{Capability, Catalogue, Kind, Meter, Tier};

const GOOD: &str = r#"{"id":"gpt-4o","aliases":["gpt-4o-2024-08-06"],"price":{"input":"2.50","output":"10.00","reasoning":null,"above":[{"tokens":200000,"input":"5"}],"batch":{"discount":"0.5"},"off_peak":[{"zone":"Asia/Shanghai","days":["mon","sun"],"from":"16:30","to":"00:30","input":"0.135"}]},"context_window":128000,"max_output":16384,"capabilities":["tools","vision","json_schema","reasoning","audio","streaming","prompt_cache"],"regions":["us","eu"],"tier":"large","tier_source":"https://a.example/models","kind":"chat","deprecated":"2026-12-01","trains":false,"retains":true,"source":"https://a.example","date":"2026-11-12"}"#;
const LEAST: &str = r#"{"id":"b","source":"https://a.example","date":"2026-11-12"}"#;

#[test]
fn reads_all_members() {
    let catalogue = Catalogue::read("openai", &format!("{GOOD}\n\n{LEAST}\r\n")).unwrap();
    assert_eq!(catalogue.models().len(), 2);
    let model = catalogue.find("openai", "gpt-4o-2024-08-06").unwrap();
    assert_eq!((&*model.provider, &*model.id), ("openai", "gpt-4o"));
    assert_eq!((model.context_window, model.max_output), (Some(128_000), Some(16_384)));
    assert_eq!(model.capabilities.unwrap().iter().count(), Capability::ALL.len());
    assert_eq!(model.regions.iter().map(|region| &**region).collect::<Vec<_>>(), ["us", "eu"]);
    assert_eq!((model.tier, model.kind), (Some(Tier::Large), Kind::Chat));
    assert_eq!(model.tier_source.as_deref(), Some("https://a.example/models"));
    assert_eq!(model.deprecated.map(|day| day.to_string()).as_deref(), Some("2026-12-01"));
    assert_eq!((model.trains, model.retains), (Some(false), Some(true)));
    assert_eq!(model.date.map(|day| day.to_string()).as_deref(), Some("2026-11-12"));
    assert_eq!(
        model.price.as_ref().and_then(|price| price.usual(Meter::Input)).map(|p| p.to_string()).as_deref(),
        Some("2.5")
    );

    let unknown = catalogue.find("openai", "b").unwrap();
    assert!(unknown.price.is_none() && unknown.capabilities.is_none() && unknown.trains.is_none());
    assert!(unknown.tier.is_none() && unknown.regions.is_empty() && unknown.max_output.is_none());
}

/// A row with these members besides its own three.
fn problem(members: &str) -> String {
    let row = format!(r#"{{"id":"m",{members},"source":"https://a.example","date":"2026-11-12"}}"#);
    match Catalogue::read("p", &format!("{LEAST}\n{row}\n")) {
        Ok(_) => panic!("taken: {row}"),
        Err(error) => {
            assert_eq!((&*error.provider, error.line), ("p", 2), "{error}");
            error.to_string()
        }
    }
}

#[test]
fn a_bad_row_says_where_and_what() {
    for (members, said) in [
        (r#""contxt_window":1"#, "contxt_window"),
        (r#""context_window":"1""#, "`context_window`"),
        (r#""context_window":-1"#, "`context_window`"),
        (r#""context_window":1,"context_window":2"#, "duplicate field"),
        (r#""capabilities":["tols"]"#, "`capabilities[0]`"),
        (r#""kind":"chatty""#, "`kind`"),
        (r#""tier":"huge","tier_source":"x""#, "`tier`"),
        (r#""tier":"small""#, "`tier_source`"),
        (r#""deprecated":"soon""#, "`deprecated`"),
        (r#""aliases":[""]"#, "`aliases`"),
        (r#""aliases":["m"]"#, "`aliases`: there is a `m` already"),
        (r#""aliases":["x","b"]"#, "`aliases`: there is a `b` already"),
        (r#""price":{}"#, "names no amount"),
        (r#""price":{"input":2.5}"#, "`price.input`"),
        (r#""price":{"input":"-1"}"#, "`price.input`"),
        (r#""price":{"input":"1e3"}"#, "`price.input`"),
        (r#""price":{"input":"1_000"}"#, "`price.input`"),
        (r#""price":{"input":""}"#, "`price.input`"),
        (r#""price":{"input":"."}"#, "`price.input`"),
        (r#""price":{"input":"0.0000000001"}"#, "`price.input`: too large, or too many decimals"),
        (r#""price":{"input":"99999999999"}"#, "`price.input`: too large"),
        (r#""price":{"inputs":"1"}"#, "inputs"),
        (r#""price":{"input":"1","above":[{"input":"1"}]}"#, "`price.above[0]`: missing field `tokens`"),
        (r#""price":{"input":"1","above":[{"tokens":1,"input":"1"},{"tokens":1,"output":"1"}]}"#, "1 tokens twice"),
        (r#""price":{"input":"1","batch":{"zone":"UTC"}}"#, "`price.batch"),
        (
            r#""price":{"input":"0.000000001","batch":{"discount":"0.5"}}"#,
            "`price.batch.input`: too large, or too many",
        ),
        (r#""price":{"input":"1","off_peak":[{"zone":"Mars/Olympus","from":"00:00","to":"01:00"}]}"#, "`Mars/Olympus`"),
        (
            r#""price":{"input":"1","off_peak":[{"zone":"UTC","from":"24:01","to":"01:00"}]}"#,
            "`price.off_peak[0].from`",
        ),
        (r#""price":{"input":"1","off_peak":[{"zone":"UTC","from":"1:00","to":"02:00"}]}"#, "`1:00`"),
        (r#""price":{"input":"1","off_peak":[{"zone":"UTC","from":"00:60","to":"02:00"}]}"#, "`00:60`"),
        (
            r#""price":{"input":"1","off_peak":[{"zone":"UTC","days":["monday"],"from":"00:00","to":"02:00"}]}"#,
            "days[0]",
        ),
    ] {
        let error = problem(members);
        assert!(error.starts_with("p, line 2: ") && error.contains(said), "{members}: {error}");
    }
}

#[test]
fn rows_need_an_id_a_source_and_a_date() {
    for (row, said) in [
        (r#"{"id":"m","source":"https://a.example"}"#, "`date`"),
        (r#"{"id":"m","date":"2026-11-12"}"#, "`source`"),
        (r#"{"source":"https://a.example","date":"2026-11-12"}"#, "`id`"),
        (r#"{"id":"m","source":"http://a.example","date":"2026-11-12"}"#, "`source`"),
        (r#"{"id":"a b","source":"https://a.example","date":"2026-11-12"}"#, "`id`"),
        (r#"{"id":"m","source":"https://a.example","date":"2026-13-12"}"#, "`date`"),
        (r#"{"id":"m","source":"https://a.example","date":"2026-11-12"} {}"#, "trailing"),
        ("[]", "expected struct"),
        ("{", "EOF"),
        ("nonsense", "expected"),
    ] {
        let error = Catalogue::read("p", row).unwrap_err().to_string();
        assert!(error.starts_with("p, line 1: ") && error.contains(said), "{row}: {error}");
    }
}

#[test]
fn an_id_is_there_once() {
    let error = Catalogue::read("p", &format!("{LEAST}\n{GOOD}\n{LEAST}")).unwrap_err();
    assert_eq!(error.to_string(), "p, line 3: `id`: there is a `b` already");
    // Another provider may have one of the same name.
    assert!(Catalogue::read("q", LEAST).is_ok());
}
