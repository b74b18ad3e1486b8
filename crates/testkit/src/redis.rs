//! A real Redis that a test starts, stops and starts again.
//!
//! ```no_run
//! use llm_layers_testkit::redis::Server;
//!
//! let mut server = Server::start();
//! let url = server.url(); // redis://127.0.0.1:PORT
//! server.stop(); // it is away
//! server.restart(); // it is back on the same port, and empty
//! # let _ = url;
//! ```
//!
//! The program is the one that `LLM_LAYERS_REDIS_SERVER` names, or else `redis-server` or `valkey-server` of the
//! system. It keeps nothing, listens on loopback only, and is killed when the [`Server`] is dropped.

use std::{
    fmt, fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A Redis of one test's own.
pub struct Server {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
}

/// Ports are picked free and may be taken by another a moment later.
const TRIES: usize = 5;
/// How often, 10 ms apart, a server that starts is asked whether it is ready.
const ASKED: usize = 1000;

impl Server {
    /// Starts a server, and returns when it answers.
    ///
    /// # Panics
    /// There is no `redis-server` here, or it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with::<&str>([])
    }

    /// Starts a server with further arguments, such as `["--requirepass", "secret"]`.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    #[must_use]
    pub fn start_with<A: Into<String>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let program = find().unwrap_or_else(|| {
            panic!(
                "this test needs a real Redis: `cargo xtask test` installs it, or: apt-get install redis-server \
                 (or put the path of a redis-server or valkey-server into LLM_LAYERS_REDIS_SERVER)"
            )
        });
        Self::start_either(program, arguments.into_iter().map(Into::into).collect())
    }

    /// Starts a server of this program: of another version than that of the system, say.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start_program(program: PathBuf) -> Self {
        Self::start_either(program, Vec::new())
    }

    fn start_either(program: PathBuf, arguments: Vec<String>) -> Self {
        for _ in 0..TRIES {
            let port = free_port();
            let folder = std::env::temp_dir().join(format!("llm-layers-redis-{}-{port}", std::process::id()));
            let mut server = Self { program: program.clone(), folder, port, arguments: arguments.clone(), child: None };
            if server.run() {
                return server;
            }
        }
        panic!("{} was started {TRIES} times and never answered", program.display());
    }

    /// Where it is: `redis://127.0.0.1:PORT`, also while it is stopped.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port, also while it is stopped.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Kills it: connections are reset, and all that it held is gone. Does nothing to one that is stopped.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // An error means that it has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same port, empty; stops it first where it runs.
    ///
    /// # Panics
    /// It does not start.
    pub fn restart(&mut self) {
        self.stop();
        assert!(self.run(), "redis-server did not start again on port {}", self.port);
    }

    /// [Restarts](Self::restart) it with other arguments than it was started with.
    ///
    /// # Panics
    /// As [`restart`](Self::restart).
    pub fn restart_with<A: Into<String>>(&mut self, arguments: impl IntoIterator<Item = A>) {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self.restart();
    }

    /// Whether it runs and answers.
    fn run(&mut self) -> bool {
        if let Err(error) = fs::create_dir_all(&self.folder) {
            panic!("cannot make the folder {}: {error}", self.folder.display());
        }
        let port = self.port.to_string();
        let child = Command::new(&self.program)
            .args(["--port", &port, "--bind", "127.0.0.1", "--daemonize", "no"])
            .args(["--save", "", "--appendonly", "no", "--loglevel", "warning", "--dir"])
            .arg(&self.folder)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match child {
            Ok(child) => self.child = Some(child),
            Err(error) => panic!("cannot run {}: {error}", self.program.display()),
        }
        for _ in 0..ASKED {
            let has_ended = self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            if has_ended {
                self.child = None;
                return false;
            }
            if answers(self.port) {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.stop();
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_running = self.child.is_some();
        f.debug_struct("Server").field("port", &self.port).field("running", &is_running).finish_non_exhaustive()
    }
}

/// Whether a Redis answers a ping, if only by asking for a password.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<[u8; 2]> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(Duration::from_secs(1)))?;
        connection.write_all(b"PING\r\n")?;
        let mut begin = [0; 2];
        connection.read_exact(&mut begin)?;
        Ok(begin)
    };
    ask().is_ok_and(|begin| matches!(&begin, b"+P" | b"-N"))
}

fn free_port() -> u16 {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    match bound {
        Ok(address) => address.port(),
        Err(error) => panic!("no free port on loopback: {error}"),
    }
}

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LLM_LAYERS_REDIS_SERVER") {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]).collect();
    let programs = ["redis-server", "valkey-server"];
    let is_there = |file: &PathBuf| Path::is_file(file);
    programs.iter().find_map(|program| folders.iter().map(|folder| folder.join(program)).find(is_there))
}
