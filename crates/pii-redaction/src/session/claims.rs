use std::ops::Range;

use llm_layers_pii::{Entity, Finding};

use crate::{
    Rules,
    placeholder::{Seen, own},
};

/// What of a text is nobody's, because redaction has written it; findings that are of nothing else are left out.
pub(super) fn of(text: &str, rules: &Rules, findings: &mut Vec<Finding>) -> Vec<Range<usize>> {
    let forms = own::forms(text, rules);
    let mut is_found = vec![false; forms.len()];
    findings.retain(|Finding { entity, range, .. }| {
        let index = forms.partition_point(|form| form.range.start <= range.start).checked_sub(1);
        let form = index.and_then(|index| Some((forms.get(index)?, is_found.get_mut(index)?)));
        match form.map(|(form, is_found)| (&form.seen, form, is_found)) {
            Some((Seen::Name(name), _, is_found)) => {
                *is_found |= is_within(range, name);
                true
            }
            // Four digits may be the whole of what somebody looks for, though not of a kind that is known here.
            Some((Seen::Beyond, form, _)) => !(is_within(range, &form.range) && Entity::KNOWN.contains(entity)),
            Some((Seen::Nothing, ..)) | None => true,
        }
    });
    let mut claimed = Vec::with_capacity(forms.len());
    for (form, is_found) in forms.into_iter().zip(is_found) {
        match form.seen {
            Seen::Name(name) if is_found => claimed.extend([form.range.start..name.start, name.end..form.range.end]),
            Seen::Name(_) | Seen::Nothing => claimed.push(form.range),
            Seen::Beyond => {}
        }
    }
    claimed
}

fn is_within(range: &Range<usize>, whole: &Range<usize>) -> bool {
    whole.start <= range.start && range.end <= whole.end
}
