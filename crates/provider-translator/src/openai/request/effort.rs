//! `reasoning_effort`, in a provider's own words.

use llm_layers_wire::json::Object;

use crate::{openai::quirks::Effort, warnings::Warnings};

/// Says an effort by the provider's switch. Where a client has set that switch itself, it stays.
pub(super) fn repair(request: &mut Object, effort: Effort, warnings: &mut Warnings) {
    let (switch, on, off) = match effort {
        Effort::AsSent => return,
        Effort::Thinking => ("thinking", r#"{"type":"enabled"}"#, r#"{"type":"disabled"}"#),
        Effort::EnableThinking => ("enable_thinking", "true", "false"),
    };
    // What is no text the provider refuses in its own words.
    let Some(thinks) = request.text("reasoning_effort").map(|wanted| wanted != "none") else { return };
    if !request.contains(switch) {
        let _ = request.set_raw(switch, if thinks { on } else { off });
    }
    if thinks && effort == Effort::Thinking {
        return;
    }
    request.remove("reasoning_effort");
    if thinks {
        warnings.emulated("reasoning_effort", "on_or_off");
    }
}
