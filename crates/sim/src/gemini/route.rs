//! Paths: `/v1beta/models/MODEL:VERB`, and Vertex AI's `/v1/projects/P/locations/L/publishers/google/models/MODEL:VERB`.

use super::{Model, Surface};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route<'a> {
    pub(super) surface: Surface,
    pub(super) model: Model<'a>,
    pub(super) verb: &'a str,
}

const VERSIONS: [&str; 4] = ["v1", "v1beta", "v1alpha", "v1beta1"];

/// The path behind the version.
pub(super) fn versioned(path: &str) -> Option<&str> {
    let (version, rest) = path.strip_prefix('/')?.split_once('/')?;
    VERSIONS.contains(&version).then_some(rest)
}

/// The folder that models are in, as the surface has it.
pub(super) fn is_folder(surface: Surface, folder: &str) -> bool {
    match surface {
        Surface::Developer => ["models", "tunedModels"].contains(&folder),
        Surface::Vertex if folder == "publishers/google/models" => true,
        Surface::Vertex => {
            let parts: Vec<&str> = folder.split('/').collect();
            matches!(
                parts.as_slice(),
                ["projects", _, "locations", _, "publishers", "google", "models"]
                    | ["projects", _, "locations", _, "endpoints"]
            )
        }
    }
}

impl<'a> Route<'a> {
    pub(super) fn read(surface: Surface, path: &'a str) -> Option<Self> {
        let (folder, last) = versioned(path)?.rsplit_once('/')?;
        let (model, verb) = last.rsplit_once(':')?;
        let fits = is_folder(surface, folder) && !model.is_empty();
        fits.then_some(Self { surface, model: Model { name: model }, verb })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_surface_has_its_paths() {
        let read = |surface, path| Route::read(surface, path).map(|route| (route.model.name, route.verb));
        let developer = "/v1beta/models/gemini-x:generateContent";
        let vertex = "/v1/projects/p/locations/global/publishers/google/models/gemini-x:streamGenerateContent";
        assert_eq!(read(Surface::Developer, developer), Some(("gemini-x", "generateContent")));
        assert_eq!(read(Surface::Vertex, developer), None);
        assert_eq!(read(Surface::Vertex, vertex), Some(("gemini-x", "streamGenerateContent")));
        assert_eq!(read(Surface::Developer, vertex), None);
        let endpoint = "/v1beta1/projects/p/locations/l/endpoints/7:generateContent";
        assert_eq!(read(Surface::Vertex, endpoint), Some(("7", "generateContent")));
        for path in ["/models/x:generateContent", "/v2/models/x:y", "/v1beta/models/x", "/v1beta/models/:y", "/", ""] {
            assert_eq!(read(Surface::Developer, path), None, "{path}");
        }
    }
}
