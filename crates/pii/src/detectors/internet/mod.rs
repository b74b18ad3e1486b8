//! Addresses of people and machines on the internet, and places on Earth.

mod coordinates;
mod domain;
mod email;
mod ip;
mod mac;
mod tld;
mod url;

use crate::{Detector, Entity, Form, Trigger};

pub(super) const ALL: &[Detector] = &[
    Detector::new(Entity::EMAIL, Form::Rated(Trigger::At, email::email))
        .context(email::CONTEXT)
        .source("RFC 5321 section 4.1.2, RFC 5322 section 3.4.1, RFC 6531; top-level domains of IANA, 2026-11"),
    Detector::new(Entity::SECRET, Form::Around(Trigger::Scheme, url::database))
        .source("RFC 3986 section 3.2.1; connection URLs of PostgreSQL, MySQL, MongoDB, Redis and RabbitMQ, 2026-11"),
    Detector::new(Entity::URL, Form::Around(Trigger::Scheme, url::with_credentials))
        .source("RFC 3986 section 3.2.1, 2026-11"),
    Detector::new(Entity::URL, Form::Around(Trigger::Scheme, url::with_query))
        .source("RFC 3986 section 3.4, RFC 6750 section 2.3; signed URLs of AWS, Azure and Google Cloud, 2026-11"),
    Detector::new(Entity::DOMAIN, Form::Rated(Trigger::Words(domain::ENDS), domain::domain))
        .off()
        .context(domain::CONTEXT)
        .source("RFC 1035 section 2.3.1, RFC 5890; top-level domains of IANA, 2026-11"),
    Detector::new(Entity::IP_ADDRESS, Form::Rated(Trigger::Digits, ip::v4))
        .check(ip::is_address)
        .context(ip::CONTEXT)
        .against(ip::AGAINST)
        .source("RFC 791; special addresses: RFC 6890, IANA's registry, 2026-11"),
    Detector::new(Entity::IP_ADDRESS, Form::Rated(Trigger::Digits, ip::v6))
        .check(ip::is_address)
        .context(ip::CONTEXT)
        .source("RFC 4291 section 2.2, zones RFC 4007 section 11, 2026-11"),
    Detector::new(Entity::MAC_ADDRESS, Form::Rated(Trigger::Digits, mac::mac))
        .context(mac::CONTEXT)
        .source("IEEE 802-2014 section 8, RFC 9542, 2026-11"),
    Detector::pattern(Entity::MAC_ADDRESS, mac::LETTERS)
        .score(0.4)
        .check(mac::is_card)
        .context(mac::CONTEXT)
        .source("IEEE 802-2014 section 8, RFC 9542, 2026-11"),
    Detector::new(Entity::COORDINATES, Form::Rated(Trigger::Digits, coordinates::pair))
        .context(coordinates::CONTEXT)
        .source("ISO 6709 annexes D and H, RFC 5870, 2026-11"),
    Detector::new(Entity::COORDINATES, Form::Around(Trigger::Words(coordinates::NAMES), coordinates::named))
        .source("RFC 7946, and the names that members of this kind usually have, 2026-11"),
    Detector::new(Entity::COORDINATES, Form::Member(coordinates::MEMBERS, coordinates::member))
        .source("RFC 7946, and the names that members of this kind usually have, 2026-11"),
];

#[cfg(test)]
mod tests;
