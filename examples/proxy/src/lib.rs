//! The bundled proxy: configuration, assembly, serving. What does the work is in the layers.
//!
//! - [`config`]: the file, or what is found without one;
//! - [`stack`]: the layers put together for a configuration: who may call, where a model is, the
//!   translation, the HTTP client;
//! - [`serve`]: sockets, the proxy's own endpoints, reloading, shutting down;
//! - `client`: the HTTP client, between the stack and the providers;
//! - [`catalogue`]: what models cost and can do, for people to read;
//! - [`ledger`], [`totals`], [`reconcile`]: what calls have cost, by day, and beside a bill;
//! - [`start`]: from the command line to a server that runs.

pub mod catalogue;
pub mod cli;
mod client;
pub mod config;
pub mod ledger;
pub mod reconcile;
pub mod serve;
pub mod stack;
pub mod start;
pub mod totals;
