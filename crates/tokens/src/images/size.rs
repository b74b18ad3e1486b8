use super::Base64;

/// Pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Size {
    /// The size that the head of a PNG, JPEG, GIF or WebP file tells.
    pub(crate) fn read(file: Base64<'_>) -> Option<Self> {
        let size = match file.bytes::<4>(0)? {
            [0x89, b'P', b'N', b'G'] => Self { width: file.big(16)?, height: file.big(20)? },
            [b'G', b'I', b'F', b'8'] => Self { width: file.little16(6)?, height: file.little16(8)? },
            [b'R', b'I', b'F', b'F'] => Self::webp(file)?,
            [0xff, 0xd8, ..] => Self::jpeg(file)?,
            _ => return None,
        };
        (size.width > 0 && size.height > 0).then_some(size)
    }

    fn webp(file: Base64<'_>) -> Option<Self> {
        match &file.bytes::<4>(12)? {
            b"VP8 " => Some(Self { width: file.little16(26)? & 0x3fff, height: file.little16(28)? & 0x3fff }),
            b"VP8L" => {
                let bits = u32::from_le_bytes(file.bytes(21)?);
                Some(Self { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 })
            }
            b"VP8X" => {
                let [a, b, c, d, e, f] = file.bytes(24)?;
                Some(Self { width: u32::from_le_bytes([a, b, c, 0]) + 1, height: u32::from_le_bytes([d, e, f, 0]) + 1 })
            }
            _ => None,
        }
    }

    /// From segment to segment, up to the frame's head.
    fn jpeg(file: Base64<'_>) -> Option<Self> {
        const SEGMENTS: usize = 256;
        let mut at = 2;
        for _ in 0..SEGMENTS {
            let [mark, kind] = file.bytes(at)?;
            if mark != 0xff {
                return None;
            }
            match kind {
                // Padding, and marks without a segment.
                0xff => at += 1,
                0x01 | 0xd0..=0xd8 => at += 2,
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                    let [a, b, c, d] = file.bytes(at + 5)?;
                    let (height, width) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                    return Some(Self { width: width.into(), height: height.into() });
                }
                _ => at += 2 + usize::from(u16::from_be_bytes(file.bytes(at + 2)?)),
            }
        }
        None
    }

    pub(crate) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Scaled down until it fits.
    pub(crate) fn within(self, width: u32, height: u32) -> Self {
        let ratio = (f64::from(width) / f64::from(self.width)).min(f64::from(height) / f64::from(self.height));
        self.scaled(ratio)
    }

    /// Scaled down until the shorter side is no longer.
    pub(crate) fn shorter_side(self, pixels: u32) -> Self {
        self.scaled(f64::from(pixels) / f64::from(self.width.min(self.height)))
    }

    fn scaled(self, ratio: f64) -> Self {
        if ratio.is_nan() || ratio >= 1.0 {
            return self;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than what was a u32 before")]
        let side = |pixels: u32| ((f64::from(pixels) * ratio).round() as u32).max(1);
        Self { width: side(self.width), height: side(self.height) }
    }

    /// How many squares of so many pixels cover it.
    pub(crate) fn tiles(self, pixels: u32) -> u64 {
        u64::from(self.width.div_ceil(pixels)) * u64::from(self.height.div_ceil(pixels))
    }

    /// The same, scaled down until no more than `most` are needed and both sides fit, the tighter one exactly.
    pub(crate) fn patches(self, pixels: u32, most: u64) -> u64 {
        self.fitted(pixels, most, f64::min)
    }

    /// The same, as large as can be: the other side fits exactly.
    pub(crate) fn largest(self, pixels: u32, most: u64) -> u64 {
        self.fitted(pixels, most, f64::max)
    }

    fn fitted(self, pixels: u32, most: u64, choose: fn(f64, f64) -> f64) -> u64 {
        let patches = self.tiles(pixels);
        if patches <= most {
            return patches;
        }
        let [width, height] = [self.width, self.height].map(|side| f64::from(side) / f64::from(pixels));
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let ratio = (most as f64 / (width * height)).sqrt();
        let whole = |side: f64| (side * ratio).floor().max(1.0) / (side * ratio);
        let ratio = ratio * choose(whole(width), whole(height));
        // A hair less, lest a whole number be rounded up.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no more than what they were before"
        )]
        let [width, height] = [width, height].map(|side| (side * ratio - 1e-6).ceil().max(1.0) as u64);
        (width * height).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::base64::encode;

    fn size(file: &[u8]) -> Option<(u32, u32)> {
        Size::read(Base64::new(&encode(file))).map(|size| (size.width, size.height))
    }

    #[test]
    fn sizes_are_read_from_the_head_of_a_file() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0";
        assert_eq!(size(png), Some((640, 480)));
        assert_eq!(size(b"GIF89a\x40\x01\xf0\0\xf7\0\0"), Some((320, 240)));
        assert_eq!(size(b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\x30\x01\0\x9d\x01\x2a\x26\x02\x70\x01"), Some((550, 368)));
        assert_eq!(size(b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x8f\xc1\x15\x10"), Some((400, 88)));
        assert_eq!(size(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x8f\x01\0\x2b\x01\0"), Some((400, 300)));
        let mut jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xe1\xff\xfe".to_vec();
        jpeg.resize(jpeg.len() + 0xfffc, 0);
        jpeg.extend(b"\xff\xff\xc2\0\x11\x08\x04\x38\x07\x80\x03");
        assert_eq!(size(&jpeg), Some((1920, 1080)), "behind a segment of 64 KiB");
    }

    #[test]
    fn what_is_no_picture_has_no_size() {
        for file in
            [&b""[..], b"\x89PN", b"\x89PNG", b"GIF89a\0\0\0\0", b"RIFF", b"\xff\xd8", b"\xff\xd8\xff\xff", b"%PDF-1.7"]
        {
            assert_eq!(size(file), None, "{file:?}");
        }
        assert_eq!(size(&[0xff; 1000]), None);
        assert_eq!(Size::read(Base64::new(b"!!!!!!!!!!!!")), None);
    }
}
