//! AWS Signature Version 4, verified: everything that was signed is put together again from the request as it came.

use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::request::Parts;
use sha2::{Digest, Sha256};

use super::error::forbidden;
use super::operation;
use crate::reply::Reply;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The name that Bedrock's runtime signs under, which is not the name of its host.
const SERVICE: &str = "bedrock";
/// How far the clocks may be apart, in seconds.
const SKEW: i64 = 300;

/// The one who may sign.
#[derive(Clone)]
pub(crate) struct Signer {
    access_key: String,
    secret_key: String,
    region: String,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Signer {
    pub(crate) fn new(access_key: String, secret_key: String, region: String) -> Self {
        Self { access_key, secret_key, region }
    }

    fn key(&self, date: &str) -> Vec<u8> {
        let first = format!("AWS4{}", self.secret_key).into_bytes();
        let parts = [date, &self.region, SERVICE, "aws4_request"];
        parts.iter().fold(first, |key, part| mac(&key, part).finalize().into_bytes().to_vec())
    }
}

pub(super) fn check(signer: Option<&Signer>, given: &str, parts: &Parts, body: &[u8]) -> Result<(), Reply> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    check_at(i64::try_from(now).unwrap_or(i64::MAX), signer, given, parts, body)
}

fn check_at(now: i64, signer: Option<&Signer>, given: &str, parts: &Parts, body: &[u8]) -> Result<(), Reply> {
    let signed = Signed::read(given)?;
    let [access_key, date, region, service, end] = signed.scope.split('/').collect::<Vec<_>>()[..] else {
        return Err(incomplete("Credential must have exactly 5 slash-delimited elements."));
    };
    let Some(signer) = signer.filter(|signer| signer.access_key == access_key) else {
        let message = "The security token included in the request is invalid.";
        return Err(forbidden("UnrecognizedClientException", message));
    };
    if region != signer.region {
        return Err(mismatch(&format!("Credential should be scoped to a valid region, not '{region}'.")));
    }
    if service != SERVICE {
        return Err(mismatch(&format!("Credential should be scoped to correct service: '{SERVICE}'.")));
    }
    if end != "aws4_request" {
        return Err(mismatch("Credential should be scoped with a valid terminator: 'aws4_request'."));
    }
    let stamp = parts.headers.get("x-amz-date").and_then(|value| value.to_str().ok()).unwrap_or_default();
    in_time(stamp, date, now)?;
    signed.covers(&parts.headers)?;

    let request = canonical(parts, &signed.headers, body).ok_or_else(wrong)?;
    let scope = format!("{date}/{region}/{service}/{end}");
    let text = format!("{ALGORITHM}\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let signature = unhex(signed.signature).ok_or_else(wrong)?;
    mac(&signer.key(date), &text).verify_slice(&signature).map_err(|_| wrong())
}

/// The header `authorization`, taken apart.
struct Signed<'a> {
    scope: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Signed<'a> {
    fn read(given: &'a str) -> Result<Self, Reply> {
        let Some(rest) = given.strip_prefix(ALGORITHM) else {
            return Err(incomplete("Authorization header requires a supported algorithm."));
        };
        let find = |name: &str| {
            let pairs = rest.split(',').filter_map(|pair| pair.trim().split_once('='));
            let value = pairs.into_iter().find(|pair| pair.0 == name).map(|pair| pair.1);
            value.ok_or_else(|| incomplete(&format!("Authorization header requires '{name}' parameter.")))
        };
        Ok(Self {
            scope: find("Credential")?,
            headers: find("SignedHeaders")?.split(';').collect(),
            signature: find("Signature")?,
        })
    }

    /// The host, and every `x-amz-` header that was sent, must be signed.
    fn covers(&self, headers: &HeaderMap) -> Result<(), Reply> {
        let sent = headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
        match ["host"].into_iter().chain(sent).find(|name| !self.headers.contains(name)) {
            Some(name) => Err(mismatch(&format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."))),
            None => Ok(()),
        }
    }
}

/// The request in the form that is hashed; `None` where a header that is said to be signed is missing.
fn canonical(parts: &Parts, signed: &[&str], body: &[u8]) -> Option<String> {
    // All services but S3 encode the path a second time: `%3A` on the wire is signed as `%253A`.
    let path = encode(parts.uri.path(), true);
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in parts.uri.query().into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((encode(&operation::decode(name)?, false), encode(&operation::decode(value)?, false)));
    }
    pairs.sort();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();

    let mut out = format!("{}\n{path}\n{}\n", parts.method, query.join("&"));
    for name in signed {
        let mut values = Vec::new();
        for value in parts.headers.get_all(*name) {
            values.push(value.to_str().ok()?.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        // HTTP/2 has its host elsewhere.
        if *name == "host" && values.is_empty() {
            values.push(parts.uri.authority()?.to_string());
        }
        if values.is_empty() {
            return None;
        }
        out.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    let hash = hex(&Sha256::digest(body));
    out.push_str(&format!("\n{}\n{hash}", signed.join(";")));
    let claimed = parts.headers.get("x-amz-content-sha256");
    claimed.is_none_or(|claimed| claimed.as_bytes() == hash.as_bytes()).then_some(out)
}

fn in_time(stamp: &str, date: &str, now: i64) -> Result<(), Reply> {
    let Some(signed) = seconds(stamp) else {
        return Err(incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."));
    };
    if stamp.get(..8) != Some(date) {
        return Err(mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date."));
    }
    if signed < now - SKEW {
        return Err(mismatch(&format!("Signature expired: {stamp} is more than 5 min. old.")));
    }
    if signed > now + SKEW {
        return Err(mismatch(&format!("Signature not yet current: {stamp} is more than 5 min. ahead.")));
    }
    Ok(())
}

/// `20261121T063000Z` as seconds since 1970.
fn seconds(stamp: &str) -> Option<i64> {
    let (date, time) = stamp.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || time.len() != 6 || !date.bytes().chain(time.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |text: &str, at: std::ops::Range<usize>| text.get(at)?.parse::<i64>().ok();
    let (year, month, day) = (part(date, 0..4)?, part(date, 4..6)?, part(date, 6..8)?);
    let (hour, minute, second) = (part(time, 0..2)?, part(time, 2..4)?, part(time, 4..6)?);
    if !(1..=12).contains(&month) {
        return None;
    }
    // The year begins in March, so that the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Everything but letters, digits and `-._~` is encoded; slashes, where they part segments, are not.
fn encode(text: &str, keep_slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keep_slash && byte == b'/') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    // A key of any length will do, so the fallback is never used.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(text.as_bytes());
    mac
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    digits?.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}

fn wrong() -> Reply {
    mismatch(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details.",
    )
}

fn mismatch(message: &str) -> Reply {
    forbidden("InvalidSignatureException", message)
}

fn incomplete(message: &str) -> Reply {
    forbidden("IncompleteSignatureException", message)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const NOW: i64 = 1_795_243_800;

    /// Signed by `botocore.auth.SigV4Auth` of botocore 1.44.5 at 2026-11-21 06:50:00 UTC.
    fn recorded() -> Parts {
        let request = Request::post(
            "http://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-sim-v1%3A0/converse",
        )
        .header("host", "bedrock-runtime.us-east-1.amazonaws.com")
        .header("content-type", "application/json")
        .header("x-amz-date", "20261121T065000Z")
        .header("x-amz-security-token", "session");
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn dates_are_read() {
        assert_eq!(seconds("19700101T000000Z"), Some(0));
        assert_eq!(seconds("20240229T235959Z"), Some(1_709_251_199));
        assert_eq!(seconds("20261121T065000Z"), Some(NOW));
        for bad in ["", "20261121", "20261321T000000Z", "2026112éT00000Z", "20261121T065000", "+0261121T065000Z"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_botocore_signed_is_accepted() {
        let signer = Signer::new("AKIDEXAMPLE".into(), "sekrit/KEY".into(), "us-east-1".into());
        let parts = recorded();
        let given = |scope: &str, signature: &str| {
            let headers = "content-type;host;x-amz-date;x-amz-security-token";
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={headers}, Signature={signature}")
        };
        let (scope, signature) = ("AKIDEXAMPLE/20261121/us-east-1/bedrock/aws4_request", SIGNATURE);
        let good = given(scope, signature);
        let name = |result: Result<(), Reply>| match result {
            Ok(()) => "accepted".to_owned(),
            Err(reply) => {
                let name = reply.headers["x-amzn-errortype"].to_str().unwrap();
                name.split(':').next().unwrap().to_owned()
            }
        };
        let at = |now: i64, given: &str, body: &[u8]| name(check_at(now, Some(&signer), given, &parts, body));
        assert_eq!(at(NOW, &good, BODY), "accepted");
        assert_eq!(at(NOW + 300, &good, BODY), "accepted");
        assert_eq!(at(NOW - 300, &good, BODY), "accepted");
        let wrong = "InvalidSignatureException";
        for (now, given, body) in [
            (NOW + 301, good.clone(), BODY),
            (NOW - 301, good.clone(), BODY),
            (NOW, good.clone(), &b"{}"[..]),
            (NOW, given(&scope.replace("/bedrock/", "/bedrock-runtime/"), signature), BODY),
            (NOW, given(&scope.replace("us-east-1", "eu-west-1"), signature), BODY),
            (NOW, given(&scope.replace("20261121", "20261120"), signature), BODY),
            (NOW, given(scope, &signature.replace('a', "b")), BODY),
            (NOW, given(scope, "abc"), BODY),
            (NOW, good.replace(";x-amz-security-token", ""), BODY),
            (NOW, good.replace("content-type;host", "host"), BODY),
        ] {
            assert_eq!(at(now, &given, body), wrong, "{given}");
        }
        assert_eq!(at(NOW, &given(&scope.replace("AKID", "OTHER"), signature), BODY), "UnrecognizedClientException");
        for given in ["AWS4-HMAC-SHA256", "Basic x", "AWS4-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c"] {
            assert_eq!(at(NOW, given, BODY), "IncompleteSignatureException", "{given}");
        }
    }

    const BODY: &[u8] = br#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#;
    const SIGNATURE: &str = "4100bbafaf68ae56d8b2d64fd67f380c6ce472bf29e357c6af8a6c9027ef9108";
}
