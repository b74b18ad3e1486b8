//! Any bytes that a store outside of the process gives back are an entry or none; any entry comes back as it was, under its
//! own name only, and not once a byte of it was changed.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use llm_layers_cache::{Codec, Entry};
use llm_layers_core::Secret;

static CODECS: LazyLock<[Codec; 3]> = LazyLock::new(|| {
    [Codec::new(), Codec::new().compress_above(0), Codec::new().compress_above(0).encrypt(&Secret::new("a secret"))]
});

fuzz_target!(|input: (Vec<u8>, Vec<u8>, (u64, u64, u64, u64), Vec<u8>, Option<(u16, u8)>)| {
    let (bytes, name, (created, time, input, output), body, change) = input;
    let entry = Entry::new(Bytes::from(body), created, Duration::from_nanos(time))
        .kept_for(Duration::from_secs(time))
        .paid(input, output, None);
    for codec in &*CODECS {
        let _ = codec.decode(bytes.clone(), &name);

        let encoded = codec.encode(&entry, &name).expect("it is short");
        assert!(encoded.len() <= entry.body().len() + 128);
        assert_eq!(codec.decode(encoded.clone(), &name).as_ref(), Some(&entry));
        assert_eq!(codec.decode(encoded.clone(), &[&*name, b"x"].concat()), None);
        if let Some((at, bits)) = change.filter(|(_, bits)| *bits != 0) {
            let mut broken = encoded;
            let at = usize::from(at) % broken.len();
            broken[at] ^= bits;
            assert_eq!(codec.decode(broken, &name), None);
        }
    }
});
