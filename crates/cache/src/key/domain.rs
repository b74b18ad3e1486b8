use zeroize::Zeroizing;

/// The secret, once for each thing that is hashed: the hash of one thing says nothing of the same bytes as another.
#[derive(Clone)]
pub(super) struct Domains {
    pub(super) tenant: Domain,
    pub(super) namespace: Domain,
    pub(super) request: Domain,
    /// A request for embeddings without its input, and that with one input.
    pub(super) batch: Domain,
    pub(super) input: Domain,
    /// A request without its question.
    #[cfg(feature = "semantic")]
    pub(super) rest: Domain,
    /// Within a canonical form: a long string, and any other long value.
    pub(super) text: Domain,
    pub(super) part: Domain,
}

/// A key of BLAKE3 that is used for one thing.
#[derive(Clone)]
pub(super) struct Domain(Zeroizing<[u8; 32]>);

impl Domains {
    /// The names stand for the forms that are hashed, too: a form that changes gets another number, so that replicas of two
    /// versions that share a store never take each other's keys for theirs.
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        let domain = |name| Domain(Zeroizing::new(blake3::derive_key(name, secret)));
        Self {
            tenant: domain("llm-layers-cache 1 tenant"),
            namespace: domain("llm-layers-cache 1 namespace"),
            request: domain("llm-layers-cache 1 request"),
            batch: domain("llm-layers-cache 1 batch"),
            input: domain("llm-layers-cache 1 input"),
            #[cfg(feature = "semantic")]
            rest: domain("llm-layers-cache 1 rest"),
            text: domain("llm-layers-cache 1 text"),
            part: domain("llm-layers-cache 1 part"),
        }
    }
}

impl Domain {
    pub(super) fn hash(&self, bytes: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, bytes).as_bytes()
    }

    /// Half a hash: enough to tell names apart.
    pub(super) fn short(&self, bytes: &[u8]) -> [u8; 16] {
        self.hash(bytes).first_chunk().copied().unwrap_or_default()
    }
}
