//! Where Google serves models, and what things are called there.
//!
//! Source: `google.genai._api_client` of google-genai 3.4.0, and Google Cloud's list of locations (November 2026).

use crate::segment::of_google;

/// One of the two ways to Google's models.
#[derive(Clone, Debug)]
pub(crate) enum Surface {
    /// The Gemini API, by a key.
    Developer { version: Box<str> },
    /// Google Cloud's, by a project and OAuth.
    Vertex { version: Box<str>, project: Box<str>, location: Box<str> },
}

impl Surface {
    pub(crate) fn developer() -> Self {
        // A superset of what `v1` knows.
        Self::Developer { version: "v1beta".into() }
    }

    /// Nothing if the names are none that a URL may hold.
    pub(crate) fn vertex(project: &str, location: &str) -> Option<Self> {
        // Projects of an organisation are named `example.com:project`.
        let legal = |text: &str, marks: &[u8]| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
        };
        (legal(project, b"-.:_") && legal(location, b"-")).then(|| Self::Vertex {
            version: "v1".into(),
            project: project.into(),
            location: location.into(),
        })
    }

    /// The same in another version of the API.
    pub(crate) fn in_version(self, version: &str) -> Option<Self> {
        let version: Box<str> = version.into();
        if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        Some(match self {
            Self::Developer { .. } => Self::Developer { version },
            Self::Vertex { project, location, .. } => Self::Vertex { version, project, location },
        })
    }

    pub(super) const fn is_vertex(&self) -> bool {
        matches!(self, Self::Vertex { .. })
    }

    /// The path of a model, up to the colon before a method.
    pub(super) fn model(&self, model: &str) -> String {
        match self {
            Self::Developer { version } => {
                let (kind, name) = match model.split_once('/') {
                    Some((kind @ ("models" | "tunedModels"), name)) => (kind, name),
                    _ => ("models", model),
                };
                format!("/{version}/{kind}/{}", of_google(name))
            }
            Self::Vertex { version, .. } => match model.split('/').collect::<Vec<_>>()[..] {
                ["projects", project, "locations", location, kind @ ("endpoints" | "models"), id] => {
                    let (project, location, id) = (of_google(project), of_google(location), of_google(id));
                    format!("/{version}/projects/{project}/locations/{location}/{kind}/{id}")
                }
                ["endpoints", id] => self.below(&format!("endpoints/{}", of_google(id))),
                ["publishers", publisher, "models", name] => self.published(publisher, name),
                [publisher, name] if publisher != "models" => self.published(publisher, name),
                ["models", name] => self.published("google", name),
                _ => self.published("google", model),
            },
        }
    }

    /// The path of a model, if it is Claude.
    pub(super) fn claude(&self, model: &str) -> Option<String> {
        let name = model.rsplit('/').next().unwrap_or(model);
        let before = model.strip_suffix(name).unwrap_or_default();
        let is_publishers = matches!(before, "" | "anthropic/" | "publishers/anthropic/models/");
        (self.is_vertex() && is_publishers && name.starts_with("claude")).then(|| self.published("anthropic", name))
    }

    /// Where Claude's tokens are counted, of whatever model.
    pub(super) fn count_tokens(&self) -> String {
        format!("{}:rawPredict", self.published("anthropic", "count-tokens"))
    }

    /// The path of the list of models.
    pub(super) fn models(&self) -> String {
        match self {
            Self::Developer { version } => format!("/{version}/models?pageSize=1000"),
            // No other version has it.
            Self::Vertex { .. } => "/v1beta1/publishers/google/models?pageSize=1000".into(),
        }
    }

    fn published(&self, publisher: &str, name: &str) -> String {
        self.below(&format!("publishers/{}/models/{}", of_google(publisher), of_google(name)))
    }

    fn below(&self, what: &str) -> String {
        match self {
            Self::Developer { version } => format!("/{version}/{what}"),
            Self::Vertex { version, project, location } => {
                format!("/{version}/projects/{project}/locations/{location}/{what}")
            }
        }
    }
}

/// The base URL of a location of Vertex AI's.
pub(crate) fn base_url(location: &str) -> String {
    match location {
        "global" => "https://aiplatform.googleapis.com".into(),
        "us" | "eu" => format!("https://aiplatform.{location}.rep.googleapis.com"),
        _ => format!("https://{location}-aiplatform.googleapis.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vertex() -> Surface {
        Surface::vertex("my-project", "europe-west4").expect("legal")
    }

    #[test]
    fn models_are_found_by_all_their_names() {
        let developer = Surface::developer();
        for (model, path) in [
            ("gemini-x", "/v1beta/models/gemini-x"),
            ("models/gemini-x", "/v1beta/models/gemini-x"),
            ("tunedModels/a", "/v1beta/tunedModels/a"),
            ("a/../b:c?d#e", "/v1beta/models/a%2F..%2Fb%3Ac%3Fd%23e"),
            ("tunedModels/..", "/v1beta/tunedModels/%2E%2E"),
        ] {
            assert_eq!(developer.model(model), path);
        }
        let google = "/v1/projects/my-project/locations/europe-west4/publishers/google/models";
        for (model, path) in [
            ("gemini-x", format!("{google}/gemini-x")),
            ("google/gemini-x", format!("{google}/gemini-x")),
            ("models/gemini-x", format!("{google}/gemini-x")),
            ("publishers/meta/models/a@001", google.replace("google/models", "meta/models/a@001")),
            ("endpoints/12", google.replace("publishers/google/models", "endpoints/12")),
            ("projects/p/locations/l/endpoints/1", "/v1/projects/p/locations/l/endpoints/1".into()),
            ("a/b/c", format!("{google}/a%2Fb%2Fc")),
            ("projects/../locations/./models/..", "/v1/projects/%2E%2E/locations/%2E/models/%2E%2E".into()),
        ] {
            assert_eq!(vertex().model(model), path);
        }
        assert_eq!(vertex().in_version("v1beta1").expect("legal").model("g").split('/').nth(1), Some("v1beta1"));
    }

    #[test]
    fn claude_is_anthropics() {
        let claude = "/v1/projects/my-project/locations/europe-west4/publishers/anthropic/models/claude-x@20250929";
        for model in
            ["claude-x@20250929", "anthropic/claude-x@20250929", "publishers/anthropic/models/claude-x@20250929"]
        {
            assert_eq!(vertex().claude(model).as_deref(), Some(claude));
        }
        assert_eq!(vertex().claude("gemini-x"), None);
        assert_eq!(vertex().claude("endpoints/claude-x"), None);
        assert_eq!(Surface::developer().claude("claude-x"), None);
    }

    #[test]
    fn names_that_would_change_the_url_are_refused() {
        for (project, location) in
            [("", "us"), ("a/b", "us"), ("a", ""), ("a", "evil.example/"), ("a", "us#"), ("a b", "us")]
        {
            assert!(Surface::vertex(project, location).is_none(), "{project} {location}");
        }
        for version in ["", "v1/..", "v1?"] {
            assert!(vertex().in_version(version).is_none(), "{version}");
        }
        assert!(Surface::vertex("example.com:project", "us-central1").is_some());
    }

    #[test]
    fn each_location_has_its_host() {
        assert_eq!(base_url("global"), "https://aiplatform.googleapis.com");
        assert_eq!(base_url("eu"), "https://aiplatform.eu.rep.googleapis.com");
        assert_eq!(base_url("europe-west4"), "https://europe-west4-aiplatform.googleapis.com");
    }
}
