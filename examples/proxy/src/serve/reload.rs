use std::{path::PathBuf, time::Duration};

use super::{Error, Front};
use crate::{config::Config, stack::Stack, start};

/// How often the file is looked at. Its content is compared, so that any way of replacing it counts: an editor's
/// rename, a mounted volume's switched link, a copy that keeps the time.
const EVERY: Duration = Duration::from_secs(1);

/// A file that was refused is tried again after so many looks, though nothing in it has changed: it may be right as soon
/// as a folder is made, or a certificate put into its place.
const TRIED_AGAIN_AFTER: u32 = 5;

/// Takes over what changes in the file. A bad change is reported, and the configuration before it stays in force.
pub(super) async fn watch(path: PathBuf, config: Config, front: Front) {
    let listen = config.listen();
    let mut file = File::new(tokio::fs::read(&path).await.ok());
    let fixed = |config: &Config| (config.listen(), config.workers());
    let mut asked_for = Config::from_file(&path).as_ref().map_or(fixed(&config), fixed);
    drop(config);
    loop {
        tokio::time::sleep(EVERY).await;
        let Ok(now) = tokio::fs::read(&path).await else { continue };
        let seen = file.look(now, || {
            let config = Config::from_file(&path)?;
            let now_asked_for = fixed(&config);
            // It is judged by the address that is bound: without keys that must be one of this machine only.
            let config = config.with_listen(listen)?;
            front.replace(Stack::after(&config, &front.stack())?);
            start::warn(&config);
            Ok(std::mem::replace(&mut asked_for, now_asked_for) != now_asked_for)
        });
        match seen {
            Seen::Nothing => {}
            Seen::Refused(why) => tracing::error!("the changed configuration is refused, the old one stays:\n{why}"),
            Seen::Back => tracing::info!(file = %path.display(), "the file is again as what is in force"),
            Seen::Taken(wants_a_restart) => {
                tracing::info!(file = %path.display(), "the changed configuration is in force");
                if wants_a_restart {
                    tracing::warn!(now = %listen, "`listen` or `workers` has changed: that takes a restart");
                }
            }
        }
    }
}

/// What is known of the file.
struct File {
    /// As it is in force.
    taken: Option<Vec<u8>>,
    refused: Option<Refused>,
}

/// A content that was refused.
struct Refused {
    content: Vec<u8>,
    why: String,
    looks: u32,
}

/// What there is to tell of a look.
#[derive(Debug, PartialEq)]
enum Seen<T> {
    /// Nothing, or nothing new.
    Nothing,
    /// It has changed and is taken over.
    Taken(T),
    /// It has changed, or the reason has.
    Refused(String),
    /// What was refused is taken back.
    Back,
}

impl File {
    const fn new(taken: Option<Vec<u8>>) -> Self {
        Self { taken, refused: None }
    }

    /// Tries to take over what is in the file now, if it is due.
    fn look<T>(&mut self, now: Vec<u8>, take_over: impl FnOnce() -> Result<T, Error>) -> Seen<T> {
        if self.taken.as_ref() == Some(&now) {
            return if self.refused.take().is_some() { Seen::Back } else { Seen::Nothing };
        }
        let told = match &mut self.refused {
            Some(refused) if refused.content == now => {
                refused.looks += 1;
                if refused.looks < TRIED_AGAIN_AFTER {
                    return Seen::Nothing;
                }
                Some(std::mem::take(&mut refused.why))
            }
            _ => None,
        };
        match take_over() {
            Ok(taken) => {
                (self.taken, self.refused) = (Some(now), None);
                Seen::Taken(taken)
            }
            Err(error) => {
                let why = error.to_string();
                self.refused = Some(Refused { content: now, why: why.clone(), looks: 0 });
                if told.as_ref() == Some(&why) { Seen::Nothing } else { Seen::Refused(why) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::serve::Metrics;

    fn refuse(why: &'static str) -> impl Fn() -> Result<(), Error> {
        move || Err(why.into())
    }

    fn untouched() -> Result<(), Error> {
        panic!("it was not to be tried")
    }

    #[test]
    fn what_was_refused_is_tried_again_and_told_once() {
        let mut file = File::new(Some(b"old".to_vec()));
        let mut look = |content: &str, take_over: &dyn Fn() -> Result<(), Error>| file.look(content.into(), take_over);
        assert_eq!(look("old", &untouched), Seen::Nothing);
        for why in ["no folder", "no certificate"] {
            assert_eq!(look("new", &refuse(why)), Seen::Refused(why.into()));
            for _ in 0..3 {
                (1..TRIED_AGAIN_AFTER).for_each(|_| assert_eq!(look("new", &untouched), Seen::Nothing));
                assert_eq!(look("new", &refuse(why)), Seen::Nothing);
            }
            (1..TRIED_AGAIN_AFTER).for_each(|_| assert_eq!(look("new", &untouched), Seen::Nothing));
        }
        assert_eq!(look("new", &|| Ok(())), Seen::Taken(()));
        assert_eq!(look("new", &untouched), Seen::Nothing);
    }

    #[test]
    fn another_content_is_tried_at_once_and_the_one_in_force_never() {
        let mut file = File::new(Some(b"old".to_vec()));
        let mut look = |content: &str, take_over: &dyn Fn() -> Result<(), Error>| file.look(content.into(), take_over);
        assert_eq!(look("bad", &refuse("x")), Seen::Refused("x".into()));
        assert_eq!(look("worse", &refuse("x")), Seen::Refused("x".into()));
        assert_eq!(look("old", &untouched), Seen::Back);
        assert_eq!(look("old", &untouched), Seen::Nothing);
        assert_eq!(look("good", &|| Ok(())), Seen::Taken(()));
    }

    /// The whole way: the folder of the ledger is made after the file that names it.
    #[tokio::test(start_paused = true)]
    async fn a_file_is_taken_when_what_it_needs_is_there() {
        let folder = std::env::temp_dir().join(format!("llm-proxy-reload-{}", std::process::id()));
        let (path, ledger) = (folder.join("proxy.toml"), folder.join("ledger"));
        std::fs::create_dir_all(&folder).unwrap();
        let plain = "providers.p = { dialect = 'openai', base_url = 'http://127.0.0.1:9/v1' }\n";
        std::fs::write(&path, plain).unwrap();
        let config = Config::from_file(&path).unwrap();
        let front = Front::new(Stack::new(&config).unwrap(), Metrics::detached());
        let before = front.stack();
        let looked_for = async {
            tokio::time::sleep(3 * EVERY).await;
            std::fs::write(&path, format!("{plain}layers.accounts.ledger = '{}'\n", ledger.display())).unwrap();
            tokio::time::sleep(20 * EVERY).await;
            assert!(Arc::ptr_eq(&before, &front.stack()), "there is no such folder");
            std::fs::create_dir(&ledger).unwrap();
            tokio::time::sleep((TRIED_AGAIN_AFTER + 1) * EVERY).await;
            assert!(!Arc::ptr_eq(&before, &front.stack()), "there is one now");
        };
        tokio::select! {
            () = watch(path.clone(), config, front.clone()) => {}
            () = looked_for => {}
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
