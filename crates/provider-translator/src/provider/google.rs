//! Google: the Gemini API and Vertex AI, and who calls them.

use super::{Dialect, Provider, ProviderError};
use crate::gemini::{self, Gemini, Surface};

#[cfg(feature = "vertex")]
mod tokens;
#[cfg(feature = "vertex")]
pub use tokens::GoogleTokens;

impl Provider {
    /// Google's Gemini API, by the base URL that Google's SDK would be given: without a version. Its key goes in
    /// `x-goog-api-key`, never in the URL.
    ///
    /// # Errors
    /// The URL is not one that can be called.
    pub fn gemini(base_url: &str) -> Result<Self, ProviderError> {
        Self::other(Dialect::Gemini, "gemini", base_url, Gemini::new(Surface::developer()))
    }

    /// Google Cloud's Vertex AI, in a project and a location: `global`, `us`, `eu`, or a region such as
    /// `europe-west4`. It serves Gemini, and Claude under ids that begin with `claude`. Calls are authenticated
    /// [by tokens](Self::with_tokens), or by a key in its express mode.
    ///
    /// # Errors
    /// The project or the location is none.
    pub fn vertex(project: &str, location: &str) -> Result<Self, ProviderError> {
        Self::vertex_at(&gemini::base_url(location), project, location)
    }

    /// Vertex AI behind another base URL: a private endpoint, or a gateway.
    ///
    /// # Errors
    /// The URL is not one that can be called, or the project or the location is none.
    pub fn vertex_at(base_url: &str, project: &str, location: &str) -> Result<Self, ProviderError> {
        let surface = Surface::vertex(project, location).ok_or(ProviderError::Name("project or location"))?;
        Self::other(Dialect::Vertex, "vertex", base_url, Gemini::new(surface))
    }
}
