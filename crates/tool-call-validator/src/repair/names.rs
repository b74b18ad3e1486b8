//! Names that are the same but for how they are spelled: of tools, and of members.

/// Beyond this a name is nobody's slip of the pen, and not worth the time to compare it.
const LONGEST: usize = 256;

/// Beyond this names are not compared letter by letter.
const LONGEST_NEAR: usize = 64;

/// What models put before a tool's name: namespaces of their training data, and of some providers' prompts.
const PREFIXES: [&str; 3] = ["functions.", "tools.", "default_api."];

/// The one tool that is meant by a name that no tool has as it stands: its case, its separators or a namespace before it
/// may differ. `None` if there is none, or more than one.
pub(crate) fn tool<'a>(name: &str, offered: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.trim();
    let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
    only(offered.into_iter().filter(|tool| is_same(name, tool) || bare.is_some_and(|bare| is_same(bare, tool))))
}

/// The one name that is meant by another one, up to case and separators. `None` if there is none, or more than one.
pub(crate) fn member<'a>(name: &str, declared: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    only(declared.into_iter().filter(|declared| is_same(name, declared)))
}

/// Whether two names differ in case and separators at most: `user_id`, `userId`, `User-ID`.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    if left.len().max(right.len()) > LONGEST {
        return left == right;
    }
    // Names of separators alone are all the same, and mean nothing.
    folded(left).next().is_some() && folded(left).eq(folded(right))
}

/// Whether one name may be a misspelling of the other: two letters off, or one in a short name. More is said to be near than
/// is meant; nothing is ever renamed for it.
pub(crate) fn is_near(left: &str, right: &str) -> bool {
    let (left, right): (String, String) = (folded(left).collect(), folded(right).collect());
    let (one, other) = (left.chars().count(), right.chars().count());
    if one.abs_diff(other) > 2 {
        return false;
    }
    one.max(other) > LONGEST_NEAR || strsim::osa_distance(&left, &right) <= if one.min(other) < 5 { 1 } else { 2 }
}

/// The letters of a name that count, in one case.
pub(crate) fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|letter| !matches!(letter, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase)
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: [&str; 7] =
        ["get_weather", "getTime", "list-files", "db.query", "send_mail", "sendmail", "functions.run"];

    #[test]
    fn a_tool_is_found_by_case_separators_and_namespace() {
        for (name, tool) in [
            ("getWeather", "get_weather"),
            ("GET WEATHER", "get_weather"),
            ("get-weather", "get_weather"),
            ("get.weather", "get_weather"),
            (" get_weather ", "get_weather"),
            ("functions.get_weather", "get_weather"),
            ("functions.getWeather", "get_weather"),
            ("tools.get_time", "getTime"),
            ("default_api.list_files", "list-files"),
            ("DB_Query", "db.query"),
            ("functions_run", "functions.run"),
        ] {
            assert_eq!(super::tool(name, OFFERED), Some(tool), "{name}");
        }
    }

    #[test]
    fn a_tool_that_may_be_another_is_none() {
        for name in
            ["SendMail", "send-mail", "get_wether", "weather", "", "_", ".", "functions.", "tools", "my.get_time"]
        {
            assert_eq!(super::tool(name, OFFERED), None, "{name}");
        }
        assert_eq!(super::tool("functions.a", ["a", "functions_a"]), None);
        assert_eq!(super::tool(&"a".repeat(LONGEST + 1), ["A"]), None);
    }

    #[test]
    fn a_member_is_found_by_case_and_separators() {
        for (name, declared) in
            [("userId", Some("user_id")), ("User ID", Some("user_id")), ("user-id", Some("user_id")), ("id", None)]
        {
            assert_eq!(member(name, ["user_id", "name"]), declared, "{name}");
        }
        assert_eq!(member("UserId", ["user_id", "userId"]), None);
    }

    #[test]
    fn misspellings_are_near() {
        for (left, right) in
            [("locaton", "location"), ("loaction", "location"), ("unti", "unit"), ("days", "day"), ("Query", "query")]
        {
            assert!(is_near(left, right) && is_near(right, left), "{left} {right}");
        }
        for (left, right) in
            [("reason", "location"), ("date", "days"), ("note", "unit"), ("city_name", "city"), ("_", "ab")]
        {
            assert!(!is_near(left, right) && !is_near(right, left), "{left} {right}");
        }
    }
}
