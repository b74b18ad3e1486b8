//! The sentences: templates out of two files, filled in.

use std::collections::BTreeMap;

use crate::{
    dice::Dice,
    look_alikes, spelling,
    values::{self, CITIES, COMPANIES},
};

/// Which sentences: those that detectors may be written after, and those that nobody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Dev,
    HeldOut,
}

/// How a value stands in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// A word says what it is.
    Cued,
    /// By itself.
    Bare,
    /// It is what no detector should find.
    LookAlike,
    /// It is somebody else's test.
    Published,
}

/// Something in a sentence that is to be found.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(crate) entity: String,
    pub(crate) range: std::ops::Range<usize>,
    /// Nothing is wrong where it is not found, nor where it is.
    pub(crate) is_optional: bool,
}

/// A sentence.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) text: String,
    /// The JSON member whose value it is, or nothing.
    pub(crate) member: String,
    pub(crate) truths: Vec<Truth>,
    /// The only entity that is looked for, or nothing where all are.
    pub(crate) about: String,
    pub(crate) how: How,
    /// Some value in it is spelt oddly.
    pub(crate) is_odd: bool,
}

/// A file of templates.
pub(crate) struct Templates {
    set: Set,
    cues: BTreeMap<(String, String), Vec<String>>,
    keys: BTreeMap<String, Vec<String>>,
    sections: BTreeMap<String, Vec<String>>,
}

/// Of a hundred sentences so many hold a value that is spelt oddly.
pub(crate) const ODD: u64 = 5;
/// Of a hundred sentences so many hold look-alikes alone.
pub(crate) const LOOK_ALIKES: usize = 40;

impl Templates {
    pub(crate) fn read(set: Set) -> Self {
        let file = match set {
            Set::Dev => include_str!("../../data/pii/dev.txt"),
            Set::HeldOut => include_str!("../../data/pii/held_out.txt"),
        };
        let mut templates = Self { set, cues: BTreeMap::new(), keys: BTreeMap::new(), sections: BTreeMap::new() };
        let mut section = String::new();
        for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            if let Some(name) =
                line.strip_prefix('[').and_then(|name| name.strip_suffix(']')).filter(|name| !name.contains('«'))
            {
                section = name.to_owned();
            } else if section == "cues" {
                templates.cue(line);
            } else {
                let line = line.replace("\\n", "\n").replace("\\t", "\t");
                templates.sections.entry(section.clone()).or_default().push(line);
            }
        }
        templates
    }

    /// `entity [language] = cue; cue | key; key`
    fn cue(&mut self, line: &str) {
        let (name, words) = line.split_once(" = ").expect("cues have a name");
        let (entity, language) = name.split_once(' ').unwrap_or((name, "en"));
        let (cues, keys) = words.split_once(" | ").unwrap_or((words, ""));
        let listed = |list: &str| {
            list.split(';').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect::<Vec<_>>()
        };
        self.cues.insert((entity.to_owned(), language.to_owned()), listed(cues));
        self.keys.entry(entity.to_owned()).or_default().extend(listed(keys));
    }

    pub(crate) fn entities(&self) -> Vec<&str> {
        self.keys.keys().map(String::as_str).collect()
    }

    fn section(&self, name: &str) -> &[String] {
        self.sections.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn len(&self) -> usize {
        self.sections.values().map(Vec::len).sum()
    }

    /// So many sentences for each entity, all of the special ones with each a few values, and the look-alikes.
    pub(crate) fn fill(&self, seed: u64, each: usize) -> Vec<Case> {
        let mut cases = Vec::new();
        let mut part = if self.set == Set::Dev { 0 } else { 1 << 40 };
        let mut dice = || {
            part += 1;
            Dice::new(seed, part)
        };
        for entity in self.entities() {
            for n in 0..each {
                cases.push(self.about(entity, n, &mut dice()));
            }
        }
        for template in self.section("specific") {
            for _ in 0..each.div_ceil(5) {
                cases.push(self.filled(template, &[], How::Cued, &mut dice()));
            }
        }
        let without = self.section("without");
        for n in 0..cases.len() * LOOK_ALIKES / (100 - LOOK_ALIKES) {
            cases.push(self.filled(&without[n % without.len()], &[], How::LookAlike, &mut dice()));
        }
        cases
    }

    /// A sentence about a value of this entity. Of ten: five with a cue in prose, three as data, one as a JSON member, one by itself.
    fn about(&self, entity: &str, n: usize, dice: &mut Dice) -> Case {
        match n % 10 {
            0..5 => {
                let languages: Vec<_> = self.cues.iter().filter(|((of, _), _)| of == entity).collect();
                let ((_, language), cues) = *dice.pick(&languages);
                let template = dice.pick(self.section(&format!("cued {language}"))).clone();
                let cue = dice.pick(cues).clone();
                let cue = if dice.percent(10) { cue.to_lowercase() } else { cue };
                self.filled(&template, &[("cue", &cue), ("value", &format!("{entity}:{language}"))], How::Cued, dice)
            }
            5..8 => {
                let key = dice.pick(&self.keys[entity]).clone();
                let template = dice.pick(self.section("keyed")).clone();
                self.filled(&template, &[("key", &key), ("value", entity)], How::Cued, dice)
            }
            8 => {
                let key = dice.pick(&self.keys[entity]).clone();
                let template = dice.pick(self.section("member")).clone();
                let mut case = self.filled(&template, &[("value", entity)], How::Cued, dice);
                case.member = key;
                case
            }
            _ => {
                let template = dice.pick(self.section("bare")).clone();
                self.filled(&template, &[("value", entity)], How::Bare, dice)
            }
        }
    }

    fn filled(&self, template: &str, words: &[(&str, &str)], how: How, dice: &mut Dice) -> Case {
        let mut case = Case {
            text: String::new(),
            member: String::new(),
            truths: Vec::new(),
            about: String::new(),
            how,
            is_odd: false,
        };
        let is_odd = dice.percent(ODD);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('«') {
            case.text += before;
            let (name, after) = after.split_once('»').expect("every « has a »");
            rest = after;
            let word = words.iter().find(|(of, _)| *of == name).map(|(_, word)| *word);
            let entity = match name {
                "cue" | "key" => {
                    case.text += word.expect("a cue");
                    continue;
                }
                "value" => word.expect("a value"),
                _ if name.starts_with('!') => {
                    case.text += &look_alikes::of(&name[1..], dice);
                    continue;
                }
                _ if name.starts_with(':') => {
                    filler(&name[1..], &mut case, dice);
                    continue;
                }
                other => other,
            };
            let (entity, language) = entity.split_once(':').unwrap_or((entity, ""));
            let made = values::of(entity, language, dice);
            let odd = is_odd && !matches!(entity, "secret" | "url" | "person" | "street_address");
            let text = if odd { spelling::odd(&made.text, self.set, dice) } else { made.text };
            case.is_odd |= odd;
            let start = case.text.len();
            case.text += &text;
            case.truths.push(Truth {
                entity: entity.to_owned(),
                range: start..case.text.len(),
                is_optional: how == How::Bare && !made.is_distinct,
            });
        }
        case.text += rest;
        case
    }
}

