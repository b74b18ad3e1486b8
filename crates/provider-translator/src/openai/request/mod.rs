//! A request as a provider takes it: its quirks applied to OpenAI's shape, and nothing touched beside.

mod effort;
pub(super) mod foreign;
mod members;
mod messages;
mod order;
mod tools;

#[cfg(test)]
mod tests;

use llm_layers_core::Failure;
use llm_layers_wire::json::{Limits, Object};

use super::quirks::{Quirks, StreamOptions, TokenCap};
use crate::{params, place::Place, warnings::Warnings};

/// Parts of a body that has been read within its limits are within them.
const LIMITS: Limits = Limits::LENIENT.with_max_bytes(usize::MAX);

/// Makes a chat completion request what a provider with these quirks takes. Gives how often it is to be asked.
///
/// # Errors
/// It asks for what the provider cannot give: 400, with the member's path.
pub(super) fn apply(request: &mut Object, quirks: &Quirks, warnings: &mut Warnings) -> Result<u32, Failure> {
    if quirks.no_nulls {
        remove_nulls(request);
    }
    token_cap(request, quirks.token_cap);
    effort::repair(request, quirks.effort, warnings);
    members::response_format(request, quirks.formats)?;
    if quirks.one_stop {
        members::one_stop(request, warnings)?;
    }
    if quirks.auto_tool_only {
        tools::auto_only(request, warnings)?;
    }
    for name in quirks.unsupported {
        members::leave_out(request, name, warnings)?;
    }
    for (name, theirs) in quirks.renamed {
        rename(request, name, theirs);
    }
    if quirks.any_tool && request.get("tool_choice") == Some(b"\"required\"") {
        request.set("tool_choice", "any");
    }
    if let Some(bounds) = quirks.temperature {
        temperature(request, bounds, warnings)?;
    }
    for (name, value) in quirks.preset {
        if !request.contains(name) {
            let _ = request.set_raw(name, *value);
        }
    }
    stream_options(request, quirks.stream_options);
    if quirks.functions_only {
        tools::functions_only(request)?;
    }
    if quirks.touch_tools() {
        tools::repair(request, quirks);
    }
    if quirks.touch_messages() {
        messages::repair(request, quirks, warnings)?;
    }
    if !quirks.one_choice {
        return Ok(1);
    }
    let copies = params::copies(request)?;
    request.remove("n");
    Ok(copies)
}

fn remove_nulls(object: &mut Object) {
    let names: Vec<String> =
        object.iter().filter(|(_, value)| *value == b"null").map(|(name, _)| name.into_owned()).collect();
    for name in names {
        object.remove(&name);
    }
}

/// Of two bounds OpenAI takes the newer one.
fn token_cap(request: &mut Object, cap: TokenCap) {
    match cap {
        TokenCap::Both => {}
        TokenCap::Old => {
            if let Some(value) = request.get_bytes("max_completion_tokens") {
                request.remove("max_completion_tokens");
                if value != "null" {
                    let _ = request.set_raw("max_tokens", value);
                }
            }
        }
        TokenCap::New => rename(request, "max_tokens", "max_completion_tokens"),
        TokenCap::NewOfThinkers => {
            if request.text("model").is_some_and(|model| thinks(&model)) {
                rename(request, "max_tokens", "max_completion_tokens");
            }
        }
    }
}

/// Whether a model is one of OpenAI's that think: `o3-mini`, `gpt-5.1`, or one that was made of them.
fn thinks(model: &str) -> bool {
    let model = model.strip_prefix("ft:").unwrap_or(model).as_bytes();
    match model {
        [b'o', b'1'..=b'9', rest @ ..] => !rest.first().is_some_and(u8::is_ascii_alphanumeric),
        // Azure's name of GPT-3.5 is `gpt-35`.
        [b'g', b'p', b't', b'-', b'5'..=b'9', rest @ ..] => !rest.first().is_some_and(u8::is_ascii_digit),
        _ => false,
    }
}

/// Gives a member its other name, unless it is there by that name too.
fn rename(request: &mut Object, name: &str, theirs: &str) {
    let Some(value) = request.get_bytes(name) else { return };
    request.remove(name);
    if value != "null" && !request.contains(theirs) {
        let _ = request.set_raw(theirs, value);
    }
}

fn temperature(request: &mut Object, (least, most): (f64, f64), warnings: &mut Warnings) -> Result<(), Failure> {
    let Ok(Some(given)) = request.read::<f64>("temperature") else { return Ok(()) };
    let taken = given.clamp(least, most);
    if taken < given {
        warnings.clamped("temperature", given, taken)?;
    } else if taken > given {
        // The least that it takes is as good as 0.
        warnings.emulated("temperature", "lowest");
    } else {
        return Ok(());
    }
    request.set("temperature", &taken);
    Ok(())
}

fn stream_options(request: &mut Object, options: StreamOptions) {
    match options {
        StreamOptions::AsSent => {}
        StreamOptions::Unknown => {
            request.remove("stream_options");
        }
        StreamOptions::Usage if request.is_true("stream") => match request.get_bytes("stream_options") {
            Some(given) if given.starts_with(b"{") => {
                let Ok(mut given) = Object::parse_with(given, &LIMITS) else { return };
                if !given.is_true("include_usage") {
                    given.set("include_usage", &true);
                    let _ = request.set_raw("stream_options", given.to_bytes());
                }
            }
            _ => {
                let _ = request.set_raw("stream_options", r#"{"include_usage":true}"#);
            }
        },
        StreamOptions::Usage => {}
    }
}

/// What a provider has not: `what` says it to the client.
fn refused(name: &str, what: &str) -> Failure {
    Place::new(name).unsupported(what)
}
