use crate::{Detectors, Entity, Text};

#[track_caller]
fn finds(texts: &[&str]) {
    let set = Detectors::builder().only([Entity::PERSON]).build().unwrap();
    for marked in texts {
        let text = marked.replace(['[', ']'], "");
        let expected: Vec<&str> = marked.split('[').skip(1).filter_map(|part| part.split(']').next()).collect();
        let found: Vec<&str> = set.find(text.as_str()).into_iter().map(|finding| &text[finding.range]).collect();
        assert_eq!(found, expected, "in {text:?}");
    }
}

#[test]
fn names_after_cues() {
    finds(&[
        "Hi, my name is [Anna Schmidt] and I need help",
        "my name is [john smith].",
        "my name is [john] and i need help",
        "I am [Peter].",
        "I'm [Jean-Luc Picard] from Paris",
        "Dr. [Anna-Maria van der Berg] said",
        "Mr [Smith] and Mrs. [O'Neil]",
        "Frau Dr. [Schmidt] kommt",
        "Dear [Anna],",
        "Dear Mr. [J. R. Smith],",
        "Hi [Anna], how are you?",
        "Kind regards,\n[Anna Schmidt]\nSales",
        "Mit freundlichen Grüßen\n\n[Jörg Müller-Lüdenscheidt]",
        "ich heiße [Jürgen Müller], und",
        "Je m'appelle [François Dupont]",
        "Me llamo [María del Carmen López García].",
        "mi chiamo [Luca Rossi]",
        "Contact: [J.R.R. Tolkien] at",
        "Name: [Anna Schmidt]\nAge: 5",
        "姓名：[王伟]",
        "contact [John Doe] for details",
        "patient [Maria Gonzalez] was seen",
        "我叫[王伟]。",
        "меня зовут [Анна Каренина]",
    ]);
}

#[test]
fn what_is_no_name() {
    finds(&[
        "I am German and tired",
        "I am Not Sure",
        "This is Important",
        "this is it",
        "Dear Customer,",
        "Dear Sir or Madam,",
        "Hi Team,",
        "Hello World",
        "hello world",
        "Mr. President",
        "call me later, call me Monday",
        "named pipe, called function",
        "contact support, contact Support Team",
        "Best regards",
        "Regards to all of you",
        "name: get_user, name: String",
        "from Vec::new()",
        "premiss smith",
        "called LICENSE at the top, signature BIT STRING, Signature Cryptographic Provider",
        "- name: Install toolchain",
        "Sehr geehrte Damen und Herren",
        "",
    ]);
}

#[test]
fn members_tell() {
    let set = Detectors::builder().only([Entity::PERSON]).build().unwrap();
    for (member, text, is_name) in [
        ("first_name", "anna", true),
        ("lastName", "O'Neil", true),
        ("Full-Name", " Anna Schmidt ", true),
        ("surname", "Müller", true),
        ("customer_name", "ACME 5", false),
        ("first_name", "null", false),
        ("first_name", "a@b.example", false),
        ("name", "Anna Schmidt", true),
        ("name", "Schmidt, Anna", true),
        ("name", "get_user", false),
        ("name", "search", false),
        ("author", "Ursula K. Le Guin", true),
        ("title", "Anna Schmidt", false),
        ("", "Anna Schmidt", false),
    ] {
        let found = set.find(Text { text, member });
        let expected = if is_name { vec![text.trim()] } else { vec![] };
        let found: Vec<&str> = found.into_iter().map(|finding| &text[finding.range]).collect();
        assert_eq!(found, expected, "{member}: {text:?}");
    }
}

#[test]
fn off_unless_asked_for() {
    assert!(Detectors::default().find("my name is Anna Schmidt").is_empty());
}
