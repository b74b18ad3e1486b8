use super::Split;
use bytes::Bytes;
use std::collections::BTreeSet;

/// Which splits to try: see [`Splits::iter`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Splits {
    whole: Bytes,
    seed: u64,
    random: usize,
    work: usize,
    empty_pieces: bool,
}

impl Splits {
    /// The splits of `whole`, with the defaults that each setting names.
    pub fn of(whole: impl Into<Bytes>) -> Self {
        Self { whole: whole.into(), seed: 0, random: 64, work: 8 << 20, empty_pieces: true }
    }

    /// Sets the seed of all chance. The default is 0: equal runs cut at equal places.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets how many random splits, of two to sixteen cuts each, are tried. The default is 64.
    pub fn random(mut self, count: usize) -> Self {
        self.random = count;
        self
    }

    /// Sets the bytes that may be fed in all, over all splits. The default is 8 MiB, under which every cut
    /// in two is tried of anything up to about 2,800 bytes.
    ///
    /// What is over it is thinned out, as [`iter`](Self::iter) says, never left out.
    pub fn work(mut self, bytes: usize) -> Self {
        self.work = bytes;
        self
    }

    /// Sets whether one split has empty pieces before, between and after the others (default): chunked
    /// bodies bring such frames.
    pub fn empty_pieces(mut self, yes: bool) -> Self {
        self.empty_pieces = yes;
        self
    }

    pub(super) fn whole(&self) -> Bytes {
        self.whole.clone()
    }

    /// All splits, made one by one:
    ///
    /// 1. every cut in two. Where that is more work than [`work`](Self::work), the first 64 and the last 64
    ///    places, and seeded random places between, as many as the work allows;
    /// 2. every byte a piece of its own. Of a whole of more than 64 KiB the first and the last 32 KiB, the
    ///    middle being one piece;
    /// 3. the same with empty pieces between, of no more than the first and the last 2 KiB;
    /// 4. random splits: as many as asked for, or as the work allows, but at least four.
    pub fn iter(&self) -> impl Iterator<Item = Split> + '_ {
        let mut rng = fastrand::Rng::with_seed(self.seed);
        let halves = self.halves(&mut rng);
        let bytes = (self.whole.len() > 1).then(|| edges(self.whole.len(), 32 << 10));
        let empties = self.empty_pieces.then(|| {
            let cuts = edges(self.whole.len(), 2 << 10);
            let ends = [0, self.whole.len()];
            cuts.iter().chain(&cuts).copied().chain(ends).collect()
        });
        let random: Vec<_> = (0..self.random_count()).map(|_| self.random_cuts(&mut rng)).collect();
        halves
            .into_iter()
            .map(|cut| vec![cut])
            .chain(bytes)
            .chain(empties)
            .chain(random)
            .map(|cuts| Split::at(self.whole.clone(), cuts))
    }

    fn halves(&self, rng: &mut fastrand::Rng) -> BTreeSet<usize> {
        let len = self.whole.len();
        let affordable = self.affordable();
        if affordable >= len {
            return (1..len).collect();
        }
        let mut cuts: BTreeSet<_> = edges(len, 64).into_iter().collect();
        cuts.extend((0..affordable).map(|_| rng.usize(1..len)));
        cuts
    }

    fn affordable(&self) -> usize {
        self.work / self.whole.len().max(1)
    }

    fn random_count(&self) -> usize {
        if self.whole.len() < 2 {
            return 0;
        }
        self.random.min(self.affordable().max(4))
    }

    fn random_cuts(&self, rng: &mut fastrand::Rng) -> Vec<usize> {
        let len = self.whole.len();
        (0..rng.usize(2..=16)).map(|_| rng.usize(1..len)).collect()
    }
}

/// All inner places of the first and the last `reach` bytes.
fn edges(len: usize, reach: usize) -> Vec<usize> {
    if len <= 2 * reach {
        return (1..len).collect();
    }
    (1..=reach).chain(len - reach..len).collect()
}
