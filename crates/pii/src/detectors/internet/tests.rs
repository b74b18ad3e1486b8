use std::net::Ipv4Addr;

use proptest::prelude::*;

use crate::{Detectors, Entity};

fn found(entity: Entity, text: &str) -> Vec<&str> {
    let detectors = Detectors::builder().only([entity]).build().unwrap();
    detectors.find(text).into_iter().map(|finding| &text[finding.range]).collect()
}

proptest! {
    #[test]
    fn every_usual_address_is_found_whole(
        user in "[a-z0-9][a-z0-9._+-]{0,20}[a-z0-9]",
        host in "[a-z0-9][a-z0-9-]{0,10}[a-z0-9]",
        top in "com|de|co\\.uk|io|museum|example",
        before in "(see |<|\"|'|mailto:|, |\\()?",
        after in "(>|\"|'|,|\\.|\\)| and| x@)?",
    ) {
        prop_assume!(!user.contains("..") && !["git", "this", "self"].contains(&user.as_str()));
        let address = format!("{user}@{host}.{top}");
        let text = format!("{before}{address}{after}");
        prop_assert_eq!(found(Entity::EMAIL, &text), [address]);
    }

    #[test]
    fn every_public_address_of_version_4_is_found(bits: u32, before in "(from |\\[|\"|=|//|@)?", after in "(:80|\\]|\"|,|\\.| is|/)?") {
        let address = Ipv4Addr::from_bits(bits);
        let [a, b, ..] = address.octets();
        prop_assume!(a > 20 && a < 224 && a != 127 && !address.is_private() && !address.is_link_local() && (a, b & 0xc0) != (100, 64));
        let text = format!("{before}{address}{after}");
        prop_assert_eq!(found(Entity::IP_ADDRESS, &text), [address.to_string()]);
        let glued = [format!("v{address}"), format!("{address}.7"), format!("7.{address}"), format!("{address}x")];
        for text in glued {
            prop_assert_eq!(found(Entity::IP_ADDRESS, &text), [""; 0]);
        }
    }

    #[test]
    fn every_address_of_version_6_is_found(bits: u128, before in "(from |\\[|\")?", after in "(\\]:80|\"|,|\\.| is)?") {
        let address = std::net::Ipv6Addr::from_bits(bits >> 3 | 1 << 125);
        let text = format!("{before}{address}{after}");
        prop_assert_eq!(found(Entity::IP_ADDRESS, &text), [address.to_string()]);
    }

    #[test]
    fn nothing_goes_wrong_on_any_text(text in "[a-f0-9:@./%°\\- é\u{200b}]{0,200}") {
        for finding in Detectors::default().find(&text) {
            prop_assert!(text.get(finding.range).is_some());
        }
    }
}

#[test]
fn context_tells_private_addresses_and_places() {
    for (entity, text, shown) in [
        (Entity::IP_ADDRESS, "the server is at 10.1.2.3", &["10.1.2.3"][..]),
        (Entity::IP_ADDRESS, "from 10.1.2.3", &[]),
        (Entity::IP_ADDRESS, "(10.1.2.3)", &["10.1.2.3"]),
        (Entity::IP_ADDRESS, "fe80::1%eth0", &["fe80::1%eth0"]),
        (Entity::IP_ADDRESS, "10.0.0.0/8", &[]),
        (Entity::IP_ADDRESS, "127.0.0.1", &[]),
        (Entity::IP_ADDRESS, "ip 127.0.0.1", &[]),
        (Entity::IP_ADDRESS, "version 52.14.88.201", &[]),
        (Entity::COORDINATES, "GPS 52.5200, 13.4050", &["52.5200, 13.4050"]),
        (Entity::COORDINATES, "[52.5200, 13.4050]", &[]),
        (Entity::MAC_ADDRESS, "MAC AA:BB:CC:DD:EE:FF", &["AA:BB:CC:DD:EE:FF"]),
        (Entity::MAC_ADDRESS, "a1:bb:cc:dd:ee:ff:aa:bb", &[]),
        (Entity::MAC_ADDRESS, "FF:FF:FF:FF:FF:FF", &[]),
        (Entity::URL, "see https://a:b2c@example.com/x", &["https://a:b2c@example.com/x"]),
        (Entity::DOMAIN, "The website is acme.id, see notes.md", &["acme.id", "notes.md"]),
        (Entity::DOMAIN, "see main.rs, README.md and self.value.id", &[]),
        (Entity::DOMAIN, "see shop.example.de, or example.com.", &["shop.example.de", "example.com"]),
    ] {
        assert_eq!(found(entity, text), shown, "{text}");
    }
}
