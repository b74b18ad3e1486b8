pub mod json;
pub mod openai;
pub mod sse;
