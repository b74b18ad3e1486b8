use std::collections::HashMap;

use crate::answer::nested::Unreadable;

/// The blocks that take input. Anthropic's SDKs count the blocks to find that of an index (`content[index]`); clients of
/// their own go by the index that a block has begun with. Input that is not the same block's for both is not for us to judge.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    begun: u32,
    /// By the index of each.
    inputs: HashMap<u32, Input>,
}

#[derive(Debug)]
struct Input {
    /// How many blocks have begun before.
    place: u32,
    is_call: bool,
}

/// Who takes the input of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taker {
    Client,
    Provider,
    Nobody,
}

impl Blocks {
    /// More than any message has.
    const MOST: usize = 1024;

    pub(super) fn begin(&mut self, index: u32, taker: Taker) -> Result<(), Unreadable> {
        let place = self.begun;
        self.begun = place.saturating_add(1);
        if taker == Taker::Nobody {
            self.inputs.remove(&index);
            return Ok(());
        }
        self.inputs.insert(index, Input { place, is_call: taker == Taker::Client });
        if self.inputs.len() > Self::MOST { Err(Unreadable) } else { Ok(()) }
    }

    /// Whether input is that of a call for the client.
    pub(super) fn is_call(&self, index: u32) -> Result<bool, Unreadable> {
        let input = self.inputs.get(&index).ok_or(Unreadable)?;
        // Behind the last block there is none that could be taken for it.
        if input.place == index || index >= self.begun { Ok(input.is_call) } else { Err(Unreadable) }
    }
}
