//! What an external detector is held to, whatever it is.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use llm_layers_core::BoxError;
use llm_layers_pii_redaction::{DetectAsync, Detecting, Entity, External, ExternalError, Finding, OnFailure, Text};
use tokio::time::{Instant, sleep};

use crate::external_support::{finding, named, texts};

/// Finds every `secret`, so many bytes at a time.
struct Secrets {
    batch_bytes: usize,
    asked: Arc<Mutex<Vec<Vec<usize>>>>,
}

impl DetectAsync for Secrets {
    fn detect<'a>(&'a self, texts: &'a [Text<'a>]) -> Detecting<'a> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(texts.iter().map(|text| text.text.len()).collect());
            let find = |text: &Text<'_>| {
                let places = text.text.match_indices("secret").map(|(at, word)| finding("word", at..at + word.len()));
                places.collect()
            };
            Ok(texts.iter().map(find).collect())
        })
    }

    fn batch_bytes(&self) -> usize {
        self.batch_bytes
    }
}

/// Answers the same, whatever it is asked.
fn says(
    answer: impl Fn() -> Result<Vec<Vec<Finding>>, BoxError> + Send + Sync + 'static,
) -> impl DetectAsync + 'static {
    move |_: &[Text<'_>]| {
        let answer = answer();
        async move { answer }
    }
}

#[tokio::test]
async fn texts_of_any_length_are_asked_in_batches_and_found_where_they_stand() {
    let asked = Arc::default();
    let external = External::new("test", Secrets { batch_bytes: 1024, asked: Arc::clone(&asked) });
    let long = "é ä secret ".repeat(700);
    let seamless = "x".repeat(2000) + "secret" + &"😀".repeat(1000) + "secret";
    let texts_of_it = ["a secret", "", &long, " ", "none", &seamless, "secret"];
    let found = external.find(&texts(&texts_of_it)).await.expect("an answer");
    assert!(found.failure.is_none());
    for (text, findings) in texts_of_it.iter().zip(&found.findings) {
        let expected: Vec<_> = text.match_indices("secret").map(|(at, word)| at..at + word.len()).collect();
        let ranges: Vec<_> = findings.iter().map(|finding| finding.range.clone()).collect();
        assert_eq!(ranges, expected);
    }
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|batch| batch.iter().sum::<usize>() <= 1024 && !batch.contains(&0)), "{asked:?}");
    assert!(asked.len() < 30, "{}", asked.len());
}

#[tokio::test]
async fn nothing_to_search_asks_nobody() {
    let external = External::new("test", says(|| panic!("nobody is to be asked")));
    for none in [&[][..], &["", " \n\t"]] {
        let found = external.find(&texts(none)).await.expect("an answer");
        assert_eq!(found.findings.len(), none.len());
    }
}

