//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use jiff::civil::Date;

/// The variable that names the file where `--config` does not.
pub const CONFIG_VARIABLE: &str = "LLM_PROXY_CONFIG";
/// The file in the working directory that is used where nobody names one.
pub const DEFAULT_FILE: &str = "llm-proxy.toml";

/// An OpenAI-compatible proxy in front of any provider.
///
/// Without a file it uses the API keys in the environment and the model servers on this machine.
#[derive(Debug, Parser)]
#[command(name = "llm-proxy", args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do other than serve.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The configuration file [default: $LLM_PROXY_CONFIG, else llm-proxy.toml if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address and port to listen on, in place of the configured one
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

/// What to do other than serve.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a configuration file without starting
    Check {
        /// The file to check
        file: PathBuf,
    },
    /// Print what models cost and can do: those that have all of the words in their name, tier, kind or capabilities
    Catalogue {
        /// Words to search for
        words: Vec<String>,
        /// Models of this provider only
        #[arg(long, value_name = "NAME")]
        provider: Option<String>,
        /// JSON, a model a line
        #[arg(long)]
        json: bool,
        /// With the deployments of this configuration file, as it overrides them
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Print what calls have cost, by day, caller and deployment
    Totals {
        /// The ledger: a file of JSON lines, or the folder of `[layers.accounts] ledger`
        #[arg(required_unless_present = "redis", conflicts_with = "redis")]
        ledger: Option<PathBuf>,
        /// The totals of all replicas, in the Redis of `[layers.accounts] store`
        #[arg(long, value_name = "URL")]
        redis: Option<String>,
        /// Of the last days of these, today among them
        #[arg(long, value_name = "NUMBER", default_value = "31", requires = "redis", value_parser = clap::value_parser!(u16).range(1..=400))]
        days: u16,
        /// JSON, a row a line
        #[arg(long)]
        json: bool,
    },
    /// Compare a ledger with a provider's bill, day by day: exit 0 within the tolerance, 1 beyond, 2 if one is unreadable
    Reconcile {
        /// The ledger: a file of JSON lines, or the folder of `[layers.accounts] ledger`
        ledger: PathBuf,
        /// The bill, CSV: OpenAI's export of costs, Anthropic's cost report, or any with columns `date` and `amount`
        bill: PathBuf,
        /// Calls to this provider only
        #[arg(long, value_name = "NAME")]
        provider: Option<String>,
        /// By how much a day may differ
        #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = crate::reconcile::tolerance, allow_hyphen_values = true)]
        tolerance: rust_decimal::Decimal,
        /// The first day that the bill is of [default: its own first]
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// The last one; of days that it does not have, it bills nothing [default: its own last]
        #[arg(long, value_name = "DAY")]
        to: Option<Date>,
        /// Exit 2 where a line of the ledger is no entry, in place of leaving it out
        #[arg(long)]
        strict: bool,
    },
}

/// Where the configuration comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, which has to be there.
    File(PathBuf),
    /// The environment and this machine.
    Discovery,
}

impl Cli {
    /// Where the configuration comes from: `--config`, `LLM_PROXY_CONFIG`, `llm-proxy.toml`, and at
    /// last discovery. A file that somebody named and that is missing is never passed over.
    pub fn source(&self, env: impl Fn(&str) -> Option<OsString>, exists: impl Fn(&Path) -> bool) -> Source {
        let named = || env(CONFIG_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
        let default = || Some(PathBuf::from(DEFAULT_FILE)).filter(|path| exists(path));
        match self.config.clone().or_else(named).or_else(default) {
            Some(path) => Source::File(path),
            None => Source::Discovery,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cli(args: &[&str]) -> Cli {
        Cli::try_parse_from([&["llm-proxy"], args].concat()).unwrap()
    }

    #[test]
    fn the_definition_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn the_nearest_name_of_a_file_wins() {
        let file = |name: &str| Source::File(PathBuf::from(name));
        let set = |_: &str| Some(OsString::from("from-env.toml"));
        let unset = |_: &str| None;
        let empty = |_: &str| Some(OsString::new());
        let source = |args: &[&str], env: &dyn Fn(&str) -> Option<OsString>, exists| cli(args).source(env, |_| exists);
        assert_eq!(source(&["--config", "a.toml"], &set, true), file("a.toml"));
        assert_eq!(source(&[], &set, true), file("from-env.toml"));
        assert_eq!(source(&[], &unset, true), file("llm-proxy.toml"));
        assert_eq!(source(&[], &empty, false), Source::Discovery);
    }

    #[test]
    fn reads_what_to_search_the_catalogue_for() {
        let Some(Command::Catalogue { words, provider, json, config }) =
            cli(&["catalogue", "claude", "sonnet", "--provider", "bedrock", "--json"]).command
        else {
            panic!("another command");
        };
        assert_eq!((words, provider.as_deref(), json), (vec!["claude".into(), "sonnet".into()], Some("bedrock"), true));
        assert_eq!(config, None);
    }

    #[test]
    fn reads_check_and_listen() {
        assert!(matches!(cli(&["check", "a.toml"]).command, Some(Command::Check { .. })));
        assert_eq!(cli(&["--listen", "[::1]:1"]).listen.unwrap().port(), 1);
        assert!(Cli::try_parse_from(["llm-proxy", "--listen", "here"]).is_err());
    }
}
