//! The words by which a prompt directs its answer. The grammar is in the crate's documentation.

/// The directives at the start of a user message, one a line. The first line that is none ends them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) think: Option<String>,
    pub(super) say: Option<String>,
    pub(super) words: Option<usize>,
    pub(super) refuse: bool,
    /// Calls are made whatever the request says of how many, and whether.
    pub(super) disobey: bool,
    /// Names and arguments, the latter as written.
    pub(super) calls: Vec<(String, String)>,
    /// The same, in answer to results of tools.
    pub(super) calls_again: Vec<(String, String)>,
}

/// More words than this would be a way to fill the memory.
const MAX_WORDS: usize = 100_000;

impl Directive {
    pub(super) fn read(prompt: &str) -> Self {
        let mut directive = Self::default();
        let mut rest = prompt.trim_start();
        while let Some(line) = rest.strip_prefix("sim:") {
            // `say` takes the rest of the message, lines and all.
            if let Some(text) = line.strip_prefix("say") {
                directive.say = Some(text.strip_prefix([' ', '\n']).unwrap_or(text).to_owned());
                break;
            }
            let (line, next) = line.split_once('\n').unwrap_or((line, ""));
            let line = line.trim_end();
            let (word, value) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "think" => directive.think = Some(value.to_owned()),
                "words" => directive.words = value.trim().parse().ok().map(|words: usize| words.min(MAX_WORDS)),
                "refuse" => directive.refuse = true,
                "disobey" => directive.disobey = true,
                "tool" => directive.calls.push(call(value)),
                "again" => directive.calls_again.push(call(value)),
                _ => break,
            }
            rest = next;
        }
        directive
    }
}

/// A name, and arguments as written.
fn call(value: &str) -> (String, String) {
    let (name, arguments) = value.trim().split_once(' ').unwrap_or((value.trim(), "{}"));
    (name.to_owned(), arguments.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_directive_a_line() {
        let directive = Directive::read("sim:think hm\nsim:tool f {\"a\": 1}\nsim:tool g\nsim:say two\nlines");
        assert_eq!(directive.think.as_deref(), Some("hm"));
        assert_eq!(directive.calls, [("f".into(), "{\"a\": 1}".into()), ("g".into(), "{}".into())]);
        assert_eq!(directive.say.as_deref(), Some("two\nlines"));
        let again = Directive::read("sim:tool f\nsim:again f {\"a\": 1}");
        assert_eq!((again.calls.len(), &again.calls_again[..]), (1, &[("f".into(), "{\"a\": 1}".into())][..]));
        assert_eq!(Directive::read("sim:words 5").words, Some(5));
        assert!(Directive::read("sim:refuse").refuse);
        assert!(Directive::read("sim:disobey\nsim:tool f").disobey);
        assert_eq!(Directive::read("please sim:say no"), Directive::default());
        assert_eq!(Directive::read("sim:dance"), Directive::default());
    }
}
