//! Texts in which nothing of all this stands.

use llm_layers_pii::Detectors;

use crate::marked;

#[test]
fn ordinary_texts() {
    let detectors = Detectors::default();
    for text in [
        "In 2023 the population was 67 596 281, up from 66 971 395 the year before.",
        "The license file is at line 12345678 of the index.",
        "Order 4412-889-12 shipped on 12-11-2024, invoice INV20240017.",
        "Chapter 12, section 34, page 5678 of ISBN 978-3-16-148410-0",
        "SELECT * FROM t WHERE id IN (10021, 10022, 10023) LIMIT 100000",
        "GET /api/v2/items/8812345?page=3&size=200 200 18273",
        "error 0x80070005 at 0000000140001A2C in module 10.0.19041.1",
        "let x = [0.1234567, 1.2345678, 9.87654321e-10];",
        "2024-01-15T12:30:45.123456789Z pid=12345 tid=67890123",
        "version 1.22.333-4444+build.5555",
        "ticket ABC-12345, case 00123456, batch 7-11-13",
    ] {
        assert_eq!(marked(&detectors, text), text);
    }
}
