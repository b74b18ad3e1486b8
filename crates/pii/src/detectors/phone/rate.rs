use super::{
    chain::{Chain, Group, Lead},
    looks,
    plan::PLANS,
};

/// Countries that dial a 0 before their national numbers and write them so.
const WITH_ZERO: &[u16] = &[
    20, 27, 31, 32, 33, 40, 41, 43, 44, 46, 49, 54, 55, 58, 60, 61, 62, 63, 64, 66, 81, 82, 84, 86, 90, 91, 92, 94,
    212, 213, 233, 234, 254, 255, 256, 353, 358, 380, 381, 385, 386, 421, 880, 886, 962, 966, 971, 972,
];

/// How many groups of the chain make a number, and how sure that is.
pub(super) fn best(chain: &Chain) -> Option<(usize, f32)> {
    let most = chain.count - usize::from(chain.is_cut);
    (1..=most).rev().find_map(|count| {
        let is_whole = count == chain.count;
        // Digits that a blank separates may belong to the sentence: `+49 30 123456 24 hours a day`.
        let is_apart = || chain.groups(count + 1).last().is_some_and(|next| matches!(next.separator, b' ' | b'('));
        let score = if is_whole || is_apart() { rate(chain, count, is_whole) } else { None }?;
        match (chain.lead, chain.count) {
            (Lead::Weak, 1) => None,
            (Lead::Weak, _) => Some((count, score.min(0.3))),
            _ => Some((count, score)),
        }
    })
}

fn rate(chain: &Chain, count: usize, is_whole: bool) -> Option<f32> {
    let (groups, digits) = (chain.groups(count), chain.digits(count));
    if !(7..=17).contains(&digits.len()) || looks::is_monotonous(digits) {
        return None;
    }
    if chain.lead == Lead::Plus {
        return international(groups, digits);
    }
    if looks::is_something_else(groups, digits) {
        return None;
    }
    let surer = exit_code(groups, digits).or_else(|| north_american(groups, digits));
    if surer.is_some() || !is_whole {
        return surer;
    }
    with_zero(groups, digits).or_else(|| by_form(groups, digits)).or_else(|| any(groups, digits))
}

/// After a `+`: the country must exist. Where its plan has no such number, but all looks like one, it may be made up.
fn international(groups: &[Group], digits: &[u8]) -> Option<f32> {
    if groups.last().is_some_and(|last| last.len == 1) {
        return None;
    }
    if is_abroad(digits)? {
        return Some(0.9);
    }
    let is_grouped = groups.iter().skip(1).all(|group| group.len >= 2 || group.bracketed);
    (9..=15).contains(&digits.len()).then_some(if is_grouped { 0.5 } else { 0.3 })
}

/// After `00`, as most of the world dials, or `011`, as North America does.
fn exit_code(groups: &[Group], digits: &[u8]) -> Option<f32> {
    if groups.first()?.len < 2 {
        return None;
    }
    let rest = digits.strip_prefix(&[0, 0]).or_else(|| digits.strip_prefix(&[0, 1, 1]))?;
    match (is_abroad(rest)?, groups.len()) {
        (true, 1) => Some(0.3),
        (true, 2) => Some(0.5),
        (true, _) => Some(0.6),
        (false, 3..) => Some(0.3),
        (false, _) => None,
    }
}

/// Three, three and four digits, with a 1 before them or without.
fn north_american(groups: &[Group], digits: &[u8]) -> Option<f32> {
    let (country, numbers, digits) = match groups {
        [country, rest @ ..] if country.len == 1 && digits.first() == Some(&1) => (0.1, rest, digits.get(1..)?),
        _ => (0.0, groups, digits),
    };
    let (area, last) = match numbers {
        [area, exchange, line] if (area.len, exchange.len, line.len) == (3, 3, 4) => (area, line.separator),
        [area, line] if (area.len, line.len) == (3, 7) && area.bracketed => (area, b' '),
        _ => return None,
    };
    if digits.first() == Some(&0) {
        return None;
    }
    let is_shaped = digits.first() > Some(&1) && digits.get(3) > Some(&1);
    let is_assigned = is_shaped && is_assigned(1, digits);
    let score = match last {
        _ if area.bracketed && is_assigned => 0.8,
        b'-' if is_assigned => 0.65,
        _ if area.bracketed => 0.55,
        b'-' if is_shaped => 0.55,
        b'.' if is_shaped => 0.5,
        b' ' if is_assigned => 0.4,
        _ => 0.25,
    };
    Some(score + country)
}

