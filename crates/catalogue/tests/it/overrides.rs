//! What a configuration says of a model.

use std::sync::Arc;

use llm_layers_catalogue::{
    Capability, Catalogue, Kind, Meter, Model, Overrides, PriceError, ServiceTier, Terms, Tier,
};

use super::{price, standard, thursday};

fn known() -> Model {
    Model::new("p", "m")
        .with_price(price(
            r#"{"input":"2","output":"8","above":[{"tokens":100,"input":"4"}],"batch":{"discount":"0.5"}}"#,
        ))
        .with_context_window(1_000)
        .with_capabilities([Capability::Tools])
        .with_region("us")
        .with_tier(Tier::Large)
        .with_data_policy(true, true)
}

fn overridden(toml: &str) -> Model {
    known().overridden_by(&toml::from_str(toml).unwrap()).unwrap()
}

fn input(model: &Model, prompt: u64, service: ServiceTier) -> Option<String> {
    let terms = Terms { service, at: thursday() };
    model.price.as_ref()?.named(Meter::Input, prompt, &terms).map(|price| price.to_string())
}

#[test]
fn nothing_said_changes_nothing() {
    let model = overridden("");
    assert_eq!(input(&model, 0, ServiceTier::Standard).as_deref(), Some("2"));
    assert_eq!((model.context_window, model.tier), (Some(1_000), Some(Tier::Large)));
}

#[test]
fn members_replace_those_of_the_row() {
    let model = overridden(
        r#"
        context_window = 8192
        max_output = 100
        capabilities = ["vision", "json_schema"]
        region = "eu"
        tier = "small"
        kind = "completion"
        deprecated = "2027-01-01"
        trains = false
        retains = false
        "#,
    );
    assert_eq!((model.context_window, model.max_output), (Some(8192), Some(100)));
    assert_eq!(model.capabilities.unwrap().to_string(), "vision, json_schema");
    assert_eq!(model.regions, ["eu".into()]);
    assert_eq!((model.tier, model.kind), (Some(Tier::Small), Kind::Completion));
    assert_eq!((model.trains, model.retains), (Some(false), Some(false)));
    assert!(model.deprecated.is_some());
    assert_eq!(overridden(r#"regions = ["eu", "ch"]"#).regions.len(), 2);
}

#[test]
fn amounts_are_the_whole_price() {
    let model = overridden(r#"price = { input = "3" }"#);
    assert_eq!(input(&model, 101, ServiceTier::Standard).as_deref(), Some("3"), "no step of the catalogue");
    assert_eq!(input(&model, 0, ServiceTier::Batch).as_deref(), Some("3"));
    let call = llm_layers_catalogue::Quantities { output: 1, ..Default::default() };
    assert!(model.price.unwrap().cost(&call, &standard()).is_err(), "and no output either");
}

#[test]
fn a_discount_is_of_what_the_catalogue_says() {
    let model = overridden(r#"price = { discount = "0.9", committed = { input_per_minute = 10 } }"#);
    assert_eq!(input(&model, 0, ServiceTier::Standard).as_deref(), Some("1.8"));
    assert_eq!(input(&model, 101, ServiceTier::Batch).as_deref(), Some("1.8"));
    assert_eq!(model.price.unwrap().capacity().unwrap().committed().input_per_minute, 10);
    let model = overridden(r#"price = { committed = { input_per_minute = 10 } }"#);
    assert_eq!(input(&model, 0, ServiceTier::Standard).as_deref(), Some("2"), "on the catalogue's price");
    assert_eq!(model.price.unwrap().capacity().unwrap().committed().input_per_minute, 10);
    let overrides: Overrides = toml::from_str("price = { committed = { input_per_minute = 10 } }").unwrap();
    assert_eq!(Model::new("p", "m").overridden_by(&overrides).unwrap_err(), PriceError::NothingToDiscount);
    let overrides: Overrides = toml::from_str(r#"price = { discount = "0.9" }"#).unwrap();
    assert_eq!(Model::new("p", "m").overridden_by(&overrides).unwrap_err(), PriceError::NothingToDiscount);
    let overrides: Overrides = toml::from_str(r#"price = { discount = "0.9", batch = { discount = "0.5" } }"#).unwrap();
    assert_eq!(known().overridden_by(&overrides).unwrap_err(), PriceError::Empty);
}

#[test]
fn mistakes_are_named() {
    for (toml, said) in [
        ("contxt_window = 1", "contxt_window"),
        ("price = { input = 2.5 }", "a decimal within quotes"),
        ("price = { inptu = \"2.5\" }", "inptu"),
        ("capabilities = [\"flying\"]", "flying"),
        ("tier = \"best\"", "best"),
    ] {
        let error = toml::from_str::<Overrides>(toml).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn an_overridden_model_goes_back_into_a_catalogue() {
    let mut catalogue = Catalogue::new();
    catalogue.insert(Arc::new(known()));
    catalogue.insert(Arc::new(overridden("context_window = 5")));
    assert_eq!(catalogue.find("p", "m").and_then(|model| model.context_window), Some(5));
}
