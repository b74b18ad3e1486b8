//! What `cargo xtask sdk` gives to its judges, who are other people's SDKs.
//!
//! `sdk-capture requests FOLDER OUT` sends every request of `FOLDER/*.json` to every kind of provider, plain and
//! streamed, and writes a line of JSON each to `OUT`: what was asked, what reached the provider, and the answer.
//! `sdk-capture serve PORT` serves the same providers under `/KIND/v1/…`, for SDKs that hold conversations, and at
//! `/kinds` a list of them, with the simulators behind them.

mod capture;
mod kinds;
mod serve;
mod stack;

use std::process::ExitCode;

const USAGE: &str = "usage: sdk-capture requests FOLDER OUT | serve PORT";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["requests", folder, out] => capture::run(folder.as_ref(), out.as_ref()).await,
        ["serve", port] => match port.parse() {
            Ok(port) => serve::run(port).await,
            Err(_) => Err(format!("`{port}` is no port\n{USAGE}")),
        },
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sdk-capture: {message}");
            ExitCode::FAILURE
        }
    }
}
