//! Integration tests of the proxy with real clients and raw peers, one binary: linking is most of a test build.

mod accounts;
mod anthropic_python;
mod async_openai;
mod bad_input;
mod cache;
mod dialects;
mod faults;
mod inbound;
mod keys;
mod native;
mod openai_node;
mod openai_python;
mod pairs;
mod redaction;
mod resilience;
mod routing;
mod three_ways;
mod tool_calls;
mod wire;
mod wire_streams;
mod wire_support;
