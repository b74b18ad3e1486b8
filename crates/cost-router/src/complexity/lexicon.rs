//! Words that tell of the work that is asked for, in ten languages: English, German, French, Spanish, Portuguese,
//! Italian, Russian, Chinese, Japanese and Korean.

use std::sync::LazyLock;

/// What was found in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) hard: u32,
    pub(super) easy: u32,
    pub(super) steps: u32,
    pub(super) constraints: u32,
    pub(super) questions: u32,
}

#[derive(Clone, Copy)]
enum Kind {
    Hard,
    Easy,
    Step,
    Constraint,
    Question,
}

impl Words {
    fn add(&mut self, kind: Kind) {
        let count = match kind {
            Kind::Hard => &mut self.hard,
            Kind::Easy => &mut self.easy,
            Kind::Step => &mut self.steps,
            Kind::Constraint => &mut self.constraints,
            Kind::Question => &mut self.questions,
        };
        *count = count.saturating_add(1);
    }
}

/// A word, or the beginning of words: its ending is where most of these languages bend it.
#[derive(Clone, Copy)]
struct Stem {
    letters: &'static str,
    is_beginning: bool,
    kind: Kind,
}

/// All stems, by a number made of their first two bytes.
struct Lexicon {
    stems: Vec<Stem>,
    /// Where the stems of each number begin.
    starts: Vec<usize>,
}

const NUMBERS: usize = 1024;

