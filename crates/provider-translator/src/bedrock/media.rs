//! Images.

use llm_layers_core::Failure;

use super::blocks::{Media, Source};
use crate::{
    conversation::{self, Image},
    place::Place,
};

/// An image, of the format that it is, whatever the client says of it.
pub(super) fn image<'a>(image: Image<'a>, path: &str) -> Result<Media<'a>, Failure> {
    let data = match image {
        Image::Url(_) => return Err(Place::new(path).unsupported("it fetches no images; send them as data URLs")),
        Image::Data(data) => data,
    };
    let kind = conversation::sniff_image(&data).and_then(|kind| kind.strip_prefix("image/"));
    match kind {
        Some(format) => Ok(Media { format: format.into(), source: Source { bytes: data } }),
        None => {
            let message = format!("`{path}` is invalid: it is no JPEG, PNG, GIF or WebP image.");
            Err(Failure::bad_request(message).with_param(path).with_code("invalid_image_url"))
        }
    }
}
