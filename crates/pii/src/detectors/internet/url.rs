//! URLs that hold a password, a token or an address. The whole of one is found: host and path say whose it is.

use std::ops::Range;

use super::super::{
    scan::{floor, run_back, run_on},
    secrets::value,
};

/// The longest scheme, authority and URL that are looked at.
const MOST_SCHEME: usize = 32;
const MOST_AUTHORITY: usize = 256;
const MOST: usize = 4096;

/// Schemes of what holds data. What stands behind `+` names a driver.
const DATABASES: &[&str] = &[
    "amqp",
    "amqps",
    "bolt",
    "cassandra",
    "clickhouse",
    "cockroachdb",
    "couchbase",
    "couchdb",
    "db2",
    "elasticsearch",
    "influxdb",
    "kafka",
    "ldap",
    "ldaps",
    "mariadb",
    "memcached",
    "mongodb",
    "mqtt",
    "mqtts",
    "mssql",
    "mysql",
    "mysqlx",
    "nats",
    "neo4j",
    "oracle",
    "postgres",
    "postgresql",
    "presto",
    "pulsar",
    "redis",
    "rediss",
    "redshift",
    "smtp",
    "smtps",
    "snowflake",
    "sqlserver",
    "trino",
];

/// Parameters whose value opens something.
const TOKENS: &[&str] = &[
    "access_key",
    "access_token",
    "api_key",
    "api-key",
    "apikey",
    "auth",
    "auth_token",
    "client_secret",
    "code",
    "id_token",
    "jwt",
    "key",
    "passwd",
    "password",
    "pwd",
    "refresh_token",
    "secret",
    "session",
    "session_id",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "sign",
    "subscription-key",
    "token",
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
    "x-goog-credential",
    "x-goog-signature",
    "xoxb",
];

/// The URL of a database, with a password.
pub(super) fn database(text: &str, at: usize) -> Option<Range<usize>> {
    credentials(text, at).filter(|url| is_database(text, url.start, at))
}

/// Any other URL with a password, or with a token in place of a user.
pub(super) fn with_credentials(text: &str, at: usize) -> Option<Range<usize>> {
    credentials(text, at).filter(|url| !is_database(text, url.start, at))
}

fn is_database(text: &str, start: usize, at: usize) -> bool {
    let scheme = text.get(start..at).unwrap_or_default();
    let scheme = scheme.split('+').next().unwrap_or_default();
    DATABASES.iter().any(|name| name.eq_ignore_ascii_case(scheme))
}

fn credentials(text: &str, at: usize) -> Option<Range<usize>> {
    let start = scheme(text, at)?;
    let authority = at + 3;
    let end = run_on(text, authority, MOST_AUTHORITY, |byte| is_within(byte) && !matches!(byte, b'/' | b'?' | b'#'));
    let (user, host) = text.get(authority..end)?.rsplit_once('@')?;
    if !host.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '[' | '_')) {
        return None;
    }
    let secret = match user.split_once(':') {
        Some((_, password)) => !value::is_placeholder(password),
        None => user.len() >= 20 && value::looks_random(user),
    };
    secret.then(|| start..url_end(text, end))
}

/// A URL with a token, a password, a signature or an email address among its parameters.
pub(super) fn with_query(text: &str, at: usize) -> Option<Range<usize>> {
    let start = scheme(text, at)?;
    let end = url_end(text, at + 3);
    let (_, query) = text.get(at + 3..end)?.split_once(['?', '#', '&'])?;
    query.split(['&', ';', '#', '?']).any(tells).then_some(start..end)
}

fn tells(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    if value::is_placeholder(value) {
        return false;
    }
    if TOKENS.iter().any(|token| token.eq_ignore_ascii_case(name)) {
        return match name.to_ascii_lowercase().as_str() {
            "password" | "passwd" | "pwd" => value.len() >= 4,
            "auth" | "code" | "key" | "session" | "sid" | "sign" => value.len() >= 16 && value::looks_random(value),
            _ => value.len() >= 8 && value::looks_random(value),
        };
    }
    value.split_once('@').or_else(|| value.split_once("%40")).is_some_and(|(user, host)| {
        user.ends_with(|c: char| c.is_alphanumeric())
            && host.contains('.')
            && host.starts_with(|c: char| c.is_alphanumeric())
    })
}

