use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::*;

mod tree;

use tree::{Dice, Meaning, Tree, any_tree, mutated};

pub(super) fn ring() -> Keyring {
    Keyring::new([7; 32], DEFAULT_IGNORED.map(Box::from))
}

pub(super) fn asked(operation: Operation, body: &Object) -> Asked<'_> {
    Asked { tenant: "t", namespace: "n", operation, target: &[], body }
}

fn key_of(operation: Operation, body: &str) -> Result<Key, Ambiguous> {
    let body = Object::parse(body.to_owned()).unwrap();
    ring().key(&asked(operation, &body))
}

fn chat(body: &str) -> Result<Key, Ambiguous> {
    key_of(Operation::ChatCompletion, body)
}

#[test]
fn texts_that_mean_the_same_have_one_key() {
    for same in [
        &[r#"{"model":"m","n":2}"#, r#"{ "n" : 2.0 , "model":"\u006D" }"#, "{\"n\":20e-1,\n\t\"mod\\u0065l\":\"m\"}"][..],
        &[r#"{"a":{"b":[1,{"c":null,"d":"/"}],"e":{}}}"#, r#"{"a":{"e":{ },"b":[ 1.0 ,{"d":"\/","c":null}]}}"#],
        &[
            r#"{"model":"m"}"#,
            r#"{"model":"m","n":1}"#,
            r#"{"model":"m","n":1.0}"#,
            r#"{"n":null,"model":"m","tools":null}"#,
        ],
        &[r#"{"a":"😀"}"#, r#"{"a":"\ud83d\ude00"}"#],
        &[r#"{"a":-0}"#, r#"{"a":0}"#, r#"{"a":0.0e9}"#],
        &[
            r#"{"model":"m"}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"user":"u","metadata":{"a":"b"}}"#,
            r#"{"model":"m","store":true,"safety_identifier":"s","prompt_cache_key":"k","prompt_cache_retention":"24h"}"#,
            r#"{"prompt_cache_options":{"mode":"explicit"},"service_tier":"flex","model":"m"}"#,
        ],
    ] {
        let keys: HashSet<_> = same.iter().map(|body| chat(body).unwrap()).collect();
        assert_eq!(keys.len(), 1, "{same:?}");
    }
}

#[test]
fn texts_that_mean_something_else_have_another() {
    let bodies = [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":"1"}"#,
        r#"{"a":[1]}"#,
        r#"{"a":[[1]]}"#,
        r#"{"a":{"1":1}}"#,
        r#"{"a":true}"#,
        r#"{"a":false}"#,
        r#"{"a":[null]}"#,
        r#"{"a":"null"}"#,
        r#"{"a":[]}"#,
        r#"{"a":{}}"#,
        r#"{"a":""}"#,
        r#"{"a":{"b":null}}"#,
        r#"{"a":[1,2]}"#,
        r#"{"a":[2,1]}"#,
        r#"{"a":[12]}"#,
        r#"{"a":[[1],2]}"#,
        r#"{"a":[[1,2]]}"#,
        r#"{"a":["b","c"]}"#,
        r#"{"a":["b\"c"]}"#,
        r#"{"a":["bc"]}"#,
        r#"{"a":[{"b":1},2]}"#,
        r#"{"a":[{"b":1,"2":2}]}"#,
        r#"{"a":[1],"b":[2]}"#,
        r#"{"a":[{"b":1},{"c":2}]}"#,
        r#"{"a":[{"b":1,"c":2}]}"#,
        r#"{"a":-1}"#,
        r#"{"a":1.0000000000000000000000000001}"#,
        r#"{"a":9007199254740993}"#,
        r#"{"a":9007199254740992}"#,
        r#"{"a":"é"}"#,
        // The same letter, but composed of two characters.
        "{\"a\":\"e\u{301}\"}",
        r#"{"a":"\ud83d"}"#,
        r#"{"a":"\ude00"}"#,
        "{\"a\":\"\u{fffd}\"}",
        r#"{"a":"\\ud83d"}"#,
        r#"{"A":1}"#,
        r#"{"n":2}"#,
        r#"{"x":{"stream":true}}"#,
        r#"{"x":{"stream":false}}"#,
    ];
    let keys: HashSet<_> = bodies.iter().map(|body| chat(body).unwrap()).collect();
    assert_eq!(keys.len(), bodies.len());
}

#[test]
fn members_that_are_left_out_depend_on_the_operation_and_on_settings() {
    let [kept, not_kept] = [r#"{"store":true}"#, r#"{"store":false}"#];
    let response = |body: &str| key_of(Operation::Response, body);
    assert_eq!(response(kept), response("{}"));
    assert_ne!(response(not_kept), response("{}"));
    // What the answer repeats is nobody else's to read.
    for (name, value) in [
        ("metadata", r#"{"patient":"alice"}"#),
        ("user", r#""alice""#),
        ("safety_identifier", r#""alice""#),
        ("prompt_cache_key", r#""alice""#),
        ("prompt_cache_retention", r#""24h""#),
        ("prompt_cache_options", r#"{"mode":"explicit"}"#),
        ("service_tier", r#""flex""#),
    ] {
        let body = format!("{{\"{name}\":{value}}}");
        assert_ne!(response(&body), response("{}"), "{name}");
        assert_eq!(key_of(Operation::Message, &body), key_of(Operation::Message, "{}"), "{name}");
    }
    assert_eq!(response(r#"{"stream":true,"stream_options":{"include_obfuscation":false}}"#), response("{}"));
    assert_eq!(key_of(Operation::Message, not_kept), key_of(Operation::Message, "{}"));
    assert_ne!(key_of(Operation::Message, r#"{"n":1}"#), key_of(Operation::Message, "{}"));

    let strict = Keyring::new([7; 32], [Box::from("seed")]);
    let key = |body: &'static str| strict.key(&asked(Operation::ChatCompletion, &Object::parse(body).unwrap()));
    assert_eq!(key(r#"{"seed":1}"#), key(r#"{"seed":2}"#));
    assert_ne!(key(r#"{"user":"a"}"#), key(r#"{"user":"b"}"#));
}

#[test]
fn what_two_readers_could_read_as_two_things_has_no_key() {
    let many = format!("{{\"a\":{{{}\"z\":1}}}}", (0..70_000).map(|at| format!("\"{at}\":1,")).collect::<String>());
    for body in [
        r#"{"a":{"b":1,"b":1}}"#,
        r#"{"a":[{"b":1,"c":2,"\u0062":3}]}"#,
        r#"{"stop":[{"a":{"":1,"":2}}]}"#,
        r#"{"a":1e99999999999999999999}"#,
        &many,
    ] {
        assert_eq!(chat(body), Err(Ambiguous), "{}", body.get(..40).unwrap_or(body));
    }
    let twice = Object::parse_with(r#"{"a":1,"a":1}"#, &llm_layers_wire::json::Limits::LENIENT).unwrap();
    assert_eq!(ring().key(&asked(Operation::ChatCompletion, &twice)), Err(Ambiguous));
}

#[test]
fn deep_nesting_out_of_order_is_put_in_order() {
    for long in [0, 5_000] {
        let [mut one, mut other] = [format!("\"{}\"", "x".repeat(long)), format!("\"{}\"", "x".repeat(long))];
        for _ in 0..125 {
            one = format!("{{\"b\":{one},\"a\":1}}");
            other = format!("{{\"a\":1,\"b\":{other}}}");
        }
        let [one, other] = [one, other].map(|value| chat(&format!("{{\"a\":{value}}}")).unwrap());
        assert_eq!(one, other);
    }
}

#[test]
fn long_values_count_to_their_last_byte() {
    let mut keys = HashSet::new();
    for length in [1_000, 1_022, 1_023, 1_024, 1_025, 1_026, 3_000] {
        let text = "x".repeat(length);
        for body in [
            format!("{{\"a\":\"{text}\"}}"),
            format!("{{\"a\":\"{text}y\"}}"),
            format!("{{\"a\":[\"{text}\"]}}"),
            format!("{{\"{text}\":1}}"),
            format!("{{\"a\":1{}}}", "3".repeat(length)),
            format!("{{\"a\":[{}1]}}", "2,".repeat(length)),
        ] {
            assert!(keys.insert(chat(&body).unwrap()));
            assert!(!keys.insert(chat(&body.replace('x', "\\u0078")).unwrap()));
        }
    }
}

#[test]
fn all_that_makes_a_request_counts_and_nothing_runs_into_its_neighbour() {
    let body = Object::parse(r#"{"a":1}"#).unwrap();
    let other = Object::parse(r#"{"a":2}"#).unwrap();
    let target = |parts: &[&'static str]| parts.iter().map(|part| Cow::from(part.as_bytes())).collect::<Vec<_>>();
    let [none, a, ab_c, a_bc, empty] = [&[][..], &["a"], &["ab", "c"], &["a", "bc"], &[""]].map(target);
    let asked = |tenant, namespace, operation, target, body| Asked { tenant, namespace, operation, target, body };
    let keys: HashSet<_> = [
        asked("t", "n", Operation::ChatCompletion, &none, &body),
        asked("t", "n", Operation::ChatCompletion, &none, &other),
        asked("t", "n", Operation::Message, &none, &body),
        asked("tn", "", Operation::ChatCompletion, &none, &body),
        asked("", "tn", Operation::ChatCompletion, &none, &body),
        asked("n", "t", Operation::ChatCompletion, &none, &body),
        asked("t", "n", Operation::ChatCompletion, &a, &body),
        asked("t", "n", Operation::ChatCompletion, &ab_c, &body),
        asked("t", "n", Operation::ChatCompletion, &a_bc, &body),
        asked("t", "n", Operation::ChatCompletion, &empty, &body),
    ]
    .iter()
    .map(|asked| *ring().key(asked).unwrap().digest())
    .collect();
    assert_eq!(keys.len(), 10);
    let again = Keyring::new([8; 32], []).key(&asked("t", "n", Operation::ChatCompletion, &none, &body)).unwrap();
    assert!(!keys.contains(again.digest()));
}

#[test]
fn tenants_and_namespaces_of_one_name_are_not_one_thing() {
    let (ring, other) = (ring(), Keyring::new([8; 32], []));
    assert_ne!(ring.tenant("a").0, ring.namespace("a").0);
    assert_ne!(ring.tenant("a").0, ring.tenant("b").0);
    assert_ne!(ring.tenant("a").0, other.tenant("a").0);
    let key = chat("{}").unwrap();
    assert!(key.tenant() == ring.tenant("t") && key.namespace() == ring.namespace("n"));
}

#[test]
fn a_key_is_written_by_its_digest_and_nothing_is_told_for_debugging() {
    let key = chat("{}").unwrap();
    let text = key.to_string();
    assert_eq!(text.len(), 64);
    assert!(text.starts_with(&format!("{:02x}{:02x}", key.digest()[0], key.digest()[1])));
    let body = Object::parse(r#"{"secret":"words"}"#).unwrap();
    let asked = Asked { tenant: "who", ..asked(Operation::ChatCompletion, &body) };
    let told = format!("{key:?}{:?}{:?}{asked:?}{:?}", key.tenant(), key.namespace(), ring());
    assert_eq!(told, "Key { .. }Tenant { .. }Namespace { .. }Asked { operation: ChatCompletion, .. }Keyring { .. }");
}

#[test]
fn an_input_has_one_key_whatever_it_is_asked_with() {
    let keys = |body: &'static str, inputs: &[&str]| {
        let body = Object::parse(body).unwrap();
        let inputs: Vec<_> = inputs.iter().map(|input| input.as_bytes()).collect();
        ring().inputs(&asked(Operation::Embedding, &body), &inputs)
    };
    let [x] = keys(r#"{"model":"m","input":"x"}"#, &[r#""x""#]).unwrap()[..] else { panic!() };
    assert_eq!(keys(r#"{"input":["x"],"user":"u","model":"m"}"#, &[r#""\u0078""#]).unwrap(), [x]);
    let several = keys(r#"{"model":"m","input":["y","x","y"]}"#, &[r#""y""#, r#""x""#, "\"y\""]).unwrap();
    assert!(several[0] == several[2] && several[1] == x && several[0] != x);
    let tokens = keys(r#"{"model":"m","input":[[1,2],[12]]}"#, &["[1, 2]", "[12]", "[1,2]"]).unwrap();
    assert!(tokens[0] == tokens[2] && tokens[0] != tokens[1]);
    assert_ne!(keys(r#"{"model":"o","input":"x"}"#, &[r#""x""#]).unwrap(), [x]);
    assert_ne!(keys(r#"{"model":"m","dimensions":8,"input":"x"}"#, &[r#""x""#]).unwrap(), [x]);
    assert_eq!(keys(r#"{"input":"x"}"#, &["\"x"]), Err(Ambiguous));
    let body = Object::parse(r#"{"model":"m","input":"x"}"#).unwrap();
    assert_ne!(ring().key(&asked(Operation::Embedding, &body)).unwrap(), x);
}

/// The members that count, by what they mean.
fn meaning(members: &BTreeMap<String, Tree>) -> BTreeMap<&str, Meaning> {
    let counts = |name: &str, tree: &Tree| {
        let is_left_out = DEFAULT_IGNORED.contains(&name) || matches!(tree, Tree::Null);
        let says_default = name == "n" && tree.meaning() == Tree::Number(1, 0).meaning();
        !(is_left_out || says_default)
    };
    let counted = members.iter().filter(|(name, tree)| counts(name, tree));
    counted.map(|(name, tree)| (name.as_str(), tree.meaning())).collect()
}

fn spelled(members: &BTreeMap<String, Tree>, dice: &[u8]) -> String {
    let members = members.iter().map(|(name, tree)| (name.encode_utf16().collect(), tree.clone())).collect();
    let mut text = String::new();
    Tree::Object(members).spell(&mut Dice::new(dice), &mut text);
    text
}

fn any_request() -> impl Strategy<Value = BTreeMap<String, Tree>> {
    let names = ["model", "messages", "n", "tools", "", "ä", "a\"b"].into_iter().chain(DEFAULT_IGNORED);
    let name = prop::sample::select(names.map(String::from).collect::<Vec<_>>());
    prop::collection::btree_map(name, any_tree(), 0..7)
}

fn any_dice() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn equal_meaning_gives_equal_keys(request in any_request(), one in any_dice(), other in any_dice(), ignored in any_tree()) {
        let mut changed = request.clone();
        changed.insert("user".into(), ignored);
        changed.entry("n".into()).or_insert(Tree::Number(10, -1));
        changed.entry("tools".into()).or_insert(Tree::Null);
        let (one, other) = (spelled(&request, &one), spelled(&changed, &other));
        prop_assert!(chat(&one).is_ok());
        prop_assert!(chat(&one) == chat(&other), "{one}\n{other}");
    }

    #[test]
    fn a_change_gives_another_key_just_where_it_changes_the_meaning(
        request in any_request(), changes in any_dice(), one in any_dice(), other in any_dice()
    ) {
        let mut changed = request.clone();
        let mut dice = Dice::new(&changes);
        let place = dice.below(request.len().max(1));
        if let Some(tree) = changed.values_mut().nth(place) {
            *tree = mutated(tree, &mut dice);
        }
        let same = meaning(&request) == meaning(&changed);
        let (one, other) = (spelled(&request, &one), spelled(&changed, &other));
        prop_assert!((chat(&one) == chat(&other)) == same, "{one}\n{other}");
    }

    #[test]
    fn any_two_requests_have_one_key_just_if_they_mean_the_same(one in any_request(), other in any_request(), dice in any_dice()) {
        let keys_agree = chat(&spelled(&one, &dice)) == chat(&spelled(&other, &dice));
        prop_assert_eq!(keys_agree, meaning(&one) == meaning(&other));
    }

    #[test]
    fn who_and_what_is_asked_counts(
        one in ("[ab]{0,2}", "[ab]{0,2}", prop::collection::vec("[ab]{0,2}", 0..3)),
        other in ("[ab]{0,2}", "[ab]{0,2}", prop::collection::vec("[ab]{0,2}", 0..3)),
    ) {
        let body = Object::new();
        let digest = |(tenant, namespace, target): &(String, String, Vec<String>)| {
            let target: Vec<_> = target.iter().map(|part| Cow::from(part.as_bytes())).collect();
            let asked = Asked { tenant, namespace, target: &target, ..asked(Operation::ChatCompletion, &body) };
            *ring().key(&asked).unwrap().digest()
        };
        prop_assert_eq!(digest(&one) == digest(&other), one == other);
    }

    #[test]
    fn any_bytes_are_a_value_or_none(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let domains = Domains::new(&[0; 32]);
        let _ = Form::new(&domains, 0).value(&bytes);
    }

    #[test]
    fn nearly_json_is_a_value_or_none(text in "[\\[\\]{}\",:0-9eE+.\\\\ua-f -]{0,60}") {
        let domains = Domains::new(&[0; 32]);
        let _ = Form::new(&domains, 0).value(text.as_bytes());
    }
}
