use bytes::Bytes;
use llm_layers_core::Operation;
use llm_layers_wire::json::Object;
use proptest::prelude::*;

use super::*;
use crate::{OnInvalid, contract::Reader};

const WEATHER: &str = r#"{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"additionalProperties":false}"#;

/// A chat with `get_weather`, `ping` without a schema, and the custom tool `run`.
fn contract(more: &str) -> Contract {
    let tools = format!(
        r#"[{{"type":"function","function":{{"name":"get_weather","parameters":{WEATHER}}}}},
            {{"type":"function","function":{{"name":"ping"}}}},{{"type":"custom","custom":{{"name":"run"}}}}]"#
    );
    of(&format!(r#"{{"tools":{tools}{more}}}"#))
}

fn of(body: &str) -> Contract {
    let settings = Settings::default();
    let object = Object::parse(Bytes::copy_from_slice(body.as_bytes())).expect("an object");
    let reader = Reader { schemas: &settings.schemas, strict: true };
    Contract::read(Operation::ChatCompletion, &object, &reader).expect("schemas").expect("a contract")
}

fn call<'a>(id: &'a str, name: &'a str, arguments: &'a str) -> Call<'a> {
    let kind = if name == "run" { CallKind::Custom } else { CallKind::Function };
    Call { id: id.into(), name: name.into(), arguments: arguments.into(), kind }
}

fn turn<'a>(calls: impl Into<Vec<Call<'a>>>, end: End) -> Turn<'a> {
    Turn { calls: calls.into(), end, ..Turn::default() }
}

fn settings(policy: Policy) -> Settings {
    let mut settings = Settings::default();
    settings.default_policy = policy;
    settings
}

/// What became of each call: `valid`, the repairs, or reasons with places.
fn told(verdict: &Verdict) -> String {
    let join = |texts: Vec<String>| texts.join(" ");
    match verdict {
        Verdict::Valid => "valid".into(),
        Verdict::Mended(mended) => join(mended.repairs.iter().map(|repair| repair.as_str().into()).collect()),
        Verdict::Invalid(faults) => {
            join(faults.iter().map(|fault| format!("{}{}", fault.reason.as_str(), fault.path)).collect())
        }
    }
}

fn one(contract: &Contract, policy: Policy, call: Call<'_>, end: End) -> String {
    told(&judge(contract, &settings(policy), &turn([call], end)).calls[0])
}

