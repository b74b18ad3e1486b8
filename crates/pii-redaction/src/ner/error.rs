use std::{fmt, path::PathBuf};

use llm_layers_core::BoxError;

/// A model that cannot be opened, or has failed. What it prints holds no text that was searched.
#[derive(Debug)]
#[non_exhaustive]
pub enum NerError {
    /// ONNX Runtime cannot be loaded.
    Runtime(BoxError),
    /// The model's configuration cannot be read.
    Config {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: BoxError,
    },
    /// The tokenizer cannot be read, or has failed.
    Tokenizer(BoxError),
    /// The model cannot be read, or has failed.
    Model(BoxError),
    /// The model is none of tokens, or not one of these labels.
    Mismatch(&'static str),
    /// Nobody waits for the answer any more.
    GivenUp,
}

impl fmt::Display for NerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runtime(_) => f.write_str("ONNX Runtime cannot be loaded"),
            Self::Config { file, .. } => write!(f, "{} is no configuration of a token classifier", file.display()),
            Self::Tokenizer(_) => f.write_str("the tokenizer cannot be read, or has failed"),
            Self::Model(_) => f.write_str("the model cannot be read, or has failed"),
            Self::Mismatch(what) => write!(f, "the model does not fit: {what}"),
            Self::GivenUp => f.write_str("the model was given up"),
        }
    }
}

impl std::error::Error for NerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Runtime(source) | Self::Config { source, .. } | Self::Tokenizer(source) | Self::Model(source) => {
                Some(&**source)
            }
            Self::Mismatch(_) | Self::GivenUp => None,
        }
    }
}
