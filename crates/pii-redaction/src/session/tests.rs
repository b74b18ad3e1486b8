use std::sync::Arc;

use llm_layers_core::Secret;
use llm_layers_pii::Detectors;
use proptest::prelude::*;

use super::*;
use crate::{Restorer, RulesError, Style, decrypt, restore::Escape};

const KEY: &str = "a key that is kept";

fn rules() -> Rules {
    Rules::new().key(&Secret::new(KEY))
}

fn session(rules: Rules) -> Session {
    Session::new(&Arc::new(rules), "tenant", "")
}

/// What somebody's detectors may find: words with an `@`, words of six digits or more, and `Nightjar`.
fn find(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut at = 0;
    for word in text.split(|char: char| char.is_whitespace() || "<>()\",;".contains(char)) {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let entity = match word {
            _ if word.contains('@') && word.contains('.') => Some(Entity::EMAIL),
            _ if digits == 9 => Some(Entity::US_SSN),
            _ if digits >= 12 => Some(Entity::CREDIT_CARD),
            _ if digits >= 6 => Some(Entity::new("customer")),
            "Nightjar" => Some(Entity::new("project")),
            _ => None,
        };
        findings.extend(entity.map(|entity| Finding { entity, range: at..at + word.len(), score: 0.9 }));
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    findings
}

fn finding(entity: &Entity, range: Range<usize>, score: f32) -> Finding {
    Finding { entity: entity.clone(), range, score }
}

fn redact(session: &mut Session, text: &str) -> String {
    session.redact(&Text::from(text), find(text), false).unwrap_or_else(|| text.to_owned())
}

fn counts(session: &Session) -> Vec<(String, u64)> {
    session.counts().map(|(entity, _, count)| (entity.to_string(), count)).collect()
}

const TEXT: &str = "Mail <anna@posteo.example> or anna@posteo.example, card 4111-1111-1111-1111, ssn 078-05-1120, no. C-123456, Nightjar.";

#[test]
fn the_same_value_gets_the_same_placeholder_and_all_come_back() {
    for rules in [Rules::new(), rules(), Rules::new().style(Style::default().tag_length(32).unwrap())] {
        let mut session = session(rules);
        let redacted = redact(&mut session, TEXT);
        for value in ["anna", "4111", "078-05", "123456"] {
            assert!(!redacted.contains(value), "{redacted}");
        }
        let placeholders: Vec<_> =
            redacted.split("<EMAIL_").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
        assert!(placeholders.len() == 2 && placeholders[0] == placeholders[1], "{redacted}");
        let twice =
            [("email", 2), ("credit_card", 1), ("us_ssn", 1), ("customer", 1)].map(|(name, n)| (name.to_owned(), n));
        assert_eq!(counts(&session), twice);
        assert!(!session.is_blocked());
        let vault = session.into_vault();
        assert_eq!(vault.len(), 4);
        assert_eq!(Restorer::new(vault).restore(&redacted, Escape::None).unwrap(), TEXT);
    }
}

#[test]
fn tags_repeat_with_a_key_within_a_scope_and_never_by_chance() {
    let redacted = |rules: Rules, scope: &str| redact(&mut Session::new(&Arc::new(rules), scope, ""), TEXT);
    assert_eq!(redacted(rules(), "a"), redacted(rules(), "a"));
    assert_ne!(redacted(rules(), "a"), redacted(rules(), "b"));
    assert_ne!(redacted(rules(), "a"), redacted(Rules::new().key(&Secret::new("another")), "a"));
    assert_ne!(redacted(Rules::new(), "a"), redacted(Rules::new(), "a"));
}

/// A session whose tags are known beforehand, as those of a request without a key are not.
fn fixed(body: String) -> Session {
    let session = Session::new(&Arc::new(Rules::new()), "", body);
    assert!(session.keyed.set(Keyed::new(Some(&[7; 32]), "")).is_ok());
    session
}

#[test]
fn a_tag_that_the_request_brings_along_is_not_given_to_a_value() {
    let first = redact(&mut fixed(String::new()), "anna@posteo.example");
    for typed in [first.clone(), first.to_uppercase(), first.replace(['<', '>'], "").replace('_', "\\n")] {
        let text = format!("{typed} is what the log says of anna@posteo.example");
        let mut session = fixed(format!("{{\"content\":\"{text}\"}}"));
        let found = vec![finding(&Entity::EMAIL, text.len() - 19..text.len(), 1.0)];
        let redacted = session.redact(&Text::from(&text), found, false).unwrap();
        assert!(redacted.starts_with(&typed) && !redacted.ends_with(&first), "{redacted}");
        let restored = Restorer::new(session.into_vault()).restore(&redacted, Escape::None);
        assert_eq!(restored.unwrap(), text, "what was typed is not restored, nor redacted");
    }
}

/// An answer that was cut, or a tool's log, has left it in the conversation.
#[test]
fn under_a_key_a_value_keeps_its_placeholder_through_a_conversation() {
    let first = redact(&mut session(rules()), "anna@posteo.example");
    let text = format!("{first} is what the log says of anna@posteo.example");
    let mut session = Session::new(&Arc::new(rules()), "tenant", text.clone());
    let found = vec![finding(&Entity::EMAIL, text.len() - 19..text.len(), 1.0)];
    let redacted = session.redact(&Text::from(&text), found, false).unwrap();
    assert!(redacted.starts_with(&first) && redacted.ends_with(&first), "{redacted}");
    // That of another value, which the request brings along, stays nobody's.
    let mut session = Session::new(&Arc::new(rules()), "tenant", text);
    assert_ne!(redact(&mut session, "bert@posteo.example"), first);
}

#[test]
fn without_chance_nothing_that_could_be_guessed_leaves() {
    for action in [Action::Placeholder, Action::Hash, Action::Fake, Action::Encrypt] {
        let mut session = session(Rules::new().default_action(action));
        assert!(session.keyed.set(None).is_ok());
        assert_eq!(redact(&mut session, "anna@posteo.example"), "****@****");
        assert!(session.into_vault().is_empty());
    }
}

#[test]
fn what_looks_like_redacted_hides_nothing() {
    let detectors = Detectors::builder().words("bird", ["Nightjar", "1234"]).also([Entity::PERSON]).build().unwrap();
    for (text, value) in [
        ("<GB82WEST12345698765432_deadbeef>", "GB82WEST12345698765432"),
        ("<X_4111111111111111_deadbeef>", "4111111111111111"),
        ("<AKIAIOSFODNN7EXAMPLE_deadbeef>", "AKIAIOSFODNN7EXAMPLE"),
        ("<NIGHTJAR_deadbeef>", "NIGHTJAR"),
        ("<GB82WEST12345698765432:h:abcdef0123456789>", "GB82WEST12345698765432"),
        ("<AKIAIOSFODNN7EXAMPLE:h:abcdef0123456789>", "AKIAIOSFODNN7EXAMPLE"),
        ("my ****Nightjar", "Nightjar"),
        ("my PIN is ****1234", "1234"),
        ("my SSN is ****536-22-1234", "536"),
    ] {
        for action in [Action::Placeholder, Action::Mask, Action::Hash, Action::Block] {
            let rules = Arc::new(Rules::new().default_action(action.clone()));
            let mut session = Session::new(&rules, "", "");
            let blanked = crate::placeholder::blanked(text, &rules);
            let found = detectors.find(blanked.as_ref().map_or(text, |text| text.as_str()));
            let redacted = session.redact(&Text::from(text), found, false).unwrap_or_else(|| text.to_owned());
            assert_eq!(counts(&session).len(), 1, "{action:?}: {text}");
            assert!(
                session.is_blocked() || !redacted.contains(value) || action == Action::Mask && value == "1234",
                "{redacted}"
            );
        }
    }
}

/// What looks at the text as it stands may take the tag along.
#[test]
fn a_number_in_a_names_place_is_found_with_its_tag() {
    for (text, is_found) in [
        ("<X_4111111111111111_deadbeef>", true),
        ("<A1B2C3D4_deadbeef>", true),
        ("<PET_deadbeef>", false),
        ("<EMAIL_deadbeef>", false),
    ] {
        let mut session = session(rules());
        let end = text.len() - 1;
        let redacted = session.redact(&Text::from(text), vec![finding(&Entity::CREDIT_CARD, 1..end, 1.0)], false);
        assert_eq!(redacted.is_some(), is_found, "{redacted:?}");
    }
}

#[test]
fn where_no_tag_is_free_values_are_masked() {
    let rules = Arc::new(Rules::new().style(Style::default().tag_length(4).unwrap()));
    let all = |from: u32| (from..=0xffff).map(|tag| format!("{tag:04x} ")).collect::<String>();
    let mut session = Session::new(&rules, "", all(0));
    assert_eq!(redact(&mut session, "anna@posteo.example"), "****@****");
    assert!(session.into_vault().is_empty());
    let mut session = Session::new(&rules, "", all(0x2000));
    let redacted = redact(&mut session, "anna@posteo.example");
    assert!(redacted.starts_with("<EMAIL_0") || redacted.starts_with("<EMAIL_1"), "{redacted}");
}

#[test]
fn actions_are_taken_by_kind() {
    let rules = rules()
        .action(Entity::EMAIL, Action::Hash)
        .action(Entity::CREDIT_CARD, Action::Mask)
        .action(Entity::US_SSN, Action::Encrypt)
        .action(Entity::new("customer"), Action::Report)
        .action(Entity::new("project"), Action::Replace("our \"project\"".into()));
    assert_eq!(rules.check(), Ok(()));
    let mut session = session(rules);
    let redacted = session.redact(&Text::from("Nightjar"), vec![finding(&Entity::new("project"), 0..8, 1.0)], false);
    assert_eq!(redacted.unwrap(), "our \"project\"");
    let redacted = session.redact(&Text::from("Nightjar"), vec![finding(&Entity::new("project"), 0..8, 1.0)], true);
    assert_eq!(redacted.unwrap(), "our 'project'");
    let redacted = redact(&mut session, TEXT);
    assert!(redacted.starts_with("Mail <<EMAIL:h:"), "{redacted}");
    assert!(redacted.contains("card ****1111, ssn <US_SSN:e:"), "{redacted}");
    assert!(redacted.ends_with("no. C-123456, Nightjar."), "{redacted}");
    assert!(decrypt(&Secret::new(KEY), &redacted).unwrap().contains("ssn 078-05-1120, no."));
    assert!(session.into_vault().is_empty());
}

#[test]
fn what_is_blocked_or_reported_hides_nothing_else() {
    let whole = Entity::new("whole");
    let text = Text::from("a anna@posteo.example");
    let found = || vec![finding(&whole, 0..21, 1.0), finding(&Entity::EMAIL, 2..21, 0.6)];
    for action in [Action::Block, Action::Report, Action::Ignore] {
        let mut session = session(Rules::new().action(whole.clone(), action.clone()));
        assert!(session.redact(&text, found(), false).unwrap().starts_with("a <EMAIL_"));
        assert_eq!(session.is_blocked(), action == Action::Block);
        assert_eq!(counts(&session).len(), if action == Action::Ignore { 1 } else { 2 });
    }
}

#[test]
fn to_encrypt_takes_a_key() {
    let rules = Rules::new().action(Entity::EMAIL, Action::Encrypt);
    assert_eq!(rules.check(), Err(RulesError::NoKey));
    let redacted = redact(&mut session(rules), "anna@posteo.example");
    assert_eq!(redacted, "****@****", "whoever has not checked leaks nothing");
}

#[test]
fn of_overlapping_findings_the_surest_counts_and_of_the_others_what_is_left() {
    let person = Entity::PERSON;
    let text = Text::from("Anna Smith anna@x.example, Anna");
    let mut session = session(Rules::new());
    let found = vec![
        finding(&person, 0..16, 0.7),
        finding(&Entity::EMAIL, 11..25, 0.9),
        finding(&person, 0..4, 0.6),
        finding(&person, 27..31, 0.6),
        finding(&Entity::EMAIL, 500..600, 0.9),
    ];
    let redacted = session.redact(&text, found, false).unwrap();
    assert!(
        redacted.starts_with("<PERSON_") && redacted.contains("> <EMAIL_") && redacted.contains(", <PERSON_"),
        "{redacted}"
    );
    assert_eq!(counts(&session), [("person".to_owned(), 2), ("email".to_owned(), 1)]);
    assert_eq!(Restorer::new(session.into_vault()).restore(&redacted, Escape::None).unwrap(), text.text);
}

#[test]
fn a_value_over_two_parts_is_replaced_in_the_first() {
    let parts = ["mail anna@pos", "", "teo.example now", "anna@posteo.example"].map(Text::from);
    let mut session = session(rules());
    let found = vec![finding(&Entity::EMAIL, 5..24, 1.0), finding(&Entity::EMAIL, 28..47, 1.0)];
    let redacted = session.redact_parts(&parts, found, false);
    let placeholder = redacted[3].clone().unwrap();
    assert_eq!(redacted[0], Some(format!("mail {placeholder}")));
    assert_eq!((redacted[1].as_deref(), redacted[2].as_deref()), (None, Some(" now")));
    assert_eq!(session.redact_parts(&parts, Vec::new(), false), [None, None, None, None]);
}

#[test]
fn a_fixed_text_hides_nothing_that_it_is_a_part_of() {
    for fixed in ["a", "posteo.example", "", "anna@posteo.example, too"] {
        let rules = Rules::new().action(Entity::new("other"), Action::Replace(fixed.into()));
        let text = "anna@posteo.example";
        let redacted = redact(&mut session(rules), text);
        assert!(redacted.starts_with("<EMAIL_") && redacted.ends_with('>'), "{redacted}");
    }
    let rules = Rules::new().action(Entity::new("other"), Action::Replace("our anna@posteo.example, too".into()));
    let text = "our anna@posteo.example, too";
    assert_eq!(redact(&mut session(rules), text), text);
}

#[test]
fn what_is_nested_is_kept_as_it_is_meant() {
    let text = Text::from(r#"{"a":"pass \"w\\o\nrd\" x"#);
    let mut session = session(Rules::new());
    let redacted = session.redact(&text, vec![finding(&Entity::SECRET, 11..23, 1.0)], true).unwrap();
    let restorer = Restorer::new(session.into_vault());
    assert_eq!(restorer.restore(&redacted, Escape::Json).unwrap(), text.text);
    assert!(restorer.restore(&redacted, Escape::None).unwrap().contains("\"w\\o\nrd"));
}

#[test]
fn json_stays_valid_whatever_takes_a_values_place() {
    let text = r#"{"a":"x\"y\\z\n"}"#;
    let [placeholder, mask, hash, fake, encrypt] =
        [Action::Placeholder, Action::Mask, Action::Hash, Action::Fake, Action::Encrypt];
    for action in [placeholder, mask, hash, fake, encrypt, Action::Replace("\"\\\n\u{0}".into())] {
        let mut session = session(rules().default_action(action));
        let redacted = session.redact(&Text::from(text), vec![finding(&Entity::new("c"), 6..15, 1.0)], true).unwrap();
        let json: serde_json::Value = serde_json::from_str(&redacted).unwrap();
        assert!(json["a"].is_string());
        assert!(!redacted.contains('\\'), "{redacted}");
    }
}

#[test]
fn nothing_that_is_printed_holds_a_value() {
    let mut session = session(rules());
    let redacted = redact(&mut session, TEXT);
    let printed = format!("{session:?} {:?} {redacted}", session.rules);
    let printed = printed + &format!("{:?}", session.into_vault());
    for value in ["anna", "4111", "078", "123456", KEY] {
        assert!(!printed.contains(value), "{printed}");
    }
}

#[test]
fn hostile_findings_are_merged_in_little_more_than_linear_time() {
    let text = "a1 ".repeat(50_000);
    let mut findings: Vec<_> = (0..50_000).map(|at| finding(&Entity::EMAIL, 3 * at..3 * at + 2, 0.5)).collect();
    findings.extend((0..50_000).map(|at| finding(&Entity::PERSON, at..text.len() - at, 0.4)));
    findings.extend((0..50_000).map(|at| finding(&Entity::PERSON, at..at + 2, 0.9)));
    let mut session = session(Rules::new());
    let redacted = session.redact(&Text::from(&text), findings, false).unwrap();
    assert_eq!(Restorer::new(session.into_vault()).restore(&redacted, Escape::None).unwrap(), text);
}

#[test]
fn hostile_texts_are_searched_for_own_forms_in_linear_time() {
    for text in [
        "*".repeat(1 << 20),
        "<".repeat(1 << 20),
        "<A:e:".repeat(1 << 17),
        "<A:e:A".repeat(1 << 16) + &"A".repeat(1 << 19),
    ] {
        let mut session = session(rules());
        let end = text.len();
        let redacted = session.redact(&Text::from(&text), vec![finding(&Entity::EMAIL, end - 1..end, 1.0)], false);
        assert!(redacted.is_none_or(|redacted| redacted.starts_with(&text[..end - 1])));
    }
}

/// Words between which values stand: anything, and what looks like what redaction writes.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "\\PC{0,8}".prop_map(|text| text),
        1 => any::<String>(),
        2 => prop::sample::select(vec![
            "<", ">", "<<", "\\", "\\\\", "&lt;", "\u{ff1c}", "<EMAIL_", "EMAIL_", "EMAIL ", "US_", "<EMAIL_7f3a09c2>", "email_7f3a09c2",
            "\\u003c", "[", "]", "****", "****1", "<EMAIL:h:", "<EMAIL:e:AAAA>", "_", "a", "7f3a09c2", "n", "\n", "%3C", "-",
        ]).prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = (Entity, String)> {
    let entity = prop::sample::select(vec![Entity::EMAIL, Entity::US_SSN, Entity::PERSON, Entity::new("c")]);
    let value = prop_oneof![
        Just("anna@posteo.example".to_owned()),
        Just("078-05-1120".to_owned()),
        Just("a\"b\\c\n\u{2028}".to_owned()),
        "[a-z0-9<>_* ]{1,12}",
        "\\PC{1,12}",
    ];
    (entity, value)
}

fn style() -> impl Strategy<Value = Style> {
    prop::sample::select(vec![("<", ">"), ("[[", "]]"), ("&", ";"), ("⟦", "⟧"), ("<<", ">>"), ("%", "%")])
        .prop_flat_map(|(open, close)| {
            (4_usize..33, any::<bool>()).prop_map(move |(digits, is_lower)| {
                let style = Style::default().brackets(open, close).unwrap().tag_length(digits).unwrap();
                if is_lower { style.lower_case() } else { style }
            })
        })
}

proptest! {
    #[test]
    fn restoring_gives_the_text_by_every_chunking(
        pieces in prop::collection::vec((word(), value()), 0..6),
        last in word(),
        style in style(),
        size in 1_usize..9,
    ) {
        let mut text = String::new();
        let mut findings = Vec::new();
        for (word, (entity, value)) in &pieces {
            text.push_str(word);
            findings.push(finding(entity, text.len()..text.len() + value.len(), 1.0));
            text.push_str(value);
        }
        text.push_str(&last);
        let mut session = Session::new(&Arc::new(Rules::new().style(style)), "", text.clone());
        let redacted = session.redact(&Text::from(&text), findings, false).unwrap_or_else(|| text.clone());

        // With nothing but the exact placeholders put back, every byte is there.
        let vault = session.into_vault();
        let (open, close, digits) = (vault.style.open(), vault.style.close(), vault.style.digits());
        let exact = vault.entries.iter().fold(redacted.clone(), |text, entry| {
            text.replace(&format!("{open}{}_{:0digits$x}{close}", entry.name, entry.tag), &entry.value)
        });
        prop_assert_eq!(&exact, &text);

        let restorer = Restorer::new(vault);
        prop_assert_eq!(restorer.restore(&redacted, Escape::None).unwrap_or_else(|| redacted.clone()), text.clone());
        let mut stream = crate::restore::Stream::new(restorer, Escape::None);
        let mut out = String::new();
        let chars: Vec<_> = redacted.chars().collect();
        for piece in chars.chunks(size) {
            stream.push(&piece.iter().collect::<String>(), &mut out);
        }
        stream.finish(&mut out);
        prop_assert_eq!(out, text);
    }

    #[test]
    fn what_was_redacted_is_not_redacted_again(
        words in prop::collection::vec(prop_oneof![
            3 => Just("anna@posteo.example".to_owned()),
            3 => Just("4111-1111-1111-1111".to_owned()),
            3 => "[0-9]{3}-[0-9]{2}-[0-9]{4}",
            2 => "C-[0-9]{6}",
            1 => Just("Nightjar".to_owned()),
            2 => "[a-z<>*@.]{0,6}",
        ], 0..12),
        action in prop::sample::select(vec![
            Action::Placeholder, Action::Mask, Action::Hash, Action::Fake, Action::Encrypt, Action::Replace("Nightjar".into()),
            Action::Replace("anna@posteo.example".into()), Action::Report,
        ]),
    ) {
        let text = words.join(" ");
        let rules = rules().default_action(action);
        let once = redact(&mut session(rules.clone()), &text);
        let mut again = session(rules);
        prop_assert_eq!(redact(&mut again, &once), once);
        prop_assert!(again.into_vault().is_empty());
    }
}

#[test]
fn what_was_redacted_is_not_found_again() {
    let detectors = Detectors::builder().also(Entity::KNOWN.iter().cloned()).build().unwrap();
    let text = "Mr John Smith, born 12/03/1985, 221B Baker Street, London NW1 6XE, lives at 51.5238, -0.1586. \
        Mail <anna@posteo.de> or call +1 (415) 867-5309 or +49 30 901820. Card 4111 1111 1111 1111, \
        IBAN DE89 3704 0044 0532 0130 00, SSN 536-22-1234, NHS number 943 476 5919, CPF 529.982.247-25, \
        PESEL 44051401359, from IP address 8.8.4.4 and 2a00:1450:4001:81b::200e at 3c:22:fb:01:02:03, \
        postgres://user:hunter22@db.acme.com/x, AKIAIOSFODNN7EXAMPLE, passport number C01234567, \
        bitcoin 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, password = \"correct-Horse7battery\".";
    for action in [
        Action::Placeholder,
        Action::Mask,
        Action::Hash,
        Action::Fake,
        Action::Encrypt,
        Action::Replace("[call +49 30 901820]".into()),
    ] {
        let rules = rules().default_action(action.clone());
        let redact = |text: &str| {
            let mut session = session(rules.clone());
            let redacted = session.redact(&Text::from(text), detectors.find(text), false);
            (redacted.unwrap_or_else(|| text.to_owned()), counts(&session))
        };
        let (once, found) = redact(text);
        assert!(found.len() >= 10, "{found:?}");
        let (again, found) = redact(&once);
        assert_eq!(again, once, "{action:?}: {found:?}");
        assert_eq!(found, [], "{action:?}");
    }
}
