use http::Response;
use llm_layers_core::{
    Body, End,
    metering::{self, Metering, Observe, Reading},
    opening::Hold,
};
use llm_layers_wire::sse::Event;

use super::Name;
use crate::InFlight;

/// What becomes of an answer.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The name that takes the place of the provider's.
    pub(crate) name: Option<Name>,
    /// Usage was asked for, and not by the client.
    pub(crate) hides_usage: bool,
    /// The call at the deployment, if it is counted.
    pub(crate) call: Option<InFlight>,
}

/// Lets an answer go to the client, under the name that it asked for, and takes down how it ends.
pub(crate) fn watch(mut response: Response<Body>, hold: &Hold, seen: Seen) -> Response<Body> {
    if let Some(name) = &seen.name {
        name.put_into(&mut response);
    }
    let metering = Metering::new().sse_limits(hold.sse_limits).edits_events(seen.name.is_some());
    let metering = metering.hides_usage(seen.hides_usage);
    metering::meter(response, &metering, seen)
}

impl Observe for Seen {
    fn event(&mut self, event: &mut Event, _: &Reading) -> bool {
        if let Some(name) = &self.name {
            name.put_into_event(event);
        }
        true
    }

    fn end(self, reading: &Reading, end: End) {
        let Some(call) = self.call else { return };
        if end == End::Complete
            && let Some(usage) = reading.usage()
        {
            call.used(&usage);
        }
        call.end(end.into());
    }
}