fn filler(name: &str, case: &mut Case, dice: &mut Dice) {
    let start = case.text.len();
    let text = match name {
        "first" => values::first_name(dice),
        "last" => values::last_name(dice),
        "company" => (*dice.pick(COMPANIES)).to_owned(),
        "city" => (*dice.pick(CITIES)).to_owned(),
        "int" => dice.between(2, 5000).to_string(),
        "year" => dice.between(1990, 2026).to_string(),
        "percent" => format!("{}.{}", dice.between(1, 80), dice.between(0, 10)),
        "price" => format!("{}.{:02}", dice.between(1, 3000), dice.between(0, 100)),
        "date" => format!("20{}-{:02}-{:02}", dice.between(15, 27), dice.between(1, 13), dice.between(1, 29)),
        "time" => format!("{:02}:{:02}:{:02}", dice.between(0, 24), dice.between(0, 60), dice.between(0, 60)),
        other => unreachable!("no filler {other}"),
    };
    case.text += &text;
    // A name that a sentence happens to hold may be seen, and need not.
    let entity = match name {
        "first" | "last" | "company" => "person",
        _ => return,
    };
    case.truths.push(Truth { entity: entity.to_owned(), range: start..case.text.len(), is_optional: true });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_filled_and_holds_what_it_says() {
        for set in [Set::Dev, Set::HeldOut] {
            let cases = Templates::read(set).fill(7, 20);
            let alike = cases.iter().filter(|case| case.how == How::LookAlike).count();
            assert!((alike * 100).abs_diff(cases.len() * LOOK_ALIKES) < cases.len(), "{alike} of {}", cases.len());
            for case in &cases {
                assert!(case.truths.iter().all(|truth| !case.text[truth.range.clone()].is_empty()), "{}", case.text);
            }
        }
    }

    #[test]
    fn both_sets_know_the_same_entities() {
        assert_eq!(Templates::read(Set::Dev).entities(), Templates::read(Set::HeldOut).entities());
    }
}
