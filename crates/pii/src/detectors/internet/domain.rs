//! Names of machines: off by default, since most text is full of them.

use std::ops::Range;

use super::{
    super::scan::{after, before, run_back, run_on},
    tld,
};

/// What is looked around: how the ends begin that most names have.
pub(super) const ENDS: &[&str] = &[
    ".ac", ".ae", ".af", ".agen", ".ai", ".al", ".am", ".app", ".ar", ".asia", ".at", ".au", ".az", ".ba", ".bd",
    ".be", ".bg", ".bh", ".biz", ".blog", ".bo", ".br", ".by", ".ca", ".cc", ".cd", ".cent", ".ch", ".ci", ".cl",
    ".cm", ".cn", ".co", ".cr", ".cu", ".cy", ".cz", ".de", ".digi", ".dire", ".dk", ".do", ".dz", ".ec", ".edu",
    ".ee", ".eg", ".emai", ".ener", ".engi", ".es", ".et", ".eu", ".even", ".exch", ".expe", ".expr", ".fami", ".farm",
    ".fi", ".fm", ".fo", ".fr", ".fund", ".fyi", ".gall", ".game", ".ge", ".gg", ".gh", ".gl", ".gmbh", ".gov", ".gr",
    ".gt", ".guid", ".guru", ".heal", ".help", ".hk", ".hn", ".hosp", ".host", ".hous", ".hr", ".hu", ".id", ".ie",
    ".il", ".im", ".in", ".io", ".iq", ".ir", ".is", ".it", ".je", ".jm", ".jo", ".jp", ".ke", ".kg", ".kh", ".kr",
    ".kw", ".kz", ".la", ".lb", ".lega", ".li", ".lk", ".llc", ".loan", ".lond", ".love", ".lt", ".lu", ".lv", ".ly",
    ".ma", ".mc", ".md", ".me", ".mg", ".mil", ".mk", ".mm", ".mn", ".mo", ".mt", ".mu", ".mx", ".my", ".mz", ".na",
    ".net", ".news", ".ng", ".ni", ".nl", ".no", ".np", ".nu", ".nyc", ".nz", ".om", ".one", ".onli", ".org", ".pa",
    ".pe", ".pg", ".ph", ".pict", ".pk", ".pl", ".pr", ".ps", ".pt", ".pub", ".py", ".qa", ".re", ".ro", ".rs", ".ru",
    ".rw", ".sa", ".scho", ".scie", ".se", ".sg", ".sh", ".si", ".sk", ".sl", ".sn", ".so", ".spac", ".sr", ".st",
    ".su", ".sv", ".sy", ".tax", ".tc", ".team", ".tech", ".tel", ".th", ".tips", ".tj", ".tk", ".tl", ".tm", ".tn",
    ".to", ".tr", ".tt", ".tube", ".tv", ".tw", ".tz", ".ua", ".ug", ".uk", ".univ", ".us", ".uy", ".uz", ".va", ".vc",
    ".ve", ".vide", ".vip", ".visi", ".vn", ".vu", ".wang", ".watc", ".webs", ".wedd", ".wiki", ".win", ".work",
    ".worl", ".ws", ".wtf", ".xxx", ".xyz", ".ye", ".yoga", ".za", ".zm", ".zone", ".zw",
];

/// What makes it likelier that a name of files or of members is a machine's.
pub(super) const CONTEXT: &[&str] = &[
    "domain", "domains", "website", "web site", "site", "homepage", "host", "hosts", "hostname", "hosted", "url", "visit",
    "nslookup", "dig", "whois", "dns", "certificate", "tls", "nameserver", "webseite", "internetseite", "seite", "sitio",
    "sito", "dominio", "domaine", "domein",
];

/// A name that nothing else has, one that may be something else's, and what shows that it is a machine's after all.
const SURE: f32 = 0.8;
const WEAK: f32 = 0.3;

/// Top-level domains that are endings of files, names of members, or words that a missing blank joins to a sentence's end.
const AMBIGUOUS: &[&str] = &[
    "ac", "ad", "am", "app", "as", "at", "bar", "be", "by", "call", "camera", "cards", "cc", "contact", "cs", "day", "do",
    "docs", "dot", "download", "email", "events", "farm", "fm", "food", "forum", "foundation", "fun", "fund", "gal", "gallery",
    "game", "games", "go", "group", "guide", "gz", "help", "host", "hosting", "id", "in", "info", "ink", "is", "la", "land",
    "life", "lighting", "like", "limited", "limo", "link", "live", "loan", "loans", "map", "md", "me", "media", "menu", "ml",
    "mm", "mo", "mobile", "moda", "money", "mov", "movie", "ms", "my", "name", "new", "news", "no", "now", "one", "open", "page",
    "pay", "phone", "photo", "pictures", "pl", "place", "play", "plus", "pm", "post", "press", "prime", "pro", "prod",
    "properties", "property", "ps", "pub", "py", "read", "red", "rent", "rental", "repair", "report", "rest", "review",
    "reviews", "room", "rs", "run", "save", "sc", "select", "services", "sh", "show", "site", "so", "social", "software",
    "space", "st", "star", "storage", "store", "stream", "study", "style", "team", "tel", "test", "tf", "tips", "to", "tools",
    "top", "total", "trade", "trading", "training", "tube", "us", "video", "view", "watch", "watches", "win", "work", "works",
    "world", "zip", "zone",
];

