//! Programs of the machine: finding them, and installing them by apt-get.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::process;

/// The program's path, looked up in PATH and where Debian keeps servers.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/usr/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Installs Debian packages, with sudo where not root.
pub(crate) fn apt_install(packages: &[&str]) -> Result {
    let wanted = packages.join(" ");
    let by_hand = format!("install {wanted} yourself and run again");
    let apt = find("apt-get").ok_or_else(|| format!("{wanted} is missing and there is no apt-get here: {by_hand}"))?;
    let install = ["install", "--yes", "--no-install-recommends"];
    let install: Vec<&str> = install.iter().chain(packages).copied().collect();
    let apt_get = |arguments: &[&str]| process::run(&mut as_root(&apt, arguments)?);
    // A fresh machine has no package lists; one with old lists asks for versions that are gone.
    let done = apt_get(&install).or_else(|_| apt_get(&["update"]).and_then(|()| apt_get(&install)));
    done.map_err(|error| format!("{error}\n{wanted} could not be installed: {by_hand}"))
}

fn as_root(apt: &Path, arguments: &[&str]) -> Result<Command> {
    let quiet = "DEBIAN_FRONTEND=noninteractive";
    let is_root = process::output(Command::new("id").arg("-u")).as_deref() == Some("0");
    let mut command = if is_root {
        Command::new("env")
    } else {
        let sudo = find("sudo").ok_or("not root, and there is no sudo here to run apt-get")?;
        let mut command = Command::new(sudo);
        if !std::io::stdin().is_terminal() {
            command.arg("--non-interactive");
        }
        command.arg("env");
        command
    };
    command.arg(quiet).arg(apt).args(arguments);
    Ok(command)
}
