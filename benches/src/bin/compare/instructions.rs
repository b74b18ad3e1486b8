//! Instructions for each request, counted by valgrind: noise does not touch them.
//!
//! Each case runs with few and with many requests; the difference is what the requests took, without the start.

use std::io::Write;

use crate::{
    Error,
    load::{self, Case},
    process::{PROXIES, Peers},
};

const FEW: usize = 100;
const MANY: usize = 1600;

pub(crate) async fn compare(cases: &[Case], out: &mut impl Write) -> Result<(), Error> {
    writeln!(
        out,
        "| case | bare hyper | TranslatorLayer | × bare | layers off | × bare | all layers | × bare |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for case in cases {
        let few = count(case, FEW).await?;
        let many = count(case, MANY).await?;
        let each = |at: usize| -> f64 {
            let [few, many] = [&few, &many].map(|counts| counts.get(at).copied().unwrap_or_default());
            (many - few) as f64 / (MANY - FEW) as f64
        };
        let bare = each(0);
        write!(out, "| {} | {bare:.0} |", case.name)?;
        for ours in (1..PROXIES).map(each) {
            write!(out, " {ours:.0} | {:.2} |", ours / bare)?;
        }
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

/// Instructions of the proxies, from their start to their end.
async fn count(case: &Case, requests: usize) -> Result<[i64; PROXIES], Error> {
    let valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let peers = Peers::start_under(&valgrind).await?;
    for peer in &peers.proxies {
        load::repeat(peer, case, requests).await?;
    }
    let said = peers.stop()?;
    let mut counts = [0; PROXIES];
    for (count, said) in counts.iter_mut().zip(&said) {
        let line = said.lines().find_map(|line| line.split_once("Collected : ")).ok_or("valgrind counted nothing")?;
        *count = line.1.trim().parse()?;
    }
    Ok(counts)
}