impl Lexicon {
    /// Of languages that put spaces between words.
    fn words() -> &'static Self {
        static WORDS: LazyLock<Lexicon> = LazyLock::new(|| {
            let lists = [
                (Kind::Hard, HARD),
                (Kind::Easy, EASY),
                (Kind::Step, STEPS),
                (Kind::Constraint, CONSTRAINTS),
                (Kind::Question, QUESTIONS),
            ];
            Lexicon::new(&lists, |spelt| spelt.ends_with('-'))
        });
        &WORDS
    }

    /// Of languages that do not, or not between all.
    fn eastern() -> &'static Self {
        static EASTERN_WORDS: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new(EASTERN, |_| true));
        &EASTERN_WORDS
    }

    fn new(lists: &[(Kind, &[&'static str])], is_beginning: fn(&str) -> bool) -> Self {
        let stem = |kind, spelt: &'static str| Stem {
            letters: spelt.trim_end_matches('-'),
            is_beginning: is_beginning(spelt),
            kind,
        };
        let mut stems: Vec<_> =
            lists.iter().flat_map(|(kind, list)| list.iter().map(|spelt| stem(*kind, spelt))).collect();
        stems.sort_by_key(|stem| number(stem.letters));
        let starts = (0..=NUMBERS).map(|at| stems.partition_point(|stem| number(stem.letters) < at)).collect();
        Self { stems, starts }
    }

    fn find(&self, word: &str) -> Option<Kind> {
        let number = number(word);
        let (from, to) = (*self.starts.get(number)?, *self.starts.get(number + 1)?);
        let fits = |stem: &&Stem| if stem.is_beginning { word.starts_with(stem.letters) } else { word == stem.letters };
        self.stems.get(from..to)?.iter().find(fits).map(|stem| stem.kind)
    }
}

fn number(word: &str) -> usize {
    match word.as_bytes() {
        [first, second, ..] => (usize::from(*first) * 32 + usize::from(*second)) % NUMBERS,
        _ => 0,
    }
}

/// Counts the words of a text.
pub(super) fn words(text: &str) -> Words {
    let mut words = Words::default();
    let lexicon = Lexicon::words();
    let lower = text.to_lowercase();
    for word in lower.split(|char: char| !char.is_alphabetic()).filter(|word| word.len() > 2) {
        if let Some(kind) = lexicon.find(word) {
            words.add(kind);
        }
    }
    // Without spaces between words they are sought at every character.
    let lexicon = Lexicon::eastern();
    for (at, _) in text.char_indices().filter(|(_, char)| *char >= '\u{3000}') {
        if let Some(kind) = text.get(at..).and_then(|rest| lexicon.find(rest)) {
            words.add(kind);
        }
    }
    words
}

#[rustfmt::skip]
const HARD: &[&str] = &[
    "algorithm", "algorithms", "analis-", "analiz-", "analys-", "analyz-", "analís-", "architect-", "begründ-",
    "benchmark", "beweis-", "compar-", "concev-", "concurren-", "conç-", "critique", "deadlock", "debug-",
    "demonstr-", "demostr-", "deriv-", "design-", "diagnos-", "dimostr-", "diseñ-", "démontr-", "entwirf",
    "entwurf", "estrategi-", "evaluat-", "evalú-", "formalis-", "formaliz-", "hypothes-", "implement-",
    "implication-", "invariant-", "lemma", "migrat-", "optimi-", "progett-", "projete", "proof", "proofs",
    "prouv-", "prove", "proven", "proves", "proving", "rate-limiter", "refactor-", "rewrite", "simulat-",
    "strateg-", "synthes-", "theorem-", "tradeoff-", "vergleich-", "évalu-", "анализ-", "архитект-", "вывед-",
    "докаж-", "доказ-", "оптимиз-", "проанализ-", "разработ-", "реализ-", "спроектир-", "сравн-",
];

#[rustfmt::skip]
const EASY: &[&str] = &[
    "bonjour", "capital", "classif-", "convert", "danke", "define", "definition", "extract-", "fasse", "grammar",
    "grazie", "greet-", "hallo", "hello", "hola", "merci", "obrigad-", "paraphras-", "proofread", "rephrase",
    "resum-", "riassum-", "résum-", "sentiment", "spell-", "summar-", "synonym-", "thank-", "traduc-", "traduire",
    "traduis-", "traduz-", "translat-", "typo", "typos", "uppercase", "zusammen", "übersetz-", "перевед-",
    "перескаж-", "привет", "спасибо",
];

#[rustfmt::skip]
const STEPS: &[&str] = &[
    "abschließend", "afterwards", "anschließend", "danach", "depois", "después", "enfin", "ensuite", "finally",
    "first", "infine", "luego", "primero", "puis", "schließlich", "schritt", "schritte", "step", "steps", "then",
    "third", "zuerst", "étape", "étapes", "затем", "наконец", "сначала", "шаг", "шагам",
];

#[rustfmt::skip]
const CONSTRAINTS: &[&str] = &[
    "always", "assum-", "avoid", "considering", "constraint", "constraints", "dabei", "debe-", "deve", "doit",
    "ensur-", "exactly", "except", "guarante-", "justif-", "mindestens", "minimal", "must", "máximo", "müssen",
    "never", "ohne", "only", "requirement", "requirements", "sans", "should", "sin", "unless", "while", "without",
    "без", "должен", "должна", "должно", "ровно", "учитывая",
];

#[rustfmt::skip]
const QUESTIONS: &[&str] = &[
    "comment", "cómo", "explain", "how", "perché", "pourquoi", "warum", "weshalb", "why", "wie", "зачем", "как",
    "почему",
];

#[rustfmt::skip]
const EASTERN: &[(Kind, &[&str])] = &[
    (Kind::Hard, &[
        "证明", "證明", "設計", "设计", "分析", "实现", "实作", "优化",
        "重构", "推导", "比较", "比較", "評価", "評估", "评估", "架构",
        "最適化", "実装", "算法", "증명", "설계", "분석", "구현",
        "최적화", "비교", "평가",
    ]),
    (Kind::Easy, &[
        "翻译", "翻譯", "翻訳", "你好", "谢谢", "总结", "要約", "概括",
        "分类", "こんにちは", "ありがとう", "번역", "요약", "안녕", "감사",
    ]),
    (Kind::Step, &[
        "步骤", "首先", "然后", "最后", "逐步", "まず", "次に", "最後に",
        "手順", "먼저", "다음으로", "마지막으로", "단계",
    ]),
    (Kind::Constraint, &[
        "必须", "不能", "不得", "至少", "至多", "考虑", "しなければ",
        "ただし", "条件", "以内", "반드시", "제약", "이내", "없이",
        "고려",
    ]),
    (Kind::Question, &[
        "为什么", "如何", "怎么", "なぜ", "どうやって", "왜", "어떻게",
    ]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stem_is_listed_twice() {
        let mut all: Vec<_> =
            Lexicon::words().stems.iter().chain(&Lexicon::eastern().stems).map(|stem| stem.letters).collect();
        all.sort_unstable();
        let number = all.len();
        all.dedup();
        assert_eq!(all.len(), number);
    }

    #[test]
    fn words_are_found_in_their_forms() {
        let of = |text| words(text);
        assert_eq!(of("Analyzing and DESIGNING, then proving").hard, 3);
        assert_eq!(of("Пожалуйста, докажите теорему и сравните").hard, 2);
        assert_eq!(of("provide").hard, 0, "no proof");
        assert_eq!(of("Übersetze das, danke").easy, 2);
        assert_eq!(of("请证明并分析，为什么？"), Words { hard: 2, questions: 1, ..Words::default() });
        assert_eq!(of(""), Words::default());
    }
}