/// Where the scheme begins whose `://` is here.
fn scheme(text: &str, at: usize) -> Option<usize> {
    let start =
        run_back(text, at, MOST_SCHEME, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'));
    let trimmed = text.get(start..at)?.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    (!trimmed.is_empty()).then_some(at - trimmed.len())
}

/// What a URL has no use for.
fn is_within(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|' | b'^' | 0x7f)
}

/// Where the URL ends, without what ends a sentence. It ends where another begins within it, which is looked at by itself:
/// so no byte is gone over more than once.
fn url_end(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let length = (0..rest.len().min(MOST)).find(|at| {
        rest.get(*at..).is_none_or(|rest| rest.starts_with(b"://") || rest.first().is_none_or(|byte| !is_within(*byte)))
    });
    let end = floor(text, from + length.unwrap_or(rest.len().min(MOST)));
    let shown = text.get(from..end).unwrap_or_default();
    // A bracket closes what was opened before the URL.
    let shown = shown
        .find(')')
        .filter(|at| !shown.get(..*at).is_some_and(|head| head.contains('(')))
        .map_or(shown, |at| shown.get(..at).unwrap_or(shown));
    from + shown.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '*']).len()
}

#[cfg(test)]
mod tests {
    use super::{database, with_credentials, with_query};

    fn found(text: &str, find: fn(&str, usize) -> Option<std::ops::Range<usize>>) -> Option<&str> {
        find(text, text.find("://").unwrap()).map(|range| &text[range])
    }

    #[test]
    fn passwords() {
        for (text, url) in [
            ("postgres://app:s3cr3t@db.example.com:5432/app?x=1.", "postgres://app:s3cr3t@db.example.com:5432/app?x=1"),
            ("\"mongodb+srv://u:p@cluster0.abcde.mongodb.net\"", "mongodb+srv://u:p@cluster0.abcde.mongodb.net"),
            ("redis://:hunter2@localhost:6379", "redis://:hunter2@localhost:6379"),
            ("jdbc:mysql://u:p%40ss@host/db", "mysql://u:p%40ss@host/db"),
            ("postgresql+psycopg2://u:p@h/d", "postgresql+psycopg2://u:p@h/d"),
        ] {
            assert_eq!((found(text, database), found(text, with_credentials)), (Some(url), None), "{text}");
        }
        for (text, url) in [
            ("(https://anna:hunter2@example.com/x?y#z)", "https://anna:hunter2@example.com/x?y#z"),
            ("ftp://anna:p@ss@example.com", "ftp://anna:p@ss@example.com"),
            (
                "https://4f8a1c09b2d77e6655aa@o1.ingest.example.io/2",
                "https://4f8a1c09b2d77e6655aa@o1.ingest.example.io/2",
            ),
            ("http://u:p@[2001:db8::1]/", "http://u:p@[2001:db8::1]/"),
        ] {
            assert_eq!((found(text, with_credentials), found(text, database)), (Some(url), None), "{text}");
        }
    }

    #[test]
    fn none() {
        for text in [
            "https://example.com/@anna:x",
            "https://example.com:8080/",
            "ssh://git@github.com/a/b",
            "https://${USER}:${PASS}@example.com",
            "https://<user>:<password>@example.com",
            "https://anna@example.com",
            "https://user:@example.com",
            "://a:b@c",
            "https://a:b@",
            "postgres://localhost/db",
            "https://example.com/?token=",
            "https://example.com/?token=YOUR_TOKEN",
            "https://example.com/?code=200&key=name",
            "https://example.com/?q=a@b",
            "https://example.com/?page=2",
        ] {
            for find in [database, with_credentials, with_query] {
                assert_eq!(found(text, find), None, "{text}");
            }
        }
    }

    #[test]
    fn parameters() {
        for text in [
            "https://example.com/?access_token=4f8a1c09b2d77e66",
            "https://example.com/cb?state=1&email=anna@posteo.de",
            "https://example.com/cb?u=anna%40posteo.de#top",
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024",
            "https://a.blob.core.windows.net/c?sv=2022-11-02&sig=Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg%3D%3D",
            "https://example.com/#access_token=4f8a1c09b2d77e66",
            "https://example.com/?password=hunter2",
        ] {
            assert_eq!(found(text, with_query), Some(text), "{text}");
            assert_eq!(found(&format!("see ({text})."), with_query), Some(text), "{text}");
            assert_eq!(found(&format!("[x]({text})](https://example.com)"), with_query), Some(text), "{text}");
        }
    }

    #[test]
    fn cut_anywhere_it_stays_within() {
        let text = "é://ü:ö@ß/é?é=a@é.é é".repeat(300);
        for at in text.match_indices("://").map(|(at, _)| at) {
            for find in [database, with_credentials, with_query] {
                assert!(find(&text, at).is_none_or(|range| text.get(range).is_some()));
            }
        }
        let text = format!("https://a:b@c/{}", "é".repeat(5000));
        assert!(text.get(with_credentials(&text, 5).unwrap()).is_some());
    }
}
