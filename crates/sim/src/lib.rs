#![doc = include_str!("../docs.md")]

mod answer;
mod anthropic;
mod azure;
mod bedrock;
mod bench;
mod call;
mod cohere;
mod counts;
mod fault;
mod gemini;
mod handle;
mod ids;
mod look;
mod memo;
mod ollama;
mod openai;
mod record;
mod reply;
mod server;
mod sim;
mod spelling;
mod state;

pub use counts::Counts;
pub use fault::{Fault, FaultError};
pub use handle::SimHandle;
pub use record::Received;
pub use sim::{Dialect, Sim};