/// First labels of machines, and second ones under which a country gives out names.
const HOSTS: &[&str] = &[
    "www", "api", "app", "apps", "auth", "blog", "cdn", "cloud", "dashboard", "demo", "dev", "docs", "ftp", "git", "gw", "help",
    "imap", "intranet", "login", "m", "mail", "mx", "my", "news", "ns1", "ns2", "portal", "shop", "smtp", "staging", "static",
    "status", "store", "support", "vpn", "web", "webmail", "wiki",
];
const SECOND: &[&str] = &["ac", "co", "com", "edu", "gov", "gob", "go", "net", "org", "or", "ne", "mil"];

/// First labels of members of objects in code.
const OBJECTS: &[&str] = &[
    "self", "this", "super", "cls", "args", "kwargs", "ctx", "context", "req", "request", "res", "response", "obj", "object",
    "other", "node", "item", "event", "state", "props", "params", "config", "options", "opts", "user", "row", "document",
    "window", "process", "module", "value", "data", "result", "err", "error", "std", "os", "sys", "java", "javax", "e", "i",
];

/// The name that ends here, or has more labels than this, and how sure it is.
pub(super) fn domain(text: &str, at: usize) -> Option<(Range<usize>, f32)> {
    // The last label's dot is enough.
    let label = run_on(text, at + 1, 64, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte >= 0x80);
    if after(text, label) == Some(b'.') && after(text, label + 1).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.') || byte >= 0x80;
    let start = run_back(text, at, 253, belongs);
    let end = run_on(text, at, 253, belongs);
    let shown = text.get(start..end)?;
    let name = shown.trim_end_matches(['.', '-']);
    let name = name.trim_start_matches(['.', '-']);
    let start = start + shown.find(name)?;
    let (host, label) = name.rsplit_once('.')?;
    let end = start + name.len();
    // What stands behind an `@` is an email's, and a path's or a call's name is none.
    let has_scheme = text.get(..start)?.ends_with("//");
    let is_part = matches!(before(text, start), Some(b'@' | b'_' | b'/' | b'\\' | b'$')) && !has_scheme
        || matches!(after(text, end), Some(b'(' | b'_' | b'@'));
    let labels = name
        .split('.')
        .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
    if !labels || is_part || !tld::is_known(label) || name.len() > 253 {
        return None;
    }
    let score = if has_scheme { SURE } else { score(host, label, text.get(end..)?)? };
    Some((start..end, score))
}

/// How sure a name is without a scheme before it.
fn score(host: &str, label: &str, rest: &str) -> Option<f32> {
    let is = |names: &[&str], label: &str| names.iter().any(|name| name.eq_ignore_ascii_case(label));
    let first = host.split('.').next().unwrap_or_default();
    // `done.Then`: a sentence ends and another begins. `parseInt.name`: camel case.
    let is_title = label.starts_with(|c: char| c.is_ascii_uppercase()) && label.contains(|c: char| c.is_ascii_lowercase());
    let has_hump = host.as_bytes().windows(2).any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let is_ambiguous = is(AMBIGUOUS, label);
    if is_title || (is_ambiguous || host.contains('.')) && is(OBJECTS, first) {
        return None;
    }
    if first.eq_ignore_ascii_case("www") {
        return Some(SURE);
    }
    if !is_ambiguous {
        return Some(SURE);
    }
    // A file, or a member that something is done with.
    let rest = rest.trim_start_matches([' ', ')', ']']);
    let is_code = has_hump
        || rest.starts_with(['=', '[', '{', '+', '*', '&', '|', ';'])
        || ["->", "!=", "<=", ">="].iter().any(|sign| rest.starts_with(sign));
    let is_host = host.contains('.') && (is(HOSTS, first) || is(SECOND, host.rsplit('.').next().unwrap_or_default()));
    if is_host && !is_code {
        return Some(SURE);
    }
    let is_file = host.starts_with(|c: char| c.is_ascii_uppercase()) && !label.starts_with(|c: char| c.is_ascii_uppercase());
    (!is_code && !is_file).then_some(WEAK)
}

#[cfg(test)]
mod tests {
    use super::{ENDS, SURE, WEAK, domain};

    fn found(text: &str) -> Option<(&str, f32)> {
        ENDS.iter().filter_map(|end| domain(text, text.find(end)?)).map(|(range, score)| (&text[range], score)).next()
    }

    #[test]
    fn names() {
        for (text, name) in [
            ("example.com", "example.com"),
            ("See www.example.co.uk.", "www.example.co.uk"),
            ("https://shop.example.de:8080/x", "shop.example.de"),
            ("(x-y.museum)", "x-y.museum"),
            ("bücher.de", "bücher.de"),
            ("xn--bcher-kva.com,", "xn--bcher-kva.com"),
            ("status.acme.io", "status.acme.io"),
            ("www.acme.id", "www.acme.id"),
            ("http://crates.rs/x", "crates.rs"),
            ("mail.acme.pl", "mail.acme.pl"),
            ("acme.co.in", "acme.co.in"),
        ] {
            assert_eq!(found(text), Some((name, SURE)), "{text}");
        }
    }

    #[test]
    fn names_of_files_and_members_need_more() {
        for text in ["main.rs", "setup.py", "acme.id", "notes.md, please", "done.so"] {
            assert_eq!(found(text), Some((text.split(',').next().unwrap(), WEAK)), "{text}");
        }
    }

    #[test]
    fn look_alikes() {
        for text in [
            "anna@example.com",
            "main.rs(",
            "a/b.com",
            "self.is_it(",
            "x..com",
            "-.com",
            "foo.compute",
            ".com",
            "1.com.2",
            "other.value.id",
            "self.value.name = 1",
            "README.md",
            "fooBar.id",
            "item.name;",
            "a.id = b",
            "Done.In the",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
