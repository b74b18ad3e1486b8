//! What the characters of a text show, whatever its words.

/// Of one text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub(super) code: f32,
    pub(super) maths: f32,
    pub(super) scripts: u32,
    pub(super) question_marks: u32,
    pub(super) numbered_lines: u32,
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        let mut shape = Self::default();
        let (mut lines, mut code, mut maths, mut fenced) = (0u16, 0u16, 0u16, false);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            lines = lines.saturating_add(1);
            if line.starts_with("```") {
                fenced = !fenced;
                code = code.saturating_add(1);
            } else if fenced || is_code(line) {
                code = code.saturating_add(1);
            } else if is_maths(line) {
                maths = maths.saturating_add(1);
            }
            if !fenced && is_numbered(line) {
                shape.numbered_lines = shape.numbered_lines.saturating_add(1);
            }
        }
        let share = |part: u16| f32::from(part) / f32::from(lines.max(1));
        shape.code = share(code);
        shape.maths = share(maths);
        shape.characters(text);
        shape
    }

    fn characters(&mut self, text: &str) {
        const SCRIPTS: usize = 8;
        let (mut letters, mut of_script) = (0u32, [0u32; SCRIPTS]);
        for char in text.chars() {
            if matches!(char, '?' | '？' | '؟') {
                self.question_marks = self.question_marks.saturating_add(1);
            }
            if let Some(count) = script(char).and_then(|script| of_script.get_mut(script)) {
                *count += 1;
                letters += 1;
            }
        }
        let many = of_script.iter().filter(|count| **count > 0 && **count >= letters / 20).count();
        self.scripts = u32::try_from(many).unwrap_or(0);
    }
}

fn script(char: char) -> Option<usize> {
    Some(match char {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => 0,
        '\u{370}'..='\u{3ff}' => 1,
        '\u{400}'..='\u{52f}' => 2,
        '\u{590}'..='\u{6ff}' => 3,
        '\u{900}'..='\u{e7f}' => 4,
        // Japanese is written in both.
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' => 5,
        '\u{ac00}'..='\u{d7af}' => 6,
        char if char.is_alphabetic() => 7,
        _ => return None,
    })
}

/// A line that ends, begins or is built as those of programming languages are.
fn is_code(line: &str) -> bool {
    const BEGINNINGS: [&str; 22] = [
        "def ",
        "fn ",
        "pub ",
        "class ",
        "import ",
        "from ",
        "#include",
        "func ",
        "function ",
        "const ",
        "let ",
        "var ",
        "return ",
        "SELECT ",
        "INSERT ",
        "CREATE ",
        "public ",
        "private ",
        "impl ",
        "struct ",
        "</",
        "$ ",
    ];
    let innard = |pair: &[u8]| matches!(pair, b"()" | b"=>" | b"->" | b"::" | b"==" | b"!=" | b"+=" | b"&&" | b"||");
    let last = line.chars().next_back();
    let ends = matches!(last, Some('{' | '}' | ';')) || line.ends_with("):");
    let begins =
        BEGINNINGS.iter().any(|word| line.starts_with(word)) && line.contains(['(', '{', '=', ';', '.', '*', '/']);
    ends || begins || line.as_bytes().windows(2).any(innard)
}

/// A line with signs of mathematics, in Unicode or in TeX.
fn is_maths(line: &str) -> bool {
    const TEX: [&str; 8] = ["\\frac", "\\int", "\\sum", "\\sqrt", "\\lim", "\\mathbb", "$$", "\\("];
    let is_sign = |char: char| matches!(char, '\u{2200}'..='\u{22ff}' | '²' | '³' | '±' | 'π' | 'θ' | 'λ');
    let power = line.as_bytes().windows(2).any(|pair| matches!(pair, [b'^', b'0'..=b'9' | b'{' | b'n' | b'x' | b'(']));
    let has_signs = !line.is_ascii() && line.chars().any(is_sign);
    has_signs || power || line.contains(['\\', '$']) && TEX.iter().any(|word| line.contains(word))
}

/// `1. …`, `2) …`, `- …`.
fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|char: char| char.is_ascii_digit());
    let numbered =
        rest.len() < line.len() && line.len() - rest.len() <= 2 && (rest.starts_with(". ") || rest.starts_with(") "));
    numbered || line.starts_with("- ") || line.starts_with("* ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        let shape = Shape::of("Fix this:\n```rust\nfn main() {}\n```\nWhy? Как дела? 你好");
        assert_eq!((shape.code, shape.maths, shape.question_marks), (0.6, 0.0, 2));
        assert_eq!(shape.scripts, 3);
        let shape = Shape::of("Solve x^2 + 1 = 0.\n1. Over ℝ.\n2) ∀ fields.\n- Done");
        assert_eq!((shape.code, shape.maths, shape.numbered_lines), (0.0, 0.5, 3));
        assert_eq!(Shape::of(""), Shape::default());
    }
}
