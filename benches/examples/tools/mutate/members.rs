//! Members that are missing, unknown, or called something else.

use super::{Maker, some};
use crate::{
    case::Label::{Lossless, Never, Open},
    corpus::Place,
    json::{Json, Path, Style},
};

pub(super) fn add(maker: &mut Maker<'_>) {
    let call = maker.call;
    for (path, place) in call.places() {
        if !matches!(place, Json::Object(_)) {
            continue;
        }
        let schema = maker.tool.place(&path);
        missing(maker, &path, place, &schema);
        renamed(maker, &path, place, &schema);
        unknown(maker, &path, place, &schema);
        hoisted(maker, &path, place);
    }
    let camel = all_renamed(maker, call, &mut Path::new());
    if camel.compact() != call.compact() && is_closed_throughout(maker) {
        maker.add_json("member in other case", Lossless, &camel);
    }
    twice(maker);
}

fn edited(call: &Json, path: &Path, edit: impl FnOnce(&mut Vec<(String, Json)>)) -> Json {
    let mut call = call.clone();
    if let Json::Object(members) = call.at_mut(path) {
        edit(members);
    }
    call
}

fn missing(maker: &mut Maker<'_>, path: &Path, place: &Json, schema: &Place<'_>) {
    for (at, (name, value)) in place.members().iter().enumerate() {
        if !schema.is_required(name) {
            continue;
        }
        let without = edited(maker.call, path, |members| _ = members.remove(at));
        match schema.default_of(name) {
            // Left out, the default is what it means.
            Some(default) if value.value() == *default => maker.add_json("default left out", Lossless, &without),
            Some(_) => {}
            None => maker.add_json("required member missing", Never, &without),
        }
    }
    if place.members().len() > 1 && !schema.declared().is_empty() {
        maker.add_json("required member missing", Never, &edited(maker.call, path, Vec::clear));
    }
}

fn renamed(maker: &mut Maker<'_>, path: &Path, place: &Json, schema: &Place<'_>) {
    let call = maker.call;
    let declared = schema.declared();
    for (at, (name, _)) in place.members().iter().enumerate() {
        if !declared.contains(&name.as_str()) {
            continue;
        }
        let rename = |to: &str| edited(call, path, |members| members[at].0 = to.to_owned());
        for other in spellings(name) {
            if declared.contains(&other.as_str()) {
                continue;
            }
            let same =
                |one: &&&str| folded(one) == folded(&other) && place.get(one).is_none_or(|_| **one == name.as_str());
            let is_one = declared.iter().filter(same).count() == 1;
            // Where other members are taken as well, it may be one of them.
            let label = match (is_one, schema.is_closed()) {
                (true, true) => Lossless,
                (true, false) => Open,
                (false, _) => Never,
            };
            maker.add_json("member in other case", label, &rename(&other));
        }
        for other in misspelled(name) {
            if !declared.contains(&other.as_str()) && folded(&other) != folded(name) {
                maker.add_json("member misspelled", Never, &rename(&other));
            }
        }
        let others = SYNONYMS.iter().filter(|(known, _)| known == name).map(|(_, other)| other);
        for other in others.filter(|other| !declared.contains(*other)) {
            maker.add_json("member by another name", Never, &rename(other));
        }
    }
}

fn unknown(maker: &mut Maker<'_>, path: &Path, place: &Json, schema: &Place<'_>) {
    let call = maker.call;
    let declared = schema.declared();
    // As long as a declared member is not there, the unknown one may be it.
    if declared.is_empty() {
        return;
    }
    let is_whole = declared.iter().all(|name| place.get(name).is_some());
    let label = if schema.is_closed() && is_whole { Lossless } else { Open };
    let values =
        [Json::Text("because the user said so".to_owned()), Json::Plain("0.97".to_owned()), Json::Object(Vec::new())];
    for (name, value) in ["reasoning_for_it", "my confidence", "___x42___extra"].into_iter().zip(values) {
        if declared.iter().any(|known| distance(known, name) < 5) {
            continue;
        }
        for at in [0, place.members().len()] {
            let more = edited(call, path, |members| members.insert(at, (name.to_owned(), value.clone())));
            maker.add_json("unknown member", label, &more);
        }
    }
    // A member and its misspelling: of no use, if they say the same.
    for (at, (name, value)) in place.members().iter().enumerate().take(2) {
        for other in spellings(name).into_iter().filter(|other| !declared.contains(&other.as_str())).take(1) {
            let more = edited(call, path, |members| members.insert(at, (other, value.clone())));
            maker.add_json("member in both cases", Open, &more);
        }
    }
}

/// The members of an object, in what is around it.
fn hoisted(maker: &mut Maker<'_>, path: &Path, place: &Json) {
    let Some((crate::json::Step::Member(name), around)) = path.split_last() else { return };
    let around = around.to_vec();
    if place.members().is_empty() || maker.tool.place(path).declared().is_empty() {
        return;
    }
    let flat = edited(maker.call, &around, |members| {
        members.retain(|(known, _)| known != name);
        let free: Vec<_> = place
            .members()
            .iter()
            .filter(|(name, _)| members.iter().all(|(known, _)| known != name))
            .cloned()
            .collect();
        members.extend(free);
    });
    maker.add_json("members of an object outside it", Never, &flat);
}

