//! The bundled proxy: configuration, assembly, serving. What does the work is in the layers.

pub mod cli;
pub mod config;