#[test]
fn calls_are_held_to_their_tools() {
    let contract = contract("");
    let keeps = Policy::new().repair(false);
    for (name, arguments, expected) in [
        ("get_weather", r#"{"city":"Paris","days":3}"#, "valid"),
        ("get_weather", r#" { "city" : "Paris" } "#, "valid"),
        ("get_weather", r#"{"days":3}"#, "required/city"),
        ("get_weather", r#"{"city":"Paris","days":"3"}"#, "type/days"),
        ("get_weather", r#"{"city":"Paris","mood":1}"#, "additional_properties"),
        ("get_weather", r#"{"city":"Paris","city":"Rome"}"#, "not_json"),
        ("get_weather", r#"{"city":"Paris""#, "not_json"),
        ("get_weather", "", "not_json"),
        ("get_weather", "[]", "not_an_object"),
        ("get_weather", r#""{}""#, "not_an_object"),
        ("ping", "{}", "valid"),
        ("ping", r#"{"any":[1]}"#, "valid"),
        ("ping", "7", "not_an_object"),
        ("run", "print('a')", "valid"),
        ("run", "", "valid"),
        ("get_wether", "{}", "unknown_tool"),
        ("Ping", "{}", "unknown_tool"),
        ("", "{}", "unknown_tool"),
    ] {
        let call = call("c1", name, arguments);
        let found = one(&contract, keeps.clone(), call, End::Complete);
        assert!(found == expected || found.starts_with(&format!("{expected}/")), "{name} {arguments}: {found}");
    }
}

#[test]
fn a_call_stands_in_the_member_of_its_kind() {
    let contract = contract("");
    let kind = |name, kind| one(&contract, Policy::new(), Call { kind, ..call("c1", name, "{}") }, End::Complete);
    assert_eq!(kind("run", CallKind::Function), "type");
    assert_eq!(kind("ping", CallKind::Custom), "type");
    assert_eq!(kind("ping", CallKind::Legacy), "valid");
}

#[test]
fn the_choice_of_tools_is_kept_to() {
    let weather = call("c1", "get_weather", r#"{"city":"Paris"}"#);
    let named = r#"{"type":"function","function":{"name":"ping"}}"#;
    let allowed = r#"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"ping"}}]}}"#;
    for (choice, of_call, of_none) in [
        (r#""auto""#, "valid", ""),
        (r#""none""#, "tool_choice", ""),
        (r#""required""#, "valid", "a tool must be called"),
        (named, "tool_choice", "must be called"),
        (allowed, "tool_choice", ""),
    ] {
        let contract = contract(&format!(r#","tool_choice":{choice}"#));
        assert_eq!(one(&contract, Policy::new(), weather.clone(), End::Complete), of_call, "{choice}");
        let silent = |end, is_refusal| {
            let turn = Turn { is_refusal, ..turn([], end) };
            judge(&contract, &Settings::default(), &turn).faults.first().map(|fault| fault.message.clone())
        };
        assert_eq!(silent(End::Complete, false).unwrap_or_default(), of_none, "{choice}");
        assert_eq!(silent(End::Complete, true), None, "a refusal stands for all");
        assert_eq!((silent(End::CutOff, false), silent(End::Open, false)), (None, None));
    }
}

#[test]
fn one_call_at_once_is_one() {
    let calls = [call("c1", "ping", "{}"), call("c2", "ping", "{}")];
    for (more, expected) in [("", 0), (r#","parallel_tool_calls":false"#, 1)] {
        let judgement = judge(&contract(more), &Settings::default(), &turn(calls.clone(), End::Complete));
        assert_eq!(judgement.faults.len(), expected);
        assert_eq!(judgement.calls, [Verdict::Valid, Verdict::Valid]);
    }
}

#[test]
fn names_are_mended_where_one_tool_is_meant() {
    let contract = contract("");
    for (name, expected) in [("getWeather", Some("get_weather")), ("functions.ping", Some("ping")), ("weather", None)] {
        let judgement =
            judge(&contract, &Settings::default(), &turn([call("c1", name, r#"{"city":"a"}"#)], End::Complete));
        let Verdict::Mended(mended) = &judgement.calls[0] else {
            assert_eq!((expected, &*told(&judgement.calls[0])), (None, "unknown_tool"), "{name}");
            continue;
        };
        let is = Mended { name: expected.map(Into::into), repairs: vec![Repair::ToolName], ..Mended::default() };
        assert_eq!(*mended, is, "{name}");
    }
}

#[test]
fn what_is_meant_is_told_by_the_policy_of_the_tool_that_is_meant() {
    let contract = contract("");
    let mut settings = settings(Policy::new().repair(false));
    let judged = |settings: &Settings| {
        told(&judge(&contract, settings, &turn([call("c1", "Ping", "{}")], End::Complete)).calls[0])
    };
    assert_eq!(judged(&settings), "unknown_tool");
    settings.tools.insert("ping".into(), Policy::new());
    assert_eq!(judged(&settings), "tool_name");
}

#[test]
fn ids_are_made_where_there_are_none_of_its_own() {
    let contract = contract("");
    let calls = [
        call("", "ping", "{}"),
        call("c1", "ping", "{}"),
        call("c1", "ping", r#"{"a":1}"#),
        call("c1", "ping", "{ }"),
        call("", "nobody", "{}"),
        Call { kind: CallKind::Legacy, ..call("", "ping", "{}") },
    ];
    let judgement = judge(&contract, &Settings::default(), &turn(calls.clone(), End::Complete));
    let found: Vec<_> = judgement.calls.iter().map(told).collect();
    assert_eq!(found, ["id", "valid", "id", "duplicate_id", "unknown_tool", "valid"]);
    let ids: Vec<_> = judgement
        .calls
        .iter()
        .filter_map(|verdict| match verdict {
            Verdict::Mended(mended) => mended.id.clone(),
            _ => None,
        })
        .collect();
    assert!(ids.len() == 2 && ids[0] != ids[1] && ids.iter().all(|id| id.starts_with("call_")), "{ids:?}");

    let judgement = judge(&contract, &settings(Policy::new().repair(false)), &turn(calls, End::Complete));
    let found: Vec<_> = judgement.calls.iter().map(told).collect();
    assert_eq!(found, ["missing_id", "valid", "duplicate_id", "duplicate_id", "unknown_tool", "valid"]);
}

#[test]
fn nothing_is_mended_of_what_was_cut_off_or_goes_on() {
    let contract = contract("");
    for (name, arguments, cut_off, open) in [
        ("ping", r#"{"a":1}"#, "valid", "valid"),
        ("ping", r#"{"a":1,}"#, "cut_off", "not_json"),
        ("ping", r#"{"a":[1"#, "cut_off", "not_json"),
        ("ping", "", "cut_off", "not_json"),
        ("get_weather", r#"{"city":"a","days":"3"}"#, "cut_off", "type/days"),
        ("Ping", "{}", "unknown_tool", "unknown_tool"),
    ] {
        for (end, expected) in [(End::CutOff, cut_off), (End::Open, open)] {
            assert_eq!(
                one(&contract, Policy::new(), call("c1", name, arguments), end),
                expected,
                "{arguments} {end:?}"
            );
        }
    }
    assert_eq!(one(&contract, Policy::new(), call("", "ping", "{}"), End::CutOff), "cut_off");
}

#[test]
fn arguments_are_mended_as_the_policy_says() {
    let contract = contract("");
    let spoilt = || call("c1", "get_weather", r#"{"city":"Paris","days":"3",}"#);
    assert_eq!(one(&contract, Policy::new().repair(false), spoilt(), End::Complete), "not_json");
    let judgement = judge(&contract, &Settings::default(), &turn([spoilt()], End::Complete));
    let Verdict::Mended(mended) = &judgement.calls[0] else { panic!("{judgement:?}") };
    assert_eq!(mended.text.as_deref(), Some(r#"{"city":"Paris","days":3}"#));
    assert_eq!((&mended.id, &mended.name), (&None, &None));
}

#[test]
fn tools_that_the_request_does_not_show_take_any_object() {
    let contract = of(r#"{"tools":[{"type":"function","function":{"name":"ping"}},{"type":"strange"}]}"#);
    for (name, arguments, expected) in [
        ("other", "{}", "valid"),
        ("Ping", "{}", "valid"),
        ("other", "7", "not_an_object"),
        ("other", "{,}", "not_json"),
    ] {
        assert_eq!(one(&contract, Policy::new(), call("c1", name, arguments), End::Complete), expected, "{name}");
    }
    let named = r#"{"type":"function","function":{"name":"ping"}}"#;
    for choice in [r#""none""#, named] {
        let contract = of(&format!(r#"{{"functions":[{{"name":"ping"}},7],"tool_choice":{choice}}}"#));
        assert_eq!(one(&contract, Policy::new(), call("c1", "other", "{}"), End::Complete), "tool_choice", "{choice}");
    }
}

#[test]
fn text_is_judged_where_it_is_to_be_json() {
    let schema = of(&format!(r#"{{"response_format":{{"type":"json_schema","json_schema":{{"schema":{WEATHER}}}}}}}"#));
    let object = of(r#"{"response_format":{"type":"json_object"}}"#);
    let judged = |contract: &Contract, text: &'static str, end| {
        let turn = Turn { text: Some(text.into()), ..turn([], end) };
        judge(contract, &settings(Policy::new().repair(false)), &turn).text.as_ref().map(told)
    };
    for (contract, text, expected) in [
        (&schema, r#"{"city":"a"}"#, "valid"),
        (&schema, "{}", "required/city"),
        (&schema, "Here you are: {}", "not_json"),
        (&schema, "", "not_json"),
        (&object, r#"{"a":1}"#, "valid"),
        (&object, "[]", "not_an_object"),
    ] {
        assert_eq!(judged(contract, text, End::Complete).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(judged(&schema, r#"{"city":"#, End::CutOff).as_deref(), Some("cut_off"));
    assert_eq!(judged(&schema, r#"{"city":"#, End::Open), None);

    let aside = |turn: Turn<'_>| judge(&schema, &Settings::default(), &turn).text;
    assert_eq!(aside(Turn { text: Some("no".into()), is_refusal: true, ..Turn::default() }), None);
    assert_eq!(aside(Turn { text: Some("no".into()), ..turn([call("c1", "ping", "{}")], End::Complete) }), None);
    assert_eq!(aside(turn([], End::Complete)), None, "there is no text to judge");
}

#[test]
fn faults_tell_names_and_places_and_no_values() {
    let contract = contract(r#","tool_choice":{"type":"function","function":{"name":"get_weather"}}"#);
    let calls = [
        call("c1", "no\u{1b}such\u{7f}tool", "{}"),
        call("c2", "ping", "{}"),
        call("c3", "get_weather", r#"{"city":["secret"],"days":"secret"}"#),
        call("c4", "get_weather", r#"{"city":"secret"#),
    ];
    let turn = Turn { choice: 2, ..turn(calls, End::Complete) };
    let judgement = judge(&contract, &Settings::default(), &turn);
    let faults: Vec<_> = judgement.all_faults().map(ToString::to_string).collect();
    assert_eq!(faults[0], r"`no\u{1b}such\u{7f}tool`: no such tool; there are `get_weather`, `ping`, `run`");
    assert_eq!(faults[1], "`ping`: may not be called; these may: `get_weather`");
    assert!(faults[2].starts_with("`get_weather` at /city: "), "{}", faults[2]);
    assert!(faults.iter().all(|fault| !fault.contains("secret")), "{faults:?}");
    assert!(judgement.all_faults().all(|fault| fault.choice == 2));
    assert_eq!(judgement.invalid(), 4);
}

#[test]
fn messages_are_short_however_many_tools_there_are() {
    let function = |index| format!(r#"{{"type":"function","function":{{"name":"{}{index}"}}}}"#, "long_".repeat(20));
    let tools: Vec<_> = (0..100).map(function).collect();
    let contract = of(&format!(r#"{{"tools":[{}]}}"#, tools.join(",")));
    let name = "\u{0}".repeat(10_000);
    let judgement = judge(&contract, &Settings::default(), &turn([call("c1", &name, "{}")], End::Complete));
    let fault = judgement.all_faults().next().expect("a fault");
    assert!(fault.message.len() <= 512 && fault.tool.as_ref().expect("a name").len() <= 64, "{fault}");
}

#[test]
fn the_strictest_policy_counts() {
    let fault = |tool: Option<&str>, reason| Fault::whole(0, tool, reason, "");
    let invalid = |tool: Option<&str>| Verdict::Invalid(vec![fault(tool, Reason::Required)]);
    let of_call = |tool| Judgement { calls: vec![Verdict::Valid, invalid(Some(tool))], ..Judgement::default() };
    let of_text = || Judgement { text: Some(invalid(None)), ..Judgement::default() };
    let of_whole = || Judgement { faults: vec![fault(None, Reason::MissingCall)], ..Judgement::default() };
    let lenient = Policy::new().on_invalid(OnInvalid::Report);
    let mut settings = settings(Policy::new());
    settings.text_policy = Some(lenient.clone().max_reasks(2));
    settings.tools = [("lenient".into(), lenient.clone()), ("asks".into(), lenient.max_reasks(1))].into();
    let ask = |otherwise| Decision::Ask { otherwise };
    for (judgements, reasks, expected) in [
        (vec![], 0, Decision::Pass),
        (
            vec![Judgement { calls: vec![Verdict::Mended(Mended::default())], ..Judgement::default() }],
            0,
            Decision::Pass,
        ),
        (vec![of_call("any")], 0, Decision::Reject),
        (vec![of_call("lenient")], 0, Decision::Report),
        (vec![of_call("lenient"), of_call("any")], 0, Decision::Reject),
        (vec![of_call("asks")], 0, ask(OnInvalid::Report)),
        (vec![of_call("asks")], 1, Decision::Report),
        (vec![of_call("any"), of_call("asks"), of_call("lenient")], 0, ask(OnInvalid::Reject)),
        (vec![of_text()], 1, ask(OnInvalid::Report)),
        (vec![of_text()], 2, Decision::Report),
        (vec![of_whole()], 0, Decision::Reject),
    ] {
        assert_eq!(decide(&settings, &judgements, reasks), expected, "{judgements:?} {reasks}");
    }
}

#[test]
fn arguments_from_elsewhere_are_checked_the_same_way() {
    let schemas = crate::Schemas::default();
    let check = |arguments, repair| schemas.check_arguments(WEATHER.as_bytes(), arguments, repair).expect("a schema");
    assert_eq!(check(r#"{"city":"a"}"#, true), Checked::Valid);
    let Checked::Invalid(faults) = check("{}", true) else { panic!("a city is required") };
    assert_eq!((faults[0].tool.clone(), faults[0].reason, &*faults[0].path), (None, Reason::Required, "/city"));
    let Checked::Repaired { arguments, repairs } = check(r#"{"city":"a",}"#, true) else { panic!("a comma too many") };
    assert_eq!((&*arguments, &*repairs), (r#"{"city":"a"}"#, &[Repair::TrailingComma][..]));
    assert!(matches!(check(r#"{"city":"a",}"#, false), Checked::Invalid(_)));
    assert!(schemas.check_arguments(br#"{"type":7}"#, "{}", true).is_err());
    assert!(matches!(schemas.check_arguments(b"{}", "[]", true).expect("a schema"), Checked::Invalid(_)));
}

#[test]
fn beyond_what_models_do_faults_are_told_briefly() {
    let contract = contract("");
    let calls = vec![call("", "get_weather", r#"{"days":"a","mood":1}"#); 1_000];
    let turn = turn(calls, End::Complete);
    let judgement = judge(&contract, &settings(Policy::new().repair(false)), &turn);
    let faults: Vec<_> = judgement.calls.iter().map(|verdict| verdict.faults().len()).collect();
    assert!(faults[0] > 1 && faults[999] == 1, "{faults:?}");
    let late = judge(&contract, &Settings::default(), &Turn { choice: 1_000, ..turn });
    assert_eq!(late.calls[0].faults().len(), 1);
}

#[test]
fn free_text_does_not_show_that_it_was_cut_off() {
    let (contract, settings) = (contract(""), Settings::default());
    let calls = [call("c1", "run", "ls"), call("c2", "run", "rm -rf /tm")];
    let of = |end| judge(&contract, &settings, &turn(calls.clone(), end)).calls.iter().map(told).collect::<Vec<_>>();
    assert_eq!(of(End::CutOff), ["valid", "cut_off"]);
    assert_eq!(of(End::Complete), ["valid", "valid"]);
}

#[test]
fn a_tool_that_was_not_offered_has_no_policy() {
    let (contract, mut settings) = (contract(""), Settings::default());
    settings.tools.insert("search".into(), Policy::new().on_invalid(OnInvalid::Report));
    let judgement = judge(&contract, &settings, &turn([call("c1", "search", "{}")], End::Complete));
    assert_eq!(decide(&settings, &[judgement], 0), Decision::Reject);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever a model says: there is a verdict for each call, and what was mended is right the second time.
    #[test]
    fn what_was_mended_is_right(
        calls in proptest::collection::vec(
            (
                prop::sample::select(vec!["", "c1", "c2"]),
                prop::sample::select(vec!["get_weather", "getWeather", "ping", "PING", "run", "nobody", ""]),
                prop_oneof![
                    "[\\[\\]{}:,\"'a-c0-9 ]{0,12}",
                    r#"[ {]{1,2}("city"|'city'|city): ?("a"|'b'|"Rome) ?(, ?"days": ?("?3"?|true|None))?,?[ }]{0,2}"#,
                ],
            ),
            0..4,
        ),
        end in prop::sample::select(vec![End::Complete, End::CutOff, End::Open]),
    ) {
        let (contract, settings) = (contract(""), Settings::default());
        let calls: Vec<_> = calls.iter().map(|(id, name, arguments)| call(id, name, arguments)).collect();
        let turn = turn(calls, end);
        let judgement = judge(&contract, &settings, &turn);
        prop_assert_eq!(judgement.calls.len(), turn.calls.len());
        let mut right = Vec::new();
        for (call, verdict) in turn.calls.iter().zip(&judgement.calls) {
            match verdict {
                Verdict::Valid => right.push(call.clone()),
                Verdict::Mended(Mended { id, name, text, .. }) => {
                    prop_assert_eq!(end, End::Complete);
                    let or = |mended: &Option<String>, own: &Cow<'static, str>| mended.clone().map_or_else(|| own.clone(), Cow::Owned);
                    let own = |text: &Cow<'_, str>| Cow::<'static, str>::Owned(text.clone().into_owned());
                    right.push(Call {
                        id: or(id, &own(&call.id)),
                        name: or(name, &own(&call.name)),
                        arguments: or(text, &own(&call.arguments)),
                        kind: call.kind,
                    });
                }
                Verdict::Invalid(faults) => prop_assert!(!faults.is_empty()),
            }
        }
        // Without the others another call may be the last, which may be cut off.
        let end = if end == End::CutOff { End::Complete } else { end };
        let again = judge(&contract, &settings, &Turn { calls: right, end, ..turn.clone() });
        prop_assert!(again.calls.iter().all(|verdict| *verdict == Verdict::Valid), "{:?}", again);
    }
}
