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

/// The name that ends here, or has more labels than this.
pub(super) fn domain(text: &str, at: usize) -> Option<Range<usize>> {
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
    let (_, label) = name.rsplit_once('.')?;
    let end = start + name.len();
    // What stands behind an `@` is an email's, and a path's or a call's name is none.
    let is_part = matches!(before(text, start), Some(b'@' | b'_' | b'/' | b'\\'))
        && !text.get(..start)?.ends_with("//")
        || matches!(after(text, end), Some(b'(' | b'_' | b'@'));
    let labels = name
        .split('.')
        .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
    (labels && !is_part && tld::is_known(label) && name.len() <= 253).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::{ENDS, domain};

    fn found(text: &str) -> Option<&str> {
        ENDS.iter().filter_map(|end| domain(text, text.find(end)?)).map(|range| &text[range]).next()
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
        ] {
            assert_eq!(found(text), Some(name), "{text}");
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
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
