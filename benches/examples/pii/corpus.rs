//! Code, JSON and YAML that hold nothing personal: whatever is found there is a false alarm.

use std::{fs, path::Path};

use crate::dice::{BASE62, Dice};

/// A kind of text, all that there is of it, and where each part comes from.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) files: Vec<(String, String)>,
    /// It is JSON, and looked at string by string.
    pub(crate) by_member: bool,
}

/// What is personal by purpose: the detectors' own tests, the layer's, and these sentences.
const PERSONAL: &[&str] =
    &["crates/pii/", "crates/pii-redaction/", "benches/data/pii/", "benches/examples/pii/", "benches/benches/pii"];

pub(crate) fn all(root: &Path, seed: u64, more: Option<&Path>) -> Vec<Corpus> {
    let code = ["rs", "toml", "lock", "md", "py", "js", "mjs", "ts"];
    let of = |name, files, by_member| Corpus { name, files, by_member };
    let made_up = |text| vec![("made up".to_owned(), text)];
    let mut corpora = vec![
        of("code", sources(root, &code), false),
        of("JSON at hand", sources(root, &["json", "jsonl"]), false),
        of("YAML at hand", sources(root, &["yaml", "yml"]), false),
        of("JSON made up", made_up(json(seed)), false),
        of("JSON made up, by member", made_up(json(seed)), true),
        of("YAML made up", made_up(yaml(seed)), false),
    ];
    if let Some(more) = more {
        let all = [&code[..], &["json", "yaml", "yml", "go", "c", "h", "java"]].concat();
        corpora.push(of("given", sources(more, &all), false));
    }
    corpora
}

fn sources(root: &Path, ends: &[&str]) -> Vec<(String, String)> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if path.is_dir() {
                let is_made =
                    ["node_modules", "target", "fuzz/corpus", "fuzz/artifacts"].iter().any(|end| name.ends_with(end));
                if !hidden && !is_made {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|end| ends.contains(&&*end.to_string_lossy()))
                && !PERSONAL.iter().any(|personal| name.starts_with(personal))
            {
                files.extend(fs::read_to_string(&path).ok().map(|text| (name, text)));
            }
        }
    }
    files.sort();
    files
}

/// A megabyte of records as services write them: ids, hashes, times, amounts, versions.
fn json(seed: u64) -> String {
    let mut dice = Dice::new(seed, 1 << 50);
    let mut text = String::from("[\n");
    while text.len() < 1_000_000 {
        text += &format!(
            r#"  {{"id":{},"uuid":"{}","traceId":"{}","spanId":"{}","createdAt":"{}T{}Z","ts":{},"expires":{},"amount":{}.{:02},"version":"{}.{}.{}","sha256":"{}","etag":"{}","size":{},"offset":{},"score":{},"bbox":[{},{},{},{}],"parent":null,"path":"/v1/items/{}/parts/{}","tags":["a{}","b-{}"],"cursor":"{}="}},"#,
            dice.between(1, 5_000_000_000),
            dice.shape("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"),
            dice.shape("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            dice.shape("xxxxxxxxxxxxxxxx"),
            date(&mut dice),
            time(&mut dice),
            dice.between(1_500_000_000, 1_800_000_000),
            dice.between(1_500_000_000_000, 1_800_000_000_000),
            dice.between(0, 100_000),
            dice.between(0, 100),
            dice.between(0, 20),
            dice.between(0, 30),
            dice.between(0, 30),
            dice.chars("0123456789abcdef", 64),
            dice.shape("xxxxxxxx-xxx"),
            dice.between(0, 10_000_000_000),
            dice.between(0, 1_000_000_000),
            dice.between(0, 1_000_000) as f64 / 1e6,
            dice.between(0, 4000),
            dice.between(0, 4000),
            dice.between(0, 100_000) as f64 / 100.0,
            dice.between(0, 100_000) as f64 / 100.0,
            dice.between(1, 1_000_000_000_000),
            dice.digits(9),
            dice.digits(3),
            dice.digits(6),
            dice.chars(BASE62, 27),
        );
        text.push('\n');
    }
    text.truncate(text.trim_end_matches([',', '\n']).len());
    text + "\n]\n"
}

/// A megabyte of what runs things.
fn yaml(seed: u64) -> String {
    let mut dice = Dice::new(seed, 1 << 51);
    let mut text = String::new();
    while text.len() < 1_000_000 {
        text += &format!(
            "- name: job-{}\n  image: registry:5000/team/app:{}.{}.{}\n  digest: sha256:{}\n  resources: {{cpu: {}m, memory: {}Mi}}\n  started: {} {}\n  epoch: {}\n  revision: {}\n  exit_code: {}\n  ports: [{}, {}]\n  schedule: \"{} {} * * 1-5\"\n  checksum: {}\n  sequence: {}\n  generation: {}\n  uid: {}\n  args: [--limit={}, --ratio={}, --range={}-{}]\n",
            dice.between(1, 100_000),
            dice.between(0, 20),
            dice.between(0, 30),
            dice.between(0, 30),
            dice.chars("0123456789abcdef", 64),
            dice.between(1, 8000),
            dice.between(1, 64_000),
            date(&mut dice),
            time(&mut dice),
            dice.between(1_500_000_000, 1_800_000_000),
            dice.chars("0123456789abcdef", 40),
            dice.between(0, 256),
            dice.between(1024, 65_536),
            dice.between(1024, 65_536),
            dice.between(0, 60),
            dice.between(0, 24),
            dice.digits(10),
            dice.digits(12),
            dice.digits(9),
            dice.shape("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"),
            dice.between(1, 1_000_000_000_000_000_000),
            dice.between(0, 1_000_000) as f64 / 1e4,
            dice.between(1, 1000),
            dice.between(1000, 100_000),
        );
    }
    text
}

fn date(dice: &mut Dice) -> String {
    format!("20{}-{:02}-{:02}", dice.between(15, 27), dice.between(1, 13), dice.between(1, 29))
}

fn time(dice: &mut Dice) -> String {
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        dice.between(0, 24),
        dice.between(0, 60),
        dice.between(0, 60),
        dice.between(0, 1000)
    )
}