/// One name, two members: equal or not, neither is to be trusted.
fn twice(maker: &mut Maker<'_>) {
    let call = maker.call;
    let text = Style::SPACED.write(call);
    for (name, value) in some(call.members().iter().collect(), 4) {
        let name = serde_json::to_string(name).expect("a name");
        let other = match value {
            Json::Text(text) => Json::Text(format!("{text}x")),
            _ => Json::Plain("null".to_owned()),
        };
        for value in [value, &other] {
            let more = format!("{name}: {}", value.compact());
            maker.add("member twice", Never, format!("{}, {more}}}", &text[..text.len() - 1]));
            maker.add("member twice", Never, format!("{{{more}, {}", &text[1..]));
        }
    }
}

pub(super) fn all_renamed(maker: &Maker<'_>, json: &Json, path: &mut Path) -> Json {
    use crate::json::Step;
    match json {
        Json::Object(members) => {
            let declared = maker.tool.place(path).declared();
            let mut each = |(name, value): &(String, Json)| {
                path.push(Step::Member(name.clone()));
                let value = all_renamed(maker, value, path);
                path.pop();
                let other = if declared.contains(&name.as_str()) { camel(name) } else { name.clone() };
                (other, value)
            };
            Json::Object(members.iter().map(&mut each).collect())
        }
        Json::Array(items) => {
            let mut each = |(at, item): (usize, &Json)| {
                path.push(Step::Item(at));
                let item = all_renamed(maker, item, path);
                path.pop();
                item
            };
            Json::Array(items.iter().enumerate().map(&mut each).collect())
        }
        other => other.clone(),
    }
}

/// Whether every object of the call takes declared members only, or none is declared and they are the user's.
pub(super) fn is_closed_throughout(maker: &Maker<'_>) -> bool {
    let objects = maker.call.places().into_iter().filter(|(_, place)| matches!(place, Json::Object(_)));
    objects.map(|(path, _)| maker.tool.place(&path)).all(|schema| schema.is_closed() || schema.declared().is_empty())
}

/// In lower case, without what separates words.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capital(word))
}

fn capital(word: &str) -> String {
    let mut word = word.to_owned();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

/// The name in other case and with other separators.
pub(super) fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![
        camel(name),
        capital(&camel(name)),
        name.to_uppercase(),
        name.replace('_', "-"),
        name.replace('_', " "),
        name.replace('_', ""),
    ];
    all.retain(|other| other != name);
    all.dedup();
    all
}

/// One letter off.
fn misspelled(name: &str) -> Vec<String> {
    if name.len() < 4 || !name.is_ascii() {
        return Vec::new();
    }
    let middle = name.len() / 2;
    let swapped: String =
        [&name[..middle - 1], &name[middle..=middle], &name[middle - 1..middle], &name[middle + 1..]].concat();
    let mut all = vec![format!("{}{}", &name[..middle], &name[middle + 1..]), format!("{name}s")];
    // Two letters in each other's place are two steps: too far for a short name.
    if name.len() > 5 && swapped != name {
        all.push(swapped);
    }
    all
}

/// Steps from one name to another.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (to, b) in other.bytes().enumerate() {
            let above = row[to + 1];
            row[to + 1] = (diagonal + usize::from(a != b)).min(above + 1).min(row[to] + 1);
            diagonal = above;
        }
    }
    row[other.len()]
}

/// What models call members that are called something else.
const SYNONYMS: &[(&str, &str)] = &[
    ("city", "location"),
    ("unit", "temperature_scale"),
    ("days", "forecast_length"),
    ("to", "recipients"),
    ("body", "message"),
    ("cc", "copy_recipients"),
    ("priority", "importance"),
    ("attendees", "participants"),
    ("all_day", "whole_day_event"),
    ("reminders", "alarms_before"),
    ("passengers", "number_of_adults"),
    ("cabin", "travel_class"),
    ("return_date", "inbound"),
    ("max_price", "budget"),
    ("limit", "max_lines"),
    ("offset", "start_line"),
    ("path", "filename"),
    ("mode", "write_strategy"),
    ("content", "text"),
    ("cwd", "working_directory"),
    ("env", "environment_variables"),
    ("timeout", "seconds"),
    ("assignee", "owner_login"),
    ("labels", "categories"),
    ("merge_method", "strategy"),
    ("late_arrival", "arrives_late"),
    ("room", "accommodation"),
    ("amount", "sum_total"),
    ("reference", "payment_purpose"),
    ("execute_on", "due"),
    ("comment", "note_to_customer"),
    ("notify", "send_mail"),
    ("tags", "keywords"),
    ("formality", "register_of_speech"),
    ("schedule", "timetable"),
    ("hold", "permanent"),
    ("toppings", "ingredients"),
    ("note", "remark_for_driver"),
    ("query", "search_term"),
    ("num_results", "max_count"),
    ("freshness", "time_range"),
    ("fields", "columns"),
    ("as_of", "timestamp"),
    ("age", "years_old"),
    ("active", "enabled_account"),
    ("profile", "user_details"),
    ("retries", "max_attempts"),
    ("price_max", "upper_bound"),
    ("coupon", "voucher_code"),
    ("gift", "wrap_as_present"),
    ("quantity", "count_of_items"),
    ("media", "attachments"),
    ("thread", "as_series"),
    ("fit", "scaling"),
    ("quality", "compression_level"),
    ("brightness", "level_percent"),
    ("transition", "fade_seconds"),
    ("due_days", "payment_terms"),
    ("paid", "settled_already"),
    ("avoid_tolls", "no_toll_roads"),
    ("via", "waypoints"),
    ("rollout_percent", "share_of_users"),
    ("seed", "random_state"),
    ("style", "look"),
    ("guidance", "cfg_scale"),
    ("comments", "remarks"),
    ("replicas", "instances"),
    ("resources", "limits_of_hardware"),
    ("status", "since_state"),
];
