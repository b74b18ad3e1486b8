//! What is said in another order and means the same.

use super::{super::lexicon, Item, Term};

/// What is said, with the places where something was left out.
#[derive(Debug)]
pub(super) enum Said {
    Term(Term),
    Of,
    Gap,
}

impl Said {
    /// Whether it may own something or be owned: "flu in children" owns no symptoms, flu does.
    fn is_noun(&self) -> bool {
        match self {
            Self::Term(Term::Word(word)) => !lexicon::is_preposition(word),
            Self::Term(Term::Name(_)) => true,
            _ => false,
        }
    }
}

/// "What does … mean" is "what is …".
pub(super) fn meaning_of<'a, 'i>(items: &'a [Item<'i>]) -> &'a [Item<'i>] {
    let frame = [items.first(), items.get(1), items.last()].map(|item| item.and_then(Item::folded));
    match frame {
        [Some("what"), Some("do" | "does"), Some("mean")] if !is_somebody(items.get(2)) => {
            items.get(2..items.len() - 1).unwrap_or(items)
        }
        _ => items,
    }
}

/// What people mean is not what they are; what an abbreviation means is.
fn is_somebody(item: Option<&Item<'_>>) -> bool {
    let Some(Item::Word(word)) = item else { return false };
    let is_pronoun = matches!(
        word.folded.as_str(),
        "i" | "you"
            | "he"
            | "she"
            | "it"
            | "we"
            | "they"
            | "this"
            | "that"
            | "these"
            | "those"
            | "my"
            | "your"
            | "his"
            | "her"
            | "our"
            | "their"
    );
    is_pronoun || word.is_name && word.written.contains(char::is_lowercase)
}

/// "In Python, how do I …" is "how do I …, in Python".
pub(super) fn conditions_last<'i>(items: &[Item<'i>]) -> Vec<Item<'i>> {
    let first = items.first().and_then(Item::folded);
    let begins = matches!(first, Some("in" | "on" | "for" | "with" | "using" | "at"));
    let pause = items.iter().position(|item| matches!(item, Item::Pause)).filter(|_| begins);
    match pause.and_then(|pause| items.split_at_checked(pause)) {
        Some((condition, rest)) if rest.len() > 1 => {
            rest.iter().chain([&Item::Pause]).chain(condition).cloned().collect()
        }
        _ => items.to_vec(),
    }
}

/// "X of Y" is "Y X", as in "the capital of France" and "France's capital".
pub(super) fn in_order(said: Vec<Said>) -> Vec<Term> {
    let mut done: Vec<Said> = Vec::with_capacity(said.len());
    let mut rest = said.into_iter().peekable();
    while let Some(one) = rest.next() {
        if !matches!(one, Said::Of) {
            done.push(one);
            continue;
        }
        let owned = done.iter().rev().take_while(|one| one.is_noun()).count();
        while rest.next_if(|one| matches!(one, Said::Gap)).is_some() {}
        let mut owner = Vec::new();
        while let Some(one) = rest.next_if(Said::is_noun) {
            owner.push(one);
        }
        if owned > 0 && !owner.is_empty() {
            let at = done.len() - owned;
            done.splice(at..at, owner);
        } else {
            // "15% of 80": not a matter of owning.
            done.push(Said::Term(Term::Word("of".to_owned())));
            done.extend(owner);
        }
    }
    done.into_iter().filter_map(|one| if let Said::Term(term) = one { Some(term) } else { None }).collect()
}
