//! Models by name, and by words.

use std::sync::Arc;

use llm_layers_catalogue::{Capabilities, Capability, Catalogue, Model, Tier};

fn ids<'a>(models: impl Iterator<Item = &'a Arc<Model>>) -> Vec<&'a str> {
    models.map(|model| &*model.id).collect()
}

fn some() -> Catalogue {
    let mut catalogue = Catalogue::new();
    for model in [
        Model::new("openai", "gpt-4o").with_alias("chatgpt-4o-latest"),
        Model::new("openai", "gpt-4o-2024-05-13"),
        Model::new("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        Model::new("bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0").with_region("eu"),
        Model::new("gemini", "gemini-2.5-flash").with_capabilities([Capability::Tools]).with_tier(Tier::Small),
    ] {
        catalogue.insert(Arc::new(model));
    }
    catalogue
}

#[test]
fn the_nearest_name_wins() {
    let catalogue = some();
    for (provider, asked, found) in [
        ("openai", "gpt-4o", Some("gpt-4o")),
        ("openai", "chatgpt-4o-latest", Some("gpt-4o")),
        ("openai", "gpt-4o-2024-08-06", Some("gpt-4o")),
        ("openai", "gpt-4o-2024-05-13", Some("gpt-4o-2024-05-13")),
        ("openai", "gpt-4", None),
        ("gemini", "gpt-4o", None),
        ("nobody", "gpt-4o", None),
        ("gemini", "models/gemini-2.5-flash", Some("gemini-2.5-flash")),
        ("gemini", "gemini-2.5-flash-001", Some("gemini-2.5-flash")),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", Some("anthropic.claude-sonnet-4-5-20250929-v1:0")),
        (
            "bedrock",
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            Some("eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ),
        ("openai", "", None),
    ] {
        assert_eq!(catalogue.find(provider, asked).map(|model| &*model.id), found, "{provider}/{asked}");
    }
}

#[test]
fn all_words_have_to_be_there() {
    let catalogue = some();
    for (words, found) in [
        ("GPT", vec!["gpt-4o", "gpt-4o-2024-05-13"]),
        ("chatgpt", vec!["gpt-4o"]),
        ("openai 2024", vec!["gpt-4o-2024-05-13"]),
        ("small tools", vec!["gemini-2.5-flash"]),
        ("eu", vec!["eu.anthropic.claude-sonnet-4-5-20250929-v1:0"]),
        ("gpt tools", vec![]),
    ] {
        assert_eq!(ids(catalogue.search(words)), found, "{words}");
    }
    assert_eq!(catalogue.search(" ").count(), catalogue.models().len());
}

#[test]
fn a_model_replaces_the_one_of_the_same_id() {
    let mut catalogue = some();
    catalogue.insert(Arc::new(Model::new("openai", "gpt-4o").with_context_window(1).with_alias("gpt-4o-2024-05-13")));
    assert_eq!(catalogue.models().len(), 5);
    assert_eq!(catalogue.find("openai", "gpt-4o").and_then(|model| model.context_window), Some(1));
    // It has not the old alias, and has taken another's name over.
    assert!(catalogue.find("openai", "chatgpt-4o").is_none());
    assert_eq!(catalogue.find("openai", "gpt-4o-2024-05-13").map(|model| &*model.id), Some("gpt-4o"));
}

#[test]
fn sets_of_capabilities() {
    let has: Capabilities = [Capability::Tools, Capability::Vision].into_iter().collect();
    let needs = Capabilities::NONE.with(Capability::Vision).with(Capability::Audio);
    assert!(has.contains(Capability::Tools) && !has.contains(Capability::Audio));
    assert_eq!(needs.missing_from(has).iter().collect::<Vec<_>>(), [Capability::Audio]);
    assert!(needs.missing_from(needs).is_empty());
    assert_eq!(has.to_string(), "tools, vision");
    let all: Capabilities = Capability::ALL.into_iter().collect();
    assert_eq!(all.iter().collect::<Vec<_>>(), Capability::ALL);
}
