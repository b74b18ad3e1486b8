//! What names of machines end with and begin with, and what else does so.

/// What is looked around: how the ends begin that most names have.
#[rustfmt::skip]
pub(in super::super) const ENDS: &[&str] = &[
    ".ac", ".ae", ".af", ".agen", ".ai", ".al", ".am", ".app", ".ar", ".asia", ".at", ".au", ".az", ".ba", ".bd",
    ".be", ".bg", ".bh", ".biz", ".blog", ".bo", ".br", ".by", ".ca", ".cc", ".cd", ".cent", ".ch", ".ci", ".cl",
    ".cm", ".cn", ".co", ".cr", ".cu", ".cy", ".cz", ".de", ".digi", ".dire", ".dk", ".do", ".dz", ".ec", ".edu",
    ".ee", ".eg", ".emai", ".ener", ".engi", ".es", ".et", ".eu", ".even", ".exch", ".expe", ".expr", ".fami",
    ".farm", ".fi", ".fm", ".fo", ".fr", ".fund", ".fyi", ".gall", ".game", ".ge", ".gg", ".gh", ".gl", ".gmbh",
    ".gov", ".gr", ".gt", ".guid", ".guru", ".heal", ".help", ".hk", ".hn", ".hosp", ".host", ".hous", ".hr", ".hu",
    ".id", ".ie", ".il", ".im", ".in", ".io", ".iq", ".ir", ".is", ".it", ".je", ".jm", ".jo", ".jp", ".ke", ".kg",
    ".kh", ".kr", ".kw", ".kz", ".la", ".lb", ".lega", ".li", ".lk", ".llc", ".loan", ".lond", ".love", ".lt", ".lu",
    ".lv", ".ly", ".ma", ".mc", ".md", ".me", ".mg", ".mil", ".mk", ".mm", ".mn", ".mo", ".mt", ".mu", ".mx", ".my",
    ".mz", ".na", ".net", ".news", ".ng", ".ni", ".nl", ".no", ".np", ".nu", ".nyc", ".nz", ".om", ".one", ".onli",
    ".org", ".pa", ".pe", ".pg", ".ph", ".pict", ".pk", ".pl", ".pr", ".ps", ".pt", ".pub", ".py", ".qa", ".re",
    ".ro", ".rs", ".ru", ".rw", ".sa", ".scho", ".scie", ".se", ".sg", ".sh", ".si", ".sk", ".sl", ".sn", ".so",
    ".spac", ".sr", ".st", ".su", ".sv", ".sy", ".tax", ".tc", ".team", ".tech", ".tel", ".th", ".tips", ".tj", ".tk",
    ".tl", ".tm", ".tn", ".to", ".tr", ".tt", ".tube", ".tv", ".tw", ".tz", ".ua", ".ug", ".uk", ".univ", ".us",
    ".uy", ".uz", ".va", ".vc", ".ve", ".vide", ".vip", ".visi", ".vn", ".vu", ".wang", ".watc", ".webs", ".wedd",
    ".wiki", ".win", ".work", ".worl", ".ws", ".wtf", ".xxx", ".xyz", ".ye", ".yoga", ".za", ".zm", ".zone", ".zw",
];

/// What makes it likelier that a name of files or of members is a machine's.
#[rustfmt::skip]
pub(in super::super) const CONTEXT: &[&str] = &[
    "domain", "domains", "website", "web site", "site", "homepage", "host", "hosts", "hostname", "hosted", "url",
    "visit", "nslookup", "dig", "whois", "dns", "certificate", "tls", "nameserver", "webseite", "internetseite",
    "seite", "sitio", "sito", "dominio", "domaine", "domein",
];

/// Top-level domains that are endings of files, names of members, or words that a missing blank joins to a sentence's end.
#[rustfmt::skip]
pub(super) const AMBIGUOUS: &[&str] = &[
    "ad", "am", "as", "bar", "by", "call", "cc", "contact", "day", "do", "docs", "dot", "download", "email", "events",
    "farm", "fm", "foo", "food", "forum", "foundation", "fun", "fund", "gal", "gallery", "game", "games", "group",
    "guide", "help", "host", "hosting", "id", "in", "inc", "info", "ink", "int", "is", "la", "land", "li", "life",
    "link", "live", "loan", "map", "md", "me", "media", "menu", "mk", "ml", "mm", "mo", "mobile", "moda", "money",
    "mov", "movie", "ms", "my", "name", "new", "news", "now", "one", "open", "page", "pay", "phone", "photo",
    "pictures", "place", "play", "plus", "pm", "post", "press", "pro", "properties", "property", "ps", "pub", "py",
    "red", "rent", "repair", "report", "rest", "review", "reviews", "rs", "run", "sc", "services", "sh", "show",
    "site", "so", "social", "software", "space", "st", "star", "storage", "store", "stream", "study", "style", "team",
    "tel", "tf", "th", "tips", "to", "tools", "top", "total", "tr", "trade", "tube", "us", "video", "view", "watch",
    "win", "work", "works", "world", "zip", "zone",
];

/// First labels of machines, and second ones under which a country gives out names.
#[rustfmt::skip]
pub(super) const HOSTS: &[&str] = &[
    "www", "api", "app", "apps", "auth", "blog", "cdn", "cloud", "dashboard", "demo", "dev", "docs", "ftp", "git",
    "gw", "help", "imap", "intranet", "login", "m", "mail", "mx", "my", "news", "ns1", "ns2", "portal", "shop",
    "smtp", "staging", "static", "status", "store", "support", "vpn", "web", "webmail", "wiki",
];
#[rustfmt::skip]
pub(super) const SECOND: &[&str] = &[
    "ac", "co", "com", "edu", "gov", "gob", "go", "net", "org", "or", "ne", "mil",
];

/// First labels of packages.
#[rustfmt::skip]
pub(super) const PACKAGES: &[&str] = &[
    "com", "org", "net", "io", "edu", "gov", "dev", "java", "javax", "android", "kotlin", "scala",
];

/// First labels of members of objects in code.
#[rustfmt::skip]
pub(super) const OBJECTS: &[&str] = &[
    "self", "this", "super", "cls", "args", "kwargs", "ctx", "context", "req", "request", "res", "response", "obj",
    "object", "other", "node", "item", "event", "state", "props", "params", "config", "options", "opts", "user",
    "row", "document", "window", "process", "module", "value", "data", "result", "err", "error", "std", "os", "sys",
    "java", "javax", "e", "i",
];
