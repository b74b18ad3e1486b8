use std::sync::{Arc, Mutex, PoisonError};

use http::Uri;
use hyper::rt::{Read, Write};

use super::host::Host;

/// The hosts that have been called. They are those of one provider, and so there are few.
pub(super) struct Pool<T: Read + Write + 'static> {
    hosts: Mutex<Vec<Arc<Host<T>>>>,
}

impl<T: Read + Write + Unpin + Send + 'static> Pool<T> {
    /// The host that a URI names, if it names one.
    pub(super) fn host(&self, uri: &Uri) -> Option<Arc<Host<T>>> {
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.iter().find(|host| host.is(scheme, authority)) {
            return Some(Arc::clone(host));
        }
        let host = Arc::new(Host::new(scheme, authority)?);
        hosts.push(Arc::clone(&host));
        Some(host)
    }
}

impl<T: Read + Write + 'static> Default for Pool<T> {
    fn default() -> Self {
        Self { hosts: Mutex::default() }
    }
}
