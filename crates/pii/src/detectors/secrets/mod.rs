//! Keys, tokens, passwords and private keys.

mod assigned;
mod header;
mod jwt;
mod long;
mod names;
mod pem;
mod random;
pub(super) mod value;
mod vendors;

use crate::{Detector, Entity, Form, Trigger};

pub(super) use vendors::ALL as VENDORS;

pub(super) const ALL: &[Detector] = &[
    Detector::new(Entity::SECRET, Form::Around(Trigger::Words(pem::BEGIN), pem::private_key))
        .source("RFC 7468, RFC 4716, RFC 4880 section 6.2, OpenSSH PROTOCOL.key, 2026-11"),
    Detector::new(Entity::SECRET, Form::Around(Trigger::Words(jwt::BEGIN), jwt::token))
        .source("RFC 7519, RFC 7515 section 4, RFC 7516 section 4, 2026-11"),
    Detector::new(Entity::SECRET, Form::Around(Trigger::Words(&long::BEGIN), long::key)).source(
        "Anthropic, OpenAI, PyPI, Google, Sentry, Atlassian, Slack, GitLab, Vault, Meta, Fly: gitleaks, 2026-11",
    ),
    Detector::new(Entity::SECRET, Form::Around(Trigger::Words(&[long::MAILGUN]), long::mailgun))
        .source("Mailgun; gitleaks mailgun-private-api-token, 2026-11"),
    Detector::new(Entity::SECRET, Form::Around(Trigger::Words(header::SCHEMES), header::credentials))
        .source("RFC 9110 section 11.6.2, RFC 6750, RFC 7617, 2026-11"),
    Detector::new(Entity::SECRET, Form::Rated(Trigger::Words(names::NAMES), assigned::value))
        .source("names in use; thresholds as in gitleaks generic-api-key, 2026-11"),
    Detector::new(Entity::SECRET, Form::Member(names::MEMBERS, assigned::member))
        .score(0.9)
        .source("names in use, 2026-11"),
    Detector::new(Entity::SECRET, Form::Around(Trigger::Digits, random::aws_secret))
        .score(0.2)
        .check(assigned::is_aws_secret)
        .context(&["aws", "amazon", "secret access key", "akia", "s3"])
        .source("AWS IAM, secret access keys, 2026-11"),
    Detector::new(Entity::SECRET, Form::Around(Trigger::Digits, random::key))
        .score(0.2)
        .check(assigned::is_key)
        .context(names::CONTEXT)
        .source("names in use; thresholds as in gitleaks generic-api-key, 2026-11"),
    // As long as a digest, so that only what is plainly a secret's name counts.
    Detector::pattern(Entity::SECRET, "[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
        .score(0.15)
        .check(value::is_varied)
        .context(names::CONTEXT_OF_HEX)
        .against(&["commit", "sha1", "sha256", "md5", "digest", "checksum", "etag", "hash", "trace", "span", "uuid"])
        .source("names in use; thresholds as in gitleaks generic-api-key, 2026-11"),
];

#[cfg(test)]
mod tests;
