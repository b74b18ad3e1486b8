//! Where the proxy listens, and who may reach it there.

use std::net::{Ipv4Addr, SocketAddr};

use super::node::Node;
use super::report::Report;

/// Where it listens unless told otherwise.
pub const DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Without keys everybody who reaches the proxy spends its owner's money.
pub(super) const OPEN: &str = "a proxy without `[keys]` is open to everybody who reaches it, \
    and so it must listen on a loopback address only";

/// Whether only this machine can reach the address.
pub(super) fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// Reads `address:port`.
pub(super) fn read(node: &Node<'_>, report: &mut Report<'_>) -> Option<SocketAddr> {
    let text = node.string(report)?;
    let address = text.parse().ok();
    if address.is_none() {
        report.error(&node.place, "not a socket address", help(&text));
    }
    address
}

/// Names are not looked up: what one means may change while the proxy runs.
fn help(text: &str) -> String {
    let port = text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or(8080);
    format!("write an IP address and a port: `\"127.0.0.1:{port}\"`, or `\"0.0.0.0:{port}\"` for all networks")
}
