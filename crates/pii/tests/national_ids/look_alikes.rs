use llm_layers_pii::{Detectors, Entity};

/// A small generator (PCG's multiplier), so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// All kinds that are a country's.
fn national() -> Detectors {
    let kinds = Entity::KNOWN
        .iter()
        .filter(|entity| entity.as_str().as_bytes().get(2) == Some(&b'_') && **entity != Entity::IP_ADDRESS);
    Detectors::builder().only(kinds.cloned().chain([Entity::PASSPORT, Entity::DRIVING_LICENCE])).build().unwrap()
}

fn count(detectors: &Detectors, texts: impl Iterator<Item = String>) -> (usize, String) {
    let mut seen = String::new();
    let mut count = 0;
    for text in texts {
        for finding in detectors.find(text.as_str()) {
            count += 1;
            seen += &format!("{} {}\n", finding.entity, &text[finding.range]);
        }
    }
    (count, seen)
}

/// Numbers of so many digits, drawn at random.
fn numbers(random: &mut Random, length: usize, count: usize) -> Vec<String> {
    let digit = |at: usize, random: &mut Random| char::from(b'0' + random.below(10).max(u64::from(at == 0)) as u8);
    (0..count).map(|_| (0..length).map(|at| digit(at, random)).collect()).collect()
}

#[test]
fn numbers_in_data_are_no_ids() {
    let (detectors, mut random) = (national(), Random(1));
    for length in (6..=16).chain([18, 20, 32]) {
        let texts =
            numbers(&mut random, length, 1_000).into_iter().map(|digits| format!(r#"{{"value":{digits},"n":3}}"#));
        let (found, seen) = count(&detectors, texts);
        // Hardly anything but an id has eleven digits, so that a birthday and a check digit, or two check digits, are
        // enough there.
        assert!(found < if length == 11 { 50 } else { 5 }, "{found} of 1,000 with {length} digits:\n{seen}");
    }
}

#[test]
fn numbers_in_tables_are_no_ids() {
    let (detectors, mut random) = (national(), Random(4));
    for width in 1..=9 {
        for between in [", ", " ", "\t", " | "] {
            let texts = (0..100).map(|_| numbers(&mut random, width, 10).join(between));
            let (found, seen) = count(&detectors, texts);
            assert!(found < 3, "{found} of 1,000 with {width} digits:\n{seen}");
        }
    }
}

#[test]
fn points_in_time_are_no_ids() {
    let (detectors, mut random) = (national(), Random(2));
    let texts = (0..4_000).map(|index| {
        let seconds = 1_500_000_000 + random.below(300_000_000);
        let (month, day) = (1 + random.below(12), 1 + random.below(28));
        let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
        match index % 4 {
            0 => format!(r#"{{"created":{seconds}}}"#),
            1 => format!(r#"{{"ts":{seconds}{:03}}}"#, random.below(1000)),
            2 => format!("backup-2024{month:02}{day:02}{hour:02}{minute:02}.tar"),
            _ => format!("2024-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},{:03} INFO", random.below(1000)),
        }
    });
    let (found, seen) = count(&detectors, texts);
    assert!(found < 8, "{found} of 4,000:\n{seen}");
}

#[test]
fn hashes_and_versions_are_no_ids() {
    let (detectors, mut random) = (national(), Random(3));
    let texts = (0..4_000).map(|index| {
        let mut hex = |length: usize| -> String {
            (0..length).map(|_| char::from_digit(random.below(16) as u32, 16).unwrap()).collect()
        };
        match index % 4 {
            0 => format!("commit {}", hex(40)),
            1 => format!("{}-{}-{}-{}-{}", hex(8), hex(4), hex(4), hex(4), hex(12)),
            2 => format!("index {}..{} 100644", hex(7), hex(9)),
            _ => format!("color: #{}; v{}.{}.{}", hex(6), index % 9, index % 40, index),
        }
    });
    let (found, seen) = count(&detectors, texts);
    assert!(found < 4, "{found} of 4,000:\n{seen}");
}
