//! A Redis that comes and goes.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use llm_layers_testkit::redis::Server;

fn ask(port: u16, command: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_answers_is_gone_and_comes_back_empty() {
    let mut server = Server::start();
    let port = server.port();
    assert_eq!(server.url(), format!("redis://127.0.0.1:{port}"));
    assert_eq!(ask(port, "INCR n"), ":1\r\n+OK\r\n");
    server.stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.restart();
    assert_eq!(ask(port, "INCR n"), ":1\r\n+OK\r\n");
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn it_takes_arguments() {
    let mut server = Server::start_with(["--requirepass", "x"]);
    assert!(ask(server.port(), "INCR n").starts_with("-NOAUTH"));
    server.restart_with::<&str>([]);
    assert!(ask(server.port(), "INCR n").starts_with(":1"));
}
