use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::{Config, Discovery, LocalServer, discover, listen, probe};

fn server(name: &'static str, base_url: &'static str, models: &[&str]) -> LocalServer {
    LocalServer { name, base_url, models: models.iter().map(|&id| id.to_owned()).collect() }
}

fn found(env: &[(&str, &str)], servers: &[LocalServer]) -> Option<Config> {
    let lookup = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    match discover(listen::DEFAULT, lookup, servers).unwrap() {
        Discovery::Found(config) => Some(*config),
        Discovery::Nothing => None,
    }
}

#[test]
fn nothing_at_all() {
    assert!(found(&[], &[]).is_none());
    assert!(found(&[("OPENAI_API_KEY", " "), ("GITHUB_TOKEN", "x")], &[]).is_none());
}

#[test]
fn keys_in_the_environment() {
    let config = found(&[("GROQ_API_KEY", "gsk\n"), ("ANTHROPIC_API_KEY", "a")], &[]).unwrap();
    let [anthropic, groq] = config.providers() else { panic!() };
    assert_eq!(anthropic.base_url.as_ref().unwrap().host(), Some("api.anthropic.com"));
    assert_eq!(groq.api_keys[0].key.expose(), "gsk");
    assert!(config.deployments().is_empty() && config.is_open());
    let table = config.route_table();
    assert_eq!(table.of_provider("groq/openai/gpt-oss-20b").unwrap().model(), "openai/gpt-oss-20b");
}

#[test]
fn base_urls_in_the_environment() {
    let config = found(&[("OPENAI_BASE_URL", "http://10.0.0.1/v1/")], &[]).unwrap();
    let [openai] = config.providers() else { panic!() };
    assert_eq!(openai.base_url.as_ref().unwrap().to_string(), "http://10.0.0.1/v1");
    assert!(openai.api_keys.is_empty());

    let bad = |name: &str| (name == "ANTHROPIC_BASE_URL").then(|| "http://u:HUSH@h".to_owned());
    let errors = discover(listen::DEFAULT, bad, &[]).unwrap_err().to_string();
    assert!(errors.contains("no credentials") && errors.contains("ANTHROPIC_BASE_URL"), "{errors}");
    assert!(!errors.contains("HUSH"));
}

#[test]
fn servers_on_this_machine() {
    let servers = [
        server("ollama", "http://127.0.0.1:11434/v1", &["llama3.2:1b", "qwen3"]),
        server("lmstudio", "http://127.0.0.1:1234/v1", &["qwen3"]),
    ];
    let config = found(&[], &servers).unwrap();
    let table = config.route_table();
    let ids: Vec<_> = table.models().map(|model| (model.id, model.provider)).collect();
    assert_eq!(ids, [("llama3.2:1b", "ollama"), ("qwen3", "ollama")]);
    assert_eq!(table.of_provider("lmstudio/qwen3").unwrap().provider(), "lmstudio");
}

#[test]
fn what_nobody_configured_is_not_opened_to_all() {
    let all: SocketAddr = "0.0.0.0:8080".parse().unwrap();
    let errors = discover(all, |_| Some("k".to_owned()), &[]).unwrap_err().to_string();
    assert!(errors.contains("loopback address only") && errors.contains("127.0.0.1:8080"));
}

/// Answers one connection with `answer`, then closes it.
async fn serve(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer_one = async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let read = socket.read(&mut request).await.unwrap();
        assert!(request[..read].starts_with(b"GET /v1/models HTTP/1.1\r\n"));
        let _ = socket.write_all(answer.as_bytes()).await;
    };
    tokio::task::spawn_local(answer_one);
    format!("http://{address}/v1")
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n{body}")
}

#[tokio::test(flavor = "current_thread")]
async fn probing_reads_the_list_of_models_and_believes_nothing_else() {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let list = r#"{"object":"list","data":[{"id":"a","object":"model"},{"id":"b/c"},{"id":""}]}"#;
            let url = serve(http("200 OK", list)).await;
            assert_eq!(probe::models(&url).await, Some(vec!["a".to_owned(), "b/c".to_owned()]));
            let long = format!("{{\"data\":[{{\"id\":\"a\"}}]{}}}", " ".repeat(1024 * 1024));
            for answer in [
                http("200 OK", r#"{"data":[]}"#),
                http("200 OK", "<html>hello</html>"),
                http("404 Not Found", list),
                http("200 OK", &long),
                "garbage\r\n\r\n".to_owned(),
                String::new(),
            ] {
                let url = serve(answer).await;
                assert_eq!(probe::models(&url).await, None);
            }
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn probing_gives_up_on_a_server_that_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    assert_eq!(probe::models(&url).await, None);
}
