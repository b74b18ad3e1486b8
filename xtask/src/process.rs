//! Running commands to their end, and servers until we are done with them.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::system::find;

/// Prints the command, runs it on this terminal, and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result {
    println!("$ {}", line(command));
    let status = command.status().map_err(|error| format!("cannot run `{}`: {error}", line(command)))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed: {status}", line(command)))
}

/// What a command prints, when it can be run and succeeds; its errors are not shown.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// A command for a server, which the kernel ends when this tool is killed and nothing is dropped.
pub(crate) fn server(program: &Path) -> Command {
    match find("setpriv") {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

/// A port of the loopback address that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port on loopback: {error}"))
}

/// A server that runs in the background and is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts it with its output in the file `log`.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        println!("$ {} > {} &", line(command), log.display());
        let cannot = |error| format!("cannot start {name}: {error}");
        let file = File::create(log).map_err(cannot)?;
        let again = file.try_clone().map_err(cannot)?;
        let child = command.stdin(Stdio::null()).stdout(file).stderr(again).spawn().map_err(cannot)?;
        let log = log.to_owned();
        Ok(Self { name, child, log })
    }

    /// Waits until `GET path` is answered by 200; fails when the server ends or `limit` has passed.
    pub(crate) fn wait_ready(&mut self, port: u16, path: &str, limit: Duration) -> Result {
        let start = Instant::now();
        while status_of(port, path) != Some(200) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.failure(&format!("ended before it was ready: {status}"), status));
            }
            if start.elapsed() > limit {
                let limit = limit.as_secs();
                return Err(format!("{} was not ready within {limit} s\n{}", self.name, self.log_tail()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        println!("{} is ready after {:.1} s", self.name, start.elapsed().as_secs_f64());
        Ok(())
    }

    fn failure(&self, what: &str, status: ExitStatus) -> String {
        let hint = if is_illegal_instruction(status) {
            "\nThis build uses instructions that this processor does not have: pin another version."
        } else {
            ""
        };
        format!("{} {what}{hint}\n{}", self.name, self.log_tail())
    }

    /// The last lines of the log, for an error message.
    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.iter().skip(lines.len().saturating_sub(20));
        tail.map(|line| format!("  {}: {line}\n", self.name)).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[cfg(unix)]
fn is_illegal_instruction(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    const SIGILL: i32 = 4;
    status.signal() == Some(SIGILL)
}

#[cfg(not(unix))]
fn is_illegal_instruction(_: ExitStatus) -> bool {
    false
}

/// The status of `GET path` from loopback, if there is an answer.
fn status_of(port: u16, path: &str) -> Option<u16> {
    let patience = Duration::from_secs(2);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    let status = head.strip_prefix(b"HTTP/1.1 ")?;
    std::str::from_utf8(status).ok()?.parse().ok()
}
