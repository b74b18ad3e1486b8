use proptest::{
    strategy::{Strategy, ValueTree},
    string::string_regex,
    test_runner::TestRunner,
};

use super::VENDORS;
use crate::{Detectors, Entity, Form};

fn secrets() -> Detectors {
    Detectors::builder().only([Entity::SECRET]).build().unwrap()
}

fn found<'a>(detectors: &Detectors, text: &'a str) -> Vec<&'a str> {
    detectors.find(text).into_iter().map(|finding| &text[finding.range]).collect()
}

#[test]
fn keys_of_every_vendor_are_found_wherever_they_stand() {
    let (detectors, mut runner) = (secrets(), TestRunner::deterministic());
    let mut failed = Vec::new();
    for row in VENDORS {
        let Form::Pattern(pattern) = row.form else { panic!("{row:?}") };
        let keys = string_regex(pattern).unwrap();
        let mut missed = 0;
        for _ in 0..40 {
            let key = keys.new_tree(&mut runner).unwrap().current();
            for text in
                [format!("use {key} now"), format!("{{\"k\":\"{key}\"}}"), format!("KEY={key}\n"), format!("({key}).")]
            {
                missed += usize::from(!found(&detectors, &text).contains(&key.as_str()));
            }
            let glued = format!("Q7{key}");
            assert!(!found(&detectors, &glued).contains(&key.as_str()), "{glued}");
        }
        if missed > 8 {
            failed.push((pattern, missed));
        }
    }
    assert!(failed.is_empty(), "missed of 160: {failed:?}");
}

#[test]
fn rows_name_their_sources() {
    for row in VENDORS.iter().chain(super::ALL) {
        assert!(row.source.contains("2026-11"), "{row:?}");
    }
}

#[test]
fn secrets_in_sentences_code_and_configuration() {
    let detectors = secrets();
    for (text, secret) in [
        ("key AKIAIOSFODNN7EXAMPLE,", "AKIAIOSFODNN7EXAMPLE"),
        ("aws: wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzAMPLEKEY"),
        (
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
        ("Here is my api key: 9f8aB3kQ7xW2mN5pR8cV1z.", "9f8aB3kQ7xW2mN5pR8cV1z"),
        ("our token for that was 9f8aB3kQ7xW2mN5pR8cV1z, I think", "9f8aB3kQ7xW2mN5pR8cV1z"),
        ("postgres://app:s3cr3t@db/app", "postgres://app:s3cr3t@db/app"),
        (
            "xoxb-123456789012-1234567890123-abcdefghijklmnopqrstuvwx",
            "xoxb-123456789012-1234567890123-abcdefghijklmnopqrstuvwx",
        ),
        ("SharedAccessKey=Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==;", "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg=="),
        ("curl -H 'Authorization: Bearer 9f8aB3kQ7xW2mN5pR8cV1z'", "9f8aB3kQ7xW2mN5pR8cV1z"),
        ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"),
    ] {
        assert_eq!(found(&detectors, text), [secret], "{text}");
    }
    let member = crate::Text { text: "correct-horse", member: "password" };
    assert_eq!(detectors.find(member).len(), 1);
}

#[test]
fn what_names_things_is_no_secret() {
    let detectors = secrets();
    for text in [
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "\"integrity\": \"sha512-9aB3kQ7xW2mN5pR8cV1z9aB3kQ7xW2mN5pR8cV1z9aB3kQ7xW2mN5pR8cV1z9aB3kQ7xW2mN5pR8cV1z==\"",
        "checksum = \"b9e0384b61958566e926dc50660321d12159025e767c18e043daf26b70104c39\"",
        "<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk\">",
        "let token = tokens.next_token().unwrap_or(Token::EndOfFile2);",
        "password: str = Field(min_length=8, max_length=128)",
        "api_key: Optional[str] = os.getenv(\"OPENAI_API_KEY_2\")",
        "OPENAI_API_KEY=sk-your-api-key-goes-here-123456",
        "token_type_ids = torch.zeros(input_ids.shape)",
        "secretKeyRef: {name: db-credentials-v2, key: password}",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "class=\"sk-fading-circle-animation-10\"",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq\n-----END CERTIFICATE-----",
        "The secret to good bread is time, and 500 grams of flour.",
    ] {
        assert_eq!(found(&detectors, text), [""; 0], "{text}");
    }
}