#[tokio::test]
async fn answers_that_cannot_be_are_failures() {
    let text = "é€";
    let scored = |score| Finding { score, ..finding("a", 0..2) };
    for (what, list) in [
        ("no list", vec![]),
        ("two lists", vec![vec![], vec![]]),
        ("beyond the end", vec![vec![finding("a", 2..6)]]),
        ("far beyond", vec![vec![finding("a", 7..usize::MAX)]]),
        ("begins within a character", vec![vec![finding("a", 1..2)]]),
        ("ends within a character", vec![vec![finding("a", 0..3)]]),
        ("empty", vec![vec![finding("a", 2..2)]]),
        ("backwards", vec![vec![finding("a", std::ops::Range { start: 5, end: 2 })]]),
        ("one that is right before one that is not", vec![vec![finding("a", 0..2), finding("a", 0..1)]]),
        ("too sure", vec![vec![scored(1.5)]]),
        ("less than unsure", vec![vec![scored(-0.1)]]),
        ("no number", vec![vec![scored(f32::NAN)]]),
    ] {
        let external = External::new("test", says(move || Ok(list.clone())));
        let error = external.find(&texts(&[text])).await.expect_err(what);
        assert!(matches!(error, ExternalError::Nonsense(_)), "{what}: {error:?}");

        let open = external.on_failure(OnFailure::FailOpen);
        let found = open.find(&texts(&[text])).await.expect(what);
        assert!(found.findings == [vec![]] && found.failure.is_some(), "{what}: {found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_is_set() {
    let hangs = |_: &[Text<'_>]| std::future::pending();
    for (on_failure, timeout) in
        [(OnFailure::FailClosed, 2), (OnFailure::FailOpen, 2), (OnFailure::FailClosed, 7), (OnFailure::FailOpen, 1)]
    {
        let mut external = External::new("test", hangs).on_failure(on_failure);
        if timeout != 2 {
            external = external.timeout(Duration::from_secs(timeout));
        }
        let start = Instant::now();
        let text = "x".repeat(1 << 20);
        let answer = external.find(&texts(&[&text, "b"])).await;
        // Every batch runs against the same clock.
        assert_eq!(start.elapsed().as_millis() / 100, u128::from(timeout) * 10);
        match answer {
            Ok(found) => {
                assert!(!external.is_closed());
                assert!(matches!(found.failure, Some(ExternalError::TimedOut { .. })));
            }
            Err(error) => {
                assert!(external.is_closed());
                assert_eq!(error.to_string(), format!("the detector has not answered within {timeout}s"));
            }
        }
    }
}

/// What has been found counts, also where another batch has failed.
#[tokio::test(start_paused = true)]
async fn who_fails_open_keeps_what_there_is() {
    let detector = |texts: &[Text<'_>]| {
        let (count, is_bad) = (texts.len(), texts[0].text.starts_with("bad"));
        async move {
            if is_bad {
                sleep(Duration::from_secs(60)).await;
            }
            Ok(vec![vec![finding("a", 0..1)]; count])
        }
    };
    let external = External::new("test", detector);
    let (good, bad) = ("g".repeat(60_000), "bad".repeat(20_000));
    external.find(&texts(&[&good, &bad])).await.expect_err("closed by default");
    let found = external.on_failure(OnFailure::FailOpen).find(&texts(&[&good, &bad])).await.expect("open");
    assert_eq!(found.findings, [vec![finding("a", 0..1)], vec![]]);
    assert!(found.failure.is_some());
}

#[tokio::test(start_paused = true)]
async fn so_many_are_under_way_and_no_more() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let detector = {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        move |texts: &[Text<'_>]| {
            let (now, most, count) = (Arc::clone(&now), Arc::clone(&most), texts.len());
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_millis(100)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(vec![vec![]; count])
            }
        }
    };
    let external = External::new("test", detector).concurrency(3);
    let text = "x ".repeat(150_000);
    // Clones are one detector: the bound is of the process.
    let clone = external.clone();
    let (first, second) = (texts(&[&text]), texts(&[&text]));
    let (one, two) = tokio::join!(external.find(&first), clone.find(&second));
    one.and(two).expect("answers");
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

/// One call has half of the places, and a short one is not kept waiting.
#[tokio::test(start_paused = true)]
async fn a_long_call_leaves_room_for_others() {
    let detector = |texts: &[Text<'_>]| {
        let count = texts.len();
        async move {
            sleep(Duration::from_millis(100)).await;
            Ok(vec![vec![]; count])
        }
    };
    let external = External::new("test", detector).concurrency(4);
    let text = "x ".repeat(1 << 20);
    let (long, short) = (texts(&[&text]), texts(&["a"]));
    let start = Instant::now();
    let (first, second) = tokio::join!(external.find(&long), async {
        sleep(Duration::from_millis(1)).await;
        let found = external.find(&short).await;
        (found, start.elapsed().as_millis())
    });
    assert!(matches!(first, Ok(_) | Err(ExternalError::TimedOut { .. })), "{first:?}");
    let (found, took) = second;
    found.expect("an answer");
    assert_eq!(took, 101);
}

#[tokio::test]
async fn more_than_is_asked_at_most_is_a_failure_without_a_question() {
    let asked = Arc::new(AtomicUsize::new(0));
    let detector = {
        let asked = Arc::clone(&asked);
        move |texts: &[Text<'_>]| {
            asked.fetch_add(1, Ordering::SeqCst);
            let count = texts.len();
            async move { Ok(vec![vec![]; count]) }
        }
    };
    let external = External::new("test", detector).max_bytes(5);
    external.find(&texts(&["abc", "de"])).await.expect("no more than that");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let error = external.find(&texts(&["abc", "def"])).await.expect_err("too much");
    assert!(matches!(error, ExternalError::TooLong { limit: 5 }), "{error}");
    let open = external.on_failure(OnFailure::FailOpen).find(&texts(&["abc", "def"])).await.expect("open");
    assert!(open.findings == [vec![], vec![]] && open.failure.is_some());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// A call that is given up leaves nothing behind: its turn goes to the next.
#[tokio::test(start_paused = true)]
async fn a_dropped_call_frees_its_place() {
    let calls = Arc::new(AtomicUsize::new(0));
    let detector = {
        let calls = Arc::clone(&calls);
        move |texts: &[Text<'_>]| {
            let (hangs, count) = (calls.fetch_add(1, Ordering::SeqCst) == 0, texts.len());
            async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
                Ok(vec![vec![]; count])
            }
        }
    };
    let external = External::new("test", detector).concurrency(1);
    let texts = texts(&["a"]);
    let given_up = tokio::time::timeout(Duration::from_millis(10), external.find(&texts)).await;
    assert!(given_up.is_err());
    external.find(&texts).await.expect("an answer");
}

#[tokio::test]
async fn an_error_is_passed_on_and_says_nothing_itself() {
    let external = External::new("test", says(|| Err("Anna Meyer is not to be found".into())));
    let error = external.find(&texts(&["Anna Meyer"])).await.expect_err("an error");
    assert_eq!(format!("{error} {error:?}"), "the detector has failed Failed(..)");
    assert!(std::error::Error::source(&error).is_none(), "whoever prints a chain of errors prints no text");
    let own = error.detector_error().expect("its own words");
    assert_eq!(own.to_string(), "Anna Meyer is not to be found");
    assert!(!format!("{external:?}").contains("Anna"));
}

/// Two pieces of a text see what stands where they meet: once in part, and once whole.
#[tokio::test]
async fn what_two_pieces_see_is_one_finding() {
    struct Words;
    impl DetectAsync for Words {
        fn detect<'a>(&'a self, texts: &'a [Text<'a>]) -> Detecting<'a> {
            let runs = |text: &Text<'_>| -> Vec<Finding> {
                let start = text.text.find('#');
                let end = text.text.rfind('#');
                let range = start.zip(end).map(|(start, end)| start..end + 1);
                range.map(|range| Finding { entity: Entity::new("run"), range, score: 0.9 }).into_iter().collect()
            };
            let found = texts.iter().map(runs).collect();
            Box::pin(async move { Ok(found) })
        }

        fn batch_bytes(&self) -> usize {
            1024
        }
    }
    let text = "x".repeat(900) + &"#".repeat(200) + &"x".repeat(900);
    let found = External::new("test", Words).find(&texts(&[&text])).await.expect("an answer");
    let run = "#".repeat(200);
    assert_eq!(named(&[&text], &found.findings), [[("run".to_owned(), &*run, 90)]]);
}
