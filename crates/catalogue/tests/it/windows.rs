//! Hours at which another price holds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use llm_layers_catalogue::ServiceTier::{Batch, Flex, Standard};
use llm_layers_catalogue::{Meter, Price, Terms};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::price;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn off_peak(zone: &str, days: &[&str], from: &str, to: &str) -> Price {
    let days: Vec<_> = days.iter().map(|day| format!("\"{day}\"")).collect();
    price(&format!(
        r#"{{"input":"2","off_peak":[{{"zone":"{zone}","days":[{}],"from":"{from}","to":"{to}","input":"1"}}]}}"#,
        days.join(",")
    ))
}

fn is_cheap(price: &Price, at: SystemTime) -> bool {
    price.named(Meter::Input, 0, &Terms::standard(at)) == Some(Decimal::ONE)
}

/// Midnight of a day in UTC.
fn utc(day: Date) -> SystemTime {
    day.to_zoned(TimeZone::UTC).unwrap().timestamp().into()
}

/// Minutes of a week by the clock, Monday first: those of a window, walked one by one.
fn minutes_of(days: &[usize], from: usize, to: usize) -> Vec<bool> {
    let mut week = vec![false; 7 * 1440];
    for day in days {
        let length = if from < to { to - from } else { 1440 - from + to };
        for minute in 0..length {
            week[(day * 1440 + from + minute) % (7 * 1440)] = true;
        }
    }
    week
}

/// Each minute of four days in which clocks may change, against the walk above.
fn scan(zone: &str, days: &[usize], from: usize, to: usize, start: Date) {
    let text = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
    let names: Vec<_> = days.iter().map(|day| DAYS[*day]).collect();
    let price = off_peak(zone, &names, &text(from), &text(to));
    let week = minutes_of(if days.is_empty() { &[0, 1, 2, 3, 4, 5, 6] } else { days }, from, to);
    let zone = TimeZone::get(zone).unwrap();
    for minute in 0..4 * 1440 {
        let at = utc(start) + Duration::from_secs(minute * 60 + minute % 60);
        let local = jiff::Timestamp::try_from(at).unwrap().to_zoned(zone.clone());
        let of_week = local.weekday().since(Weekday::Monday) as usize * 1440
            + local.hour() as usize * 60
            + local.minute() as usize;
        assert_eq!(is_cheap(&price, at), week[of_week], "{local}");
    }
}

#[test]
fn each_minute_around_changes_of_the_clocks() {
    for (zone, start) in [
        ("Europe/Berlin", date(2026, 3, 27)),
        ("Europe/Berlin", date(2026, 10, 23)),
        ("America/New_York", date(2026, 3, 6)),
        ("America/New_York", date(2026, 10, 30)),
        ("Australia/Lord_Howe", date(2026, 4, 3)),
        ("Asia/Kolkata", date(2026, 11, 12)),
        ("UTC", date(2026, 12, 30)),
    ] {
        for (from, to) in [(990, 30), (120, 180), (0, 1440), (1439, 1), (600, 600)] {
            scan(zone, &[], from, to, start);
            scan(zone, &[5, 6], from, to, start);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_window_against_a_walk(
        zone in prop::sample::select(vec!["UTC", "Europe/London", "Asia/Shanghai", "America/Sao_Paulo"]),
        days in prop::sample::subsequence((0..7).collect::<Vec<_>>(), 0..=7),
        from in 0_usize..1440,
        to in 0_usize..=1440,
        day in 0_i32..400,
    ) {
        let start = date(2026, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        scan(zone, &days, from, to, start);
    }
}

#[test]
fn deepseek_at_half_past_four() {
    // As DeepSeek had it: from 16:30 to 00:30 UTC, every day.
    let price = off_peak("UTC", &[], "16:30", "00:30");
    let at = |hour: u64, minute: u64| utc(date(2026, 11, 12)) + Duration::from_secs(hour * 3600 + minute * 60);
    for (hour, minute, cheap) in [(16, 29, false), (16, 30, true), (23, 59, true), (0, 29, true), (0, 30, false)] {
        assert_eq!(is_cheap(&price, at(hour, minute)), cheap, "{hour}:{minute}");
    }
}

#[test]
fn an_evening_belongs_to_its_day_and_the_morning_too() {
    let price = off_peak("UTC", &["fri"], "22:00", "06:00");
    let at = |day, hour: u64| utc(date(2026, 11, day)) + Duration::from_secs(hour * 3600);
    assert!(is_cheap(&price, at(13, 22)), "Friday evening");
    assert!(is_cheap(&price, at(14, 5)), "Saturday morning");
    assert!(!is_cheap(&price, at(14, 22)), "Saturday evening");
    assert!(!is_cheap(&price, at(13, 5)), "Friday morning");
}

#[test]
fn the_first_window_of_several_wins_and_keeps_what_it_does_not_name() {
    let price = price(
        r#"{"input":"2","output":"4","batch":{"input":"1.5","off_peak":[{"zone":"UTC","from":"00:00","to":"24:00","discount":"0.5"}]},
            "off_peak":[{"zone":"UTC","from":"01:00","to":"02:00","input":"0.5"},{"zone":"UTC","from":"00:00","to":"12:00","input":"1"}]}"#,
    );
    let named = |meter, service, minutes: u64| {
        let at = utc(date(2026, 11, 12)) + Duration::from_secs(minutes * 60);
        price.named(meter, 0, &Terms { service, at }).unwrap().to_string()
    };
    assert_eq!(named(Meter::Input, Standard, 90), "0.5");
    assert_eq!(named(Meter::Output, Standard, 90), "4");
    assert_eq!(named(Meter::Input, Standard, 30), "1");
    assert_eq!(named(Meter::Input, Standard, 13 * 60), "2");
    // A tier with prices of its own has windows of its own; one without has the standard ones.
    assert_eq!(named(Meter::Input, Batch, 90), "0.75");
    assert_eq!(named(Meter::Input, Flex, 90), "0.5");
}

#[test]
fn times_out_of_the_calendar_are_no_reason_to_panic() {
    let price = off_peak("Europe/Berlin", &["mon"], "16:30", "00:30");
    for at in [UNIX_EPOCH - Duration::from_secs(1), UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(1 << 40)] {
        let _ = is_cheap(&price, at);
    }
}
