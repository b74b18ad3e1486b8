//! The processes that are compared.

use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::Error;

/// A proxy that runs.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
}

pub(crate) const BARE: &str = "bare hyper";

/// How many are compared.
pub(crate) const PROXIES: usize = 4;

pub(crate) const ALONE: &str = "[layers]\n\
    retry.enabled = false\ncircuit_breaker.enabled = false\ntimeout.enabled = false\ndeadline.enabled = false\n\
    accounts.enabled = false\ntool_call_validator.enabled = false\n";

/// What is on by default, limits that nobody meets, and redaction, which finds nothing.
pub(crate) const ALL: &str = "[keys.bench]\nkey = \"sk-client\"\nrpm = 100_000_000\ntpm = 100_000_000_000\nconcurrent = 10_000\n\
    [layers.pii_redaction]\n";

/// The simulated providers, and the proxies in front of them: the bare one, the same with the translator's layer,
/// llm-proxy with nothing but routes and translator, and with all of its layers.
pub(crate) struct Peers {
    pub(crate) proxies: [Peer; PROXIES],
    _providers: [Peer; 2],
}

impl Peers {
    pub(crate) async fn start() -> Result<Self, Error> {
        Self::start_under(&[]).await
    }

    /// Starts the proxies under another program, such as valgrind.
    pub(crate) async fn start_under(wrapper: &[&str]) -> Result<Self, Error> {
        let provider = simulated("both")?;
        let google = simulated("gemini")?;
        let bare = plain(BARE, "bare", &provider, wrapper)?;
        let layer = plain("bare hyper + TranslatorLayer", "layer", &provider, wrapper)?;
        let alone = ours("llm-proxy, all layers off", ALONE, [&provider, &google], wrapper)?;
        let all = ours("llm-proxy, all layers", ALL, [&provider, &google], wrapper)?;
        Ok(Self { proxies: [bare, layer, alone, all], _providers: [provider, google] })
    }

    /// Stops them, and gives what each has said on standard error.
    pub(crate) fn stop(self) -> Result<[String; PROXIES], Error> {
        let mut said = Vec::new();
        for mut peer in self.proxies {
            let id = peer.child.id().to_string();
            Command::new("kill").args(["-TERM", &id]).status()?;
            peer.child.wait()?;
            let mut text = String::new();
            if let Some(mut error) = peer.child.stderr.take() {
                std::io::Read::read_to_string(&mut error, &mut text)?;
            }
            said.push(text);
        }
        said.try_into().map_err(|_| "all proxies".into())
    }
}

impl Peer {
    fn start(name: &'static str, address: SocketAddr, command: &mut Command) -> Result<Self, Error> {
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut peer = Self { name, address, child: child.map_err(|error| format!("{name}: {error}"))? };
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return Ok(peer);
            }
            if let Some(status) = peer.child.try_wait()? {
                return Err(format!("{name} ended at once: {status}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!("{name} does not listen").into())
    }

    /// The CPU time of all threads so far, in nanoseconds.
    pub(crate) fn cpu_nanos(&self) -> Result<u64, Error> {
        cpu_nanos(self.child.id())
    }

    pub(crate) fn resident_mib(&self) -> Result<f64, Error> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CPU time of a process so far, in nanoseconds.
pub(crate) fn cpu_nanos(process: u32) -> Result<u64, Error> {
    let mut sum = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let schedstat = fs::read_to_string(thread?.path().join("schedstat"))?;
        sum += schedstat.split_whitespace().next().unwrap_or("0").parse::<u64>()?;
    }
    Ok(sum)
}

/// A proxy of no settings, such as the bare one.
pub(crate) fn plain(name: &'static str, program: &str, provider: &Peer, wrapper: &[&str]) -> Result<Peer, Error> {
    let address = free()?;
    let addresses = [address, provider.address].map(|address| address.to_string());
    Peer::start(name, address, wrapped(wrapper, program)?.args(addresses))
}

/// llm-proxy with these layers, in front of a provider of OpenAI's and Anthropic's formats and one of Google's.
pub(crate) fn ours(name: &'static str, layers: &str, providers: [&Peer; 2], wrapper: &[&str]) -> Result<Peer, Error> {
    let address = free()?;
    // Under valgrind one worker, as for the others.
    let workers = if wrapper.is_empty() { "" } else { "workers = 1\n" };
    let config = configuration(address, workers, providers.map(|provider| provider.address), layers)?;
    Peer::start(name, address, wrapped(wrapper, "llm-proxy")?.arg("--config").arg(config))
}

/// A program built beside this one.
fn wrapped(wrapper: &[&str], program: &str) -> Result<Command, Error> {
    let program = std::env::current_exe()?.with_file_name(program);
    let Some((first, rest)) = wrapper.split_first() else { return Ok(Command::new(program)) };
    let mut command = Command::new(first);
    // One worker: valgrind runs one thread at a time, and waiting for turns would be counted.
    command.args(rest).arg(program).env("TOKIO_WORKER_THREADS", "1");
    Ok(command)
}

fn free() -> Result<SocketAddr, Error> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// The model's name differs from the provider's, so that each request is changed, as it is in real use.
fn configuration(
    listen: SocketAddr,
    workers: &str,
    [provider, google]: [SocketAddr; 2],
    layers: &str,
) -> Result<PathBuf, Error> {
    let path = std::env::temp_dir().join(format!("llm-proxy-bench-{}-{}.toml", std::process::id(), listen.port()));
    let mut file = fs::File::create(&path)?;
    write!(
        file,
        "listen = \"{listen}\"\n{workers}\
         [providers.sim]\ndialect = \"openai\"\nbase_url = \"http://{provider}/v1\"\napi_key = \"sk-bench\"\n\
         [providers.anthropic]\nbase_url = \"http://{provider}\"\napi_key = \"sk-bench\"\n\
         [providers.gemini]\nbase_url = \"http://{google}\"\napi_key = \"sk-bench\"\n"
    )?;
    for (name, provider) in [("small", "sim"), ("claude", "anthropic"), ("gemini-bench", "gemini")] {
        write!(file, "[[deployments]]\nname = \"{name}\"\nprovider = \"{provider}\"\nmodel = \"bench\"\n")?;
    }
    file.write_all(layers.as_bytes())?;
    Ok(path)
}

/// A simulated provider of one dialect, or of OpenAI's and Anthropic's.
pub(crate) fn simulated(dialect: &str) -> Result<Peer, Error> {
    let address = free()?;
    Peer::start(
        "provider",
        address,
        wrapped(&[], "llm-sim")?.args(["--dialect", dialect, "--listen", &address.to_string()]),
    )
}
