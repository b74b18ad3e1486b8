use super::Signal;
use crate::split::Split;
use bytes::Bytes;

/// What a [`RawServer`](super::RawServer) does on one connection, step by step. Behind the last step it
/// closes.
///
/// ```
/// use llm_layers_testkit::peer::Conversation;
///
/// let cut_off = Conversation::new()
///     .read_request()
///     .write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly half")
///     .reset();
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Conversation {
    pub(super) acts: Vec<Act>,
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    ReadRequest,
    Read(usize),
    Write(Bytes),
    WriteTorn(Vec<Bytes>),
    Tell(Signal),
    Wait(Signal),
    WaitForClose,
    HalfClose,
    Reset,
    Hang,
}

impl Conversation {
    /// A conversation that accepts and closes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The usual one: reads a request, writes `response`, closes.
    pub fn answer(response: impl Into<Bytes>) -> Self {
        Self::new().read_request().write(response)
    }

    /// Reads a request to the end that its head tells: by chunks, by the first `content-length`, or without
    /// a body.
    pub fn read_request(self) -> Self {
        self.act(Act::ReadRequest)
    }

    /// Reads so many bytes and no more: a slow reader, with signals between.
    pub fn read(self, bytes: usize) -> Self {
        self.act(Act::Read(bytes))
    }

    /// Writes bytes as they are.
    pub fn write(self, bytes: impl Into<Bytes>) -> Self {
        self.act(Act::Write(bytes.into()))
    }

    /// Writes bytes torn apart before each of the positions `cuts`, flushed one by one. TCP may join them
    /// again; to part them for certain put a [`wait`](Self::wait) between two writes.
    pub fn write_torn(self, bytes: impl Into<Bytes>, cuts: impl IntoIterator<Item = usize>) -> Self {
        self.act(Act::WriteTorn(Split::at(bytes, cuts).pieces()))
    }

    /// Gives a signal: the test knows that the script has come this far.
    pub fn tell(self, signal: &Signal) -> Self {
        self.act(Act::Tell(signal.clone()))
    }

    /// Waits until the test gives a signal.
    pub fn wait(self, signal: &Signal) -> Self {
        self.act(Act::Wait(signal.clone()))
    }

    /// Reads until the peer closes: the proof that a cancelled call hangs up.
    pub fn wait_for_close(self) -> Self {
        self.act(Act::WaitForClose)
    }

    /// Closes the writing side and goes on.
    pub fn half_close(self) -> Self {
        self.act(Act::HalfClose)
    }

    /// Resets the connection (RST), and ends.
    pub fn reset(self) -> Self {
        self.act(Act::Reset)
    }

    /// Keeps the connection open and does nothing more, until the server is dropped.
    pub fn hang(self) -> Self {
        self.act(Act::Hang)
    }

    fn act(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }
}
