//! What the tests need beside Rust: the SDKs of real clients, and a Redis.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::process::{output, run};
use crate::system::{apt_install, find};
use crate::workspace::Workspace;

/// Where the tests find the real clients.
#[derive(Debug)]
pub(crate) struct Clients {
    /// Python of the environment that holds the SDKs.
    pub(crate) python: PathBuf,
    /// The folder of the Node cases, with its `node_modules`.
    pub(crate) node: PathBuf,
}

impl Clients {
    /// Installs whatever is missing; quick when all is there.
    pub(crate) fn set_up(workspace: &Workspace) -> Result<Self> {
        let requirements = workspace.path("tests/clients/python/requirements.txt");
        python_env(&workspace.target("clients/python"), &requirements, &[])?;
        node_modules(workspace)?;
        Ok(Self::in_place(workspace))
    }

    /// The places, without a look whether anything is there.
    pub(crate) fn in_place(workspace: &Workspace) -> Self {
        Self { python: python_of(&workspace.target("clients/python")), node: workspace.path("tests/clients/node") }
    }
}

/// The path of `redis-server`, installed when missing.
pub(crate) fn redis_server() -> Result<PathBuf> {
    if find("redis-server").is_none() {
        apt_install(&["redis-server"])?;
    }
    find("redis-server").ok_or_else(|| "apt-get installed redis-server, but it is not to be found".to_owned())
}

/// Makes a virtual environment in `folder` from a file of requirements, unless it is there already.
pub(crate) fn python_env(folder: &Path, requirements: &Path, pip_options: &[&str]) -> Result {
    let version =
        output(Command::new("python3").arg("--version")).ok_or("there is no python3 here: install Python 3")?;
    let stamp = Stamp::new(folder, &[requirements], &version)?;
    let python = python_of(folder);
    if stamp.holds() && output(Command::new(&python).arg("--version")).is_some() {
        return Ok(());
    }
    make_env(folder)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(pip_options)
        .arg("--requirement")
        .arg(requirements))?;
    stamp.set()
}

/// Where a virtual environment keeps its packages.
pub(crate) fn packages_of(folder: &Path) -> Result<PathBuf> {
    let script = "import sysconfig; print(sysconfig.get_path('purelib'))";
    output(Command::new(python_of(folder)).args(["-c", script]))
        .map(PathBuf::from)
        .ok_or_else(|| format!("the Python environment in {} does not run", folder.display()))
}

/// Debian ships Python without the means to make environments.
fn make_env(folder: &Path) -> Result {
    if output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_none() {
        apt_install(&["python3-venv"])?;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
}

fn python_of(folder: &Path) -> PathBuf {
    folder.join("bin/python3")
}

fn node_modules(workspace: &Workspace) -> Result {
    let folder = workspace.path("tests/clients/node");
    let node =
        output(Command::new("node").arg("--version")).ok_or("there is no node here: install Node.js 20 or later")?;
    let files = [folder.join("package.json"), folder.join("package-lock.json")];
    let installed = folder.join("node_modules");
    let stamp = Stamp::new(&installed, &files.each_ref().map(PathBuf::as_path), &node)?;
    if stamp.holds() && installed.join("openai/package.json").is_file() {
        return Ok(());
    }
    if find("npm").is_none() {
        apt_install(&["npm"])?;
    }
    run(Command::new("npm").arg("ci").current_dir(&folder))?;
    stamp.set()
}

/// A file in the folder of what was installed, with all that this followed from.
#[derive(Debug)]
struct Stamp {
    file: PathBuf,
    text: String,
}

impl Stamp {
    fn new(folder: &Path, sources: &[&Path], version: &str) -> Result<Self> {
        let mut text = format!("{version}\n");
        for source in sources {
            text += &fs::read_to_string(source).map_err(|error| format!("{}: {error}", source.display()))?;
        }
        let file = folder.join(".llm-layers-stamp");
        Ok(Self { file, text })
    }

    fn holds(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|text| text == self.text)
    }

    fn set(&self) -> Result {
        fs::write(&self.file, &self.text).map_err(|error| format!("{}: {error}", self.file.display()))
    }
}
