//! Whole files, good and bad.

mod bad;
mod discovery;
mod good;
mod secrecy;
mod shape;
mod warnings;

use super::{Config, Errors};

/// The environment of the tests.
fn env(name: &str) -> Option<String> {
    match name {
        "OPENAI_API_KEY" => Some("sk-openai".to_owned()),
        "ANTHROPIC_API_KEY" => Some(" sk-ant\n".to_owned()),
        "TEAM_A_KEY" => Some("team-a".to_owned()),
        "UPSTREAM" => Some("http://10.0.0.1/v1".to_owned()),
        "PASSWORD_URL" => Some("http://me:HUSH@host/v1".to_owned()),
        "EMPTY" => Some(String::new()),
        "TWO_LINES" => Some("HUSH\nHUSH".to_owned()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Config, Errors> {
    Config::parse_with(text, "test.toml", &env)
}
