use std::path::Path;

use super::NerError;

/// ONNX Runtime, loaded from a shared library.
///
/// A process has one: the first that is loaded stays.
#[derive(Clone, Copy, Debug)]
pub struct OnnxRuntime(());

impl OnnxRuntime {
    /// Loads the library (`libonnxruntime.so`, `onnxruntime.dll` or `libonnxruntime.dylib`), of version 1.17 or later.
    /// A path that is not absolute is sought beside the program, then where the system keeps libraries.
    ///
    /// # Errors
    /// There is no such library, or it is too old.
    pub fn load(library: impl AsRef<Path>) -> Result<Self, NerError> {
        let environment = ort::init_from(library).map_err(|error| NerError::Runtime(error.into()))?;
        // `false` where it was set up before, which is as well.
        environment.with_name("llm-layers").commit();
        Ok(Self(()))
    }
}
