//! What they write. Words of our own; what matters is how long the texts are, and what kind of text they are.

use crate::{dice::Dice, mix::Kind};

const SUPPORT: &str = "You are the support agent of an electricity supplier. Answer in a friendly and precise way. Never \
    promise a refund; offer to open a ticket when money is concerned. Tariffs: Basic has no base fee and 38 cents per \
    kilowatt hour; Home has a base fee of 9 euros and 29 cents; Night has a base fee of 12 euros and 31 cents by day, 19 \
    cents between ten in the evening and six in the morning. Notice is one month for Basic, three for the others. ";
const RULES: [&str; 6] = [
    "A reading of the meter is due each January and may be sent as a photo. ",
    "A customer who moves tells us the date and both addresses two weeks before. ",
    "Payments are made by direct debit on the third working day of the month. ",
    "An outage is the grid operator's affair; give the number on the customer's bill. ",
    "A bonus is paid after twelve months and is lost when notice is given before. ",
    "Solar feed-in is settled once a year, by a letter of its own. ",
];
const QUESTIONS: [&str; 10] = [
    "Hello, my bill is twice as high as last year, can you tell me why?",
    "How do I send you the reading of my meter?",
    "I am moving to Leipzig next month. What do I have to do?",
    "Which tariff is best if I charge my car at night?",
    "The bonus was not paid. When does it come?",
    "And if I give notice today?",
    "Thanks. Can I do that online, too?",
    "My neighbour pays less than I do. Is there a better offer for me?",
    "There is no power in our street since this morning.",
    "I don't understand the second line of the bill, the one that says grid fee.",
];
const PROSE: [&str; 12] = [
    "The committee met in the spring to look at the figures of the past year. ",
    "Revenue had grown by four percent, while the cost of energy had nearly doubled. ",
    "Several members asked whether the contracts could be renewed on better terms. ",
    "The report names three causes, of which the delay of the northern line weighs most. ",
    "In the second part the authors compare the plan with what was built. ",
    "No agreement was found on the question of who bears the cost of the repairs. ",
    "The harbour handled 3.2 million tonnes, of which a fifth was grain. ",
    "A survey among 1,200 households shows that most would accept a higher fee. ",
    "It follows from section 14 that notice has to be given in writing. ",
    "The auditors found no errors in the accounts, but recommended a second signature. ",
    "By the end of the decade half of the fleet is to be replaced. ",
    "The appendix lists all measurements, by station and month. ",
];
const CODE: [&str; 10] = [
    "fn read_header(input: &[u8]) -> Result<(Header, &[u8]), ParseError> {\n",
    "    let (length, rest) = input.split_first_chunk::<4>().ok_or(ParseError::Short)?;\n",
    "    let length = u32::from_be_bytes(*length) as usize;\n",
    "    if length > MAX_FRAME { return Err(ParseError::TooLong { length }); }\n",
    "    for (index, entry) in table.iter().enumerate().filter(|(_, entry)| entry.is_live()) {\n",
    "        cache.entry(entry.key()).and_modify(|hits| *hits += 1).or_insert(1);\n",
    "    }\n",
    "    match state { State::Open { since } if since.elapsed() > TIMEOUT => close(index), _ => {} }\n",
    "    Ok((Header { length, flags: rest[0] }, &rest[1..]))\n",
    "}\n",
];
const TASKS: [&str; 5] = [
    "Find the bug in this module and explain step by step how it comes about, then write a test that shows it:\n",
    "Refactor this so that it takes a stream in place of a slice, and keep it free of allocations:\n",
    "Prove that this loop ends, and give the complexity in terms of the length of the table:\n",
    "Add a timeout to this, with unit tests, and explain what happens under contention:\n",
    "Why does this not compile? Give the corrected function only:\n",
];
const LABELS: &str = "Label the message with one word out of: billing, outage, moving, contract, other. Answer with the \
    word alone.";

/// The system prompt: the same in all conversations of an application.
pub(crate) fn system(kind: Kind) -> &'static str {
    use std::sync::LazyLock;
    static LONG: LazyLock<String> = LazyLock::new(|| SUPPORT.to_owned() + &RULES.concat().repeat(14));
    match kind {
        Kind::Support => &LONG,
        Kind::Summary => "Summarise the document in ten sentences for a reader who has no time.",
        Kind::Code => "You are a careful programmer. Answer with code, and few words about it.",
        Kind::Classification => LABELS,
    }
}

pub(crate) fn question(kind: Kind, turn: usize, dice: &mut Dice) -> String {
    match kind {
        Kind::Support => dice.pick(&QUESTIONS).repeat(1 + dice.between(0, 2)),
        Kind::Classification => {
            let mut text = some(&QUESTIONS, dice, 60.0, 600.0);
            text.insert_str(0, "Message: ");
            text
        }
        // One in thirty is a book.
        Kind::Summary if dice.unit() < 0.03 => some(&PROSE, dice, 600_000.0, 1_000_000.0),
        Kind::Summary => some(&PROSE, dice, 8_000.0, 200_000.0),
        Kind::Code if turn == 0 => (*dice.pick(&TASKS)).to_owned() + &some(&CODE, dice, 2_000.0, 40_000.0),
        Kind::Code => (*dice.pick(&TASKS)).to_owned() + &some(&CODE, dice, 200.0, 2_000.0),
    }
}

pub(crate) fn answer(kind: Kind, dice: &mut Dice) -> String {
    match kind {
        Kind::Code => some(&CODE, dice, 600.0, 6_000.0),
        _ => some(&RULES, dice, 200.0, 1_400.0),
    }
}

/// So many characters of these, from one length to another.
fn some(sentences: &[&str], dice: &mut Dice, from: f64, to: f64) -> String {
    let length = dice.log_between(from, to) as usize;
    let mut text = String::with_capacity(length + 100);
    while text.len() < length {
        let sentence: &&str = dice.pick(sentences);
        text.push_str(sentence);
    }
    text
}
