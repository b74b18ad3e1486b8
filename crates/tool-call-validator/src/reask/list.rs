use bytes::Bytes;
use llm_layers_wire::json::Object;
use serde::Serialize;

/// The request with these items behind a list of it, whose items keep their bytes. `None` where it is no list.
pub(super) fn append<T: Serialize>(request: &Object, member: &str, new: &[T]) -> Option<Object> {
    let list = request.get(member)?.trim_ascii();
    let items = list.strip_prefix(b"[")?.strip_suffix(b"]")?.trim_ascii();
    let new = serde_json::to_vec(new).ok()?;
    let new = new.strip_prefix(b"[")?;
    let mut joined = Vec::with_capacity(items.len() + new.len() + 2);
    joined.push(b'[');
    joined.extend_from_slice(items);
    if !items.is_empty() {
        joined.push(b',');
    }
    joined.extend_from_slice(new);
    let mut request = request.clone();
    request.set_raw(member, Bytes::from(joined)).ok()?;
    Some(request)
}
