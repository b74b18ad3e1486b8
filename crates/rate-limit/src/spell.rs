use std::{fmt::Write as _, time::Duration};

/// A duration as OpenAI spells it, which is as Go does: `6m0s`, `1h0m2.5s`, `20ms`, `0s`. To the millisecond, upwards.
pub(crate) fn duration(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    if (1..1000).contains(&millis) {
        return format!("{millis}ms");
    }
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let mut text = String::new();
    // Writing to a string cannot fail.
    if hours > 0 {
        let _ = write!(text, "{hours}h");
    }
    if hours > 0 || minutes > 0 {
        let _ = write!(text, "{minutes}m");
    }
    let _ = write!(text, "{}", seconds % 60);
    if millis > 0 {
        let _ = write!(text, ".{millis:03}");
        text.truncate(text.trim_end_matches('0').len());
    }
    text.push('s');
    text
}

#[cfg(test)]
mod tests {
    use llm_layers_core::retry_after;
    use proptest::prelude::*;

    use super::duration;
    use std::time::Duration;

    #[test]
    fn it_is_spelt_as_openai_does() {
        for (millis, text) in [
            (0, "0s"),
            (1, "1ms"),
            (20, "20ms"),
            (1000, "1s"),
            (1824, "1.824s"),
            (1500, "1.5s"),
            (60_000, "1m0s"),
            (360_000, "6m0s"),
            (90_500, "1m30.5s"),
            (3_600_000, "1h0m0s"),
            (3_723_004, "1h2m3.004s"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
        assert_eq!(duration(Duration::from_nanos(1)), "1ms", "upwards");
    }

    proptest! {
        #[test]
        fn it_is_read_as_it_is_written(millis in 0..604_800_000u64) {
            let written = Duration::from_millis(millis);
            let read = retry_after::duration(&duration(written)).expect("a duration");
            prop_assert!(read.abs_diff(written) < Duration::from_micros(100));
        }
    }
}
