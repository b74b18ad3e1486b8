//! `anyOf` and `oneOf`: what makes one alternative alone fit.

use serde_json::Value;

use super::{
    Node,
    complaint::{self, Complaint},
    fit::{Fitted, Fitter, Look},
    scalar::Allowed,
    tree,
};

/// Alternatives that are being tried, from the innermost outwards.
pub(super) struct Around<'a> {
    outer: Option<&'a Around<'a>>,
    path: &'a str,
    allowed: Allowed,
    /// A default would decide between alternatives, of which nothing was said.
    may_default: bool,
    /// Dropping a member would decide between alternatives, of which something was said.
    may_drop: bool,
}

impl<'a> Around<'a> {
    fn all(innermost: Option<&'a Self>) -> impl Iterator<Item = &'a Self> {
        std::iter::successors(innermost, |around| around.outer)
    }

    /// What may be done about a value at this path.
    pub(super) fn allowed(innermost: Option<&'a Self>, path: &str) -> Allowed {
        Self::all(innermost).filter(|around| around.path == path).fold(Allowed::ALL, |allowed, around| Allowed {
            from_string: allowed.from_string && around.allowed.from_string,
            to_string: allowed.to_string && around.allowed.to_string,
        })
    }

    /// Whether an object at this path may be given defaults.
    pub(super) fn may_default(innermost: Option<&'a Self>, path: &str) -> bool {
        Self::all(innermost).all(|around| around.may_default || !is_within(path, around.path))
    }

    /// Whether an object at this path may lose members.
    pub(super) fn may_drop(innermost: Option<&'a Self>, path: &str) -> bool {
        Self::all(innermost).all(|around| around.may_drop || !is_within(path, around.path))
    }
}

/// Changes what one alternative alone can be made to fit. Whether there was anything.
pub(super) fn decide(
    fitter: &Fitter<'_>,
    fitted: &mut Fitted,
    complaints: Vec<Complaint>,
    look: Look<'_>,
    around: Option<&Around<'_>>,
) -> bool {
    let mut done: Vec<String> = Vec::new();
    for complaint in complaints {
        // What is around or within a change is looked at anew before anything is said of it.
        if done.iter().any(|path| is_within(&complaint.path, path) || is_within(path, &complaint.path)) {
            continue;
        }
        let path = complaint.path.clone();
        if let Some(better) = one_fit(fitter, fitted, complaint, look, around) {
            *fitted = better;
            done.push(path);
        }
    }
    !done.is_empty()
}

/// The value after what makes one alternative fit, if no other can be made to fit otherwise.
fn one_fit(
    fitter: &Fitter<'_>,
    fitted: &Fitted,
    complaint: Complaint,
    look: Look<'_>,
    around: Option<&Around<'_>>,
) -> Option<Fitted> {
    let Complaint { path, schema_path, kind } = complaint;
    let (path, branches) = (path.as_str(), complaint::branches(&kind)?);
    // `[3]` where a number would do as well as a list of strings: which of the two is meant?
    if matches!(tree::at(&fitted.node, path), Some(Node::Array(items)) if items.len() == 1)
        && complaint::any_takes_single_values(branches, path)
    {
        return None;
    }
    let contradicted = branches.iter().map(|branch| complaint::is_contradicted(branch, path)).collect::<Vec<_>>();
    let open = contradicted.iter().filter(|is_contradicted| !**is_contradicted).count();
    let mut around = Around {
        outer: around,
        path,
        allowed: Allowed {
            from_string: !complaint::any_takes_strings(branches, path),
            to_string: complaint::all_take_only_strings(branches, path),
        },
        may_default: complaint::open_branches(branches, path) <= 1,
        may_drop: false,
    };

    let mut found: Option<Fitted> = None;
    for (index, known) in complaint::into_branches(kind).enumerate() {
        fitter.step()?;
        // What the others do not take for its values leaves this one alone, whatever its members are.
        around.may_drop = open == usize::from(contradicted.get(index) == Some(&false));
        let look_at_branch = |value: &Value| {
            let ours = look(value)?.into_iter().find(|complaint| complaint.is_about(path, &schema_path));
            match ours {
                None => Some(Vec::new()),
                // Several fit now, and only one may.
                Some(ours) if complaint::branches(&ours.kind).is_none() => None,
                Some(ours) => complaint::into_branches(ours.kind).nth(index),
            }
        };
        let Some(fit) = fitter.settle(fitted.clone(), Some(known), &look_at_branch, Some(&around)) else { continue };
        match &found {
            Some(other) if place(&other.node, path)? != place(&fit.node, path)? => return None,
            Some(_) => {}
            None => found = Some(fit),
        }
    }
    found
}

fn place(root: &Node, path: &str) -> Option<Value> {
    tree::value(tree::at(root, path)?)
}

/// Whether a path is another one, or below it.
fn is_within(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