/// A national number with its 0, in groups.
fn with_zero(groups: &[Group], digits: &[u8]) -> Option<f32> {
    let (&[0, 1..=9, ..], [first, rest @ ..]) = (digits, groups) else { return None };
    let second = rest.first()?;
    let open = digits.get(1..)?;
    let is_sane = (9..=13).contains(&digits.len()) && groups.iter().all(|group| (2..=8).contains(&group.len));
    // Italy's numbers keep the 0.
    let has_country = || WITH_ZERO.iter().any(|&code| is_assigned(code, open)) || is_assigned(39, digits);
    if !is_sane || first.len > 5 || !has_country() {
        return None;
    }
    // Twelve digits by fours are many other things; Indonesia's mobile numbers begin with 08.
    if groups.len() == 3 && groups.iter().all(|group| group.len == 4) && !matches!(digits, [0, 8, ..]) {
        return None;
    }
    let is_pairs = groups.iter().all(|group| group.len == 2);
    let is_triples = groups.iter().all(|group| group.len == 3);
    Some(match (rest.len(), second.separator) {
        _ if first.bracketed => 0.65,
        // France.
        _ if is_pairs && groups.len() == 5 && is_assigned(33, open) => 0.55,
        _ if is_pairs => 0.3,
        // Israel; employers in the United States have numbers of two and seven digits as well.
        (1, b'-') if first.len == 2 => {
            if is_assigned(972, open) {
                0.5
            } else {
                0.35
            }
        }
        (1, b'.') => 0.3,
        (1, _) if second.len < 4 => 0.3,
        (2.., b'/') if rest.iter().skip(1).any(|group| group.separator == b'/') => 0.3,
        (2.., b'.') => 0.4,
        _ if is_triples => 0.35,
        _ => 0.55,
    })
}

/// National numbers without a 0 that their groups give away.
fn by_form(groups: &[Group], digits: &[u8]) -> Option<f32> {
    let lens = groups.iter().map(|group| group.len);
    let is = |form: &[usize]| lens.clone().eq(form.iter().copied());
    let first = groups.first()?;
    let last = groups.last()?;
    match digits {
        // Brazil.
        _ if first.bracketed && last.separator == b'-' && (is(&[2, 5, 4]) || is(&[2, 4, 4])) => {
            is_assigned(55, digits).then_some(0.7)
        }
        _ if is(&[2, 5, 4]) && last.separator == b'-' => is_assigned(55, digits).then_some(0.5),
        // Russia and Kazakhstan dial an 8.
        [7 | 8, open @ ..] if is(&[1, 3, 3, 2, 2]) => is_assigned(7, open).then_some(0.65),
        // China's mobile numbers.
        [1, 3..=9, ..] if is(&[3, 4, 4]) => is_assigned(86, digits).then_some(0.55),
        // Spain.
        [6..=9, ..] if is(&[3, 2, 2, 2]) => is_assigned(34, digits).then_some(0.5),
        // A country's code in brackets.
        _ if first.bracketed && is(&[3, 9]) => is_abroad(digits)?.then_some(0.6),
        // Mexico and others whose area codes stand in brackets.
        _ if first.bracketed && (2..=5).contains(&first.len) && (8..=11).contains(&digits.len()) => {
            groups.iter().skip(1).all(|group| group.len >= 3).then_some(0.45)
        }
        _ => None,
    }
}

/// What may be a number where a word says so.
fn any(groups: &[Group], digits: &[u8]) -> Option<f32> {
    let (first, rest) = groups.split_first()?;
    // Twelve digits are a number only with the code of a country, or where numbers are as long.
    let is_long = || match digits {
        [0, open @ ..] => rest.is_empty() && [43, 49, 86].iter().any(|&code| is_assigned(code, open)),
        _ => is_abroad(digits) == Some(true),
    };
    if !(7..=12).contains(&digits.len()) || digits.len() == 12 && !is_long() {
        return None;
    }
    if rest.is_empty() {
        // Seven digits are a part of a town's number at most; whoever writes it parts it.
        return (digits.len() > 7).then_some(0.15);
    }
    let is_sane = groups.len() <= 6 && first.len <= 5 && rest.iter().all(|group| (2..=8).contains(&group.len));
    let has_dot = rest.iter().any(|group| group.separator == b'.');
    let is_decimal = has_dot && (first.len == 1 || rest.len() == 1 && digits.first() != Some(&0));
    (is_sane && !is_decimal && !looks::is_thousands(groups)).then_some(0.2)
}

/// Whether the country's plan has the number, with or without a 0 that is not dialled from abroad; `None` where there is
/// no such country.
fn is_abroad(digits: &[u8]) -> Option<bool> {
    let (code, national) = (1..=3).find_map(|len| {
        let (code, national) = digits.split_at_checked(len)?;
        let code = if code.first() == Some(&0) { return None } else { number(code) };
        PLANS.binary_search_by_key(&code, |plan| plan.0).is_ok().then_some((code, national))
    })?;
    let open = national.strip_prefix(&[0]).unwrap_or(national);
    Some(is_assigned(code, national) || is_assigned(code, open))
}

/// Whether a country's plan has a national number.
pub(super) fn is_assigned(code: u16, national: &[u8]) -> bool {
    let Ok(index) = PLANS.binary_search_by_key(&code, |plan| plan.0) else { return false };
    let leading = national.get(..if code == 1 { 3 } else { 2 });
    let (Some((_, runs)), Some(leading)) = (PLANS.get(index), leading) else { return false };
    let leading = number(leading);
    let run = runs.partition_point(|run| run.1 < leading);
    runs.get(run).is_some_and(|run| run.0 <= leading && national.len() < 16 && run.2 >> national.len() & 1 == 1)
}

fn number(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |number, digit| number * 10 + u16::from(*digit))
}
