//! Hashes that addresses and tokens carry a part of.

pub(super) fn sha256(data: &[u8]) -> [u8; 32] {
    // The constants are the first bits of the fraction of square and cube roots of the first primes (FIPS 180-4).
    let primes: Vec<u128> = (2_u128..312).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
    let mut state: Vec<u32> = primes.iter().take(8).map(|prime| root(*prime << 64, 2) as u32).collect();
    let constants: Vec<u32> = primes.iter().take(64).map(|prime| root(*prime << 96, 3) as u32).collect();
    let mut message = data.to_vec();
    message.push(0x80);
    message.resize((data.len() + 9).div_ceil(64) * 64 - 8, 0);
    message.extend((data.len() as u64 * 8).to_be_bytes());
    for block in message.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]])).collect();
        for i in 16..64 {
            let (a, b) = (words[i - 15], words[i - 2]);
            let a = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let b = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            words.push(words[i - 16].wrapping_add(a).wrapping_add(words[i - 7]).wrapping_add(b));
        }
        let mut v = state.clone();
        for i in 0..64 {
            let e = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let first = v[7].wrapping_add(e).wrapping_add(choice).wrapping_add(constants[i]).wrapping_add(words[i]);
            let a = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let second = a.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(first);
            v[0] = first.wrapping_add(second);
        }
        for (sum, value) in state.iter_mut().zip(v) {
            *sum = sum.wrapping_add(value);
        }
    }
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

/// The whole part of a root.
fn root(of: u128, degree: u32) -> u128 {
    let (mut low, mut high) = (0_u128, 1_u128 << 40);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if middle.pow(degree) <= of { low = middle } else { high = middle }
    }
    low
}

/// Keccak-256 as Ethereum has it (EIP-55), of less than 136 bytes.
pub(super) fn keccak256(data: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 136];
    block[..data.len()].copy_from_slice(data);
    block[data.len()] ^= 1;
    block[135] ^= 0x80;
    let mut lanes = [[0_u64; 5]; 5];
    for (i, bytes) in block.chunks(8).enumerate() {
        lanes[i % 5][i / 5] = bytes.iter().rev().fold(0, |lane, byte| lane << 8 | u64::from(*byte));
    }
    let mut register = 1_u8;
    for _ in 0..24 {
        let parity: Vec<u64> = lanes.iter().map(|column| column.iter().fold(0, |a, b| a ^ b)).collect();
        for x in 0..5 {
            let flip = parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1);
            lanes[x].iter_mut().for_each(|lane| *lane ^= flip);
        }
        let (mut x, mut y, mut moved) = (1, 0, lanes[1][0]);
        for turn in 0..24_u32 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let rotated = moved.rotate_left((turn + 1) * (turn + 2) / 2 % 64);
            moved = std::mem::replace(&mut lanes[x][y], rotated);
        }
        let before = lanes;
        for (x, column) in lanes.iter_mut().enumerate() {
            for (y, lane) in column.iter_mut().enumerate() {
                *lane = before[x][y] ^ (!before[(x + 1) % 5][y] & before[(x + 2) % 5][y]);
            }
        }
        for bit in 0..7 {
            if register & 1 == 1 {
                lanes[0][0] ^= 1 << ((1_u32 << bit) - 1);
            }
            register = register << 1 ^ if register & 0x80 == 0 { 0 } else { 0x71 };
        }
    }
    let mut hash = [0; 32];
    for (i, bytes) in hash.chunks_mut(8).enumerate() {
        bytes.copy_from_slice(&lanes[i % 5][i / 5].to_le_bytes());
    }
    hash
}

/// CRC-32 as in zip files.
pub(super) fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standards() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert!(hex(&sha256(b"abc")).starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert!(hex(&keccak256(b"")).starts_with("c5d2460186f7233c927e7db2dcc703c0"));
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
