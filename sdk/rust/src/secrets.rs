//! Uses of a secret that do not reveal it: the host signs and checks. Needs the permission `secrets`.

use crate::bindings::imports::tsudoi::plugin::secrets;
use crate::failure::Error;

/// HMAC-SHA256 over `data` with a secret of the manifest.
///
/// ```no_run
/// # fn main() -> Result<(), tsudoi_plugin::Error> {
/// let tag = tsudoi_plugin::secrets::hmac_sha256("download-key", b"file 7 until noon")?;
/// assert!(tsudoi_plugin::secrets::verify_hmac_sha256("download-key", b"file 7 until noon", &tag)?);
/// # Ok(())
/// # }
/// ```
pub fn hmac_sha256(secret: &str, data: &[u8]) -> Result<Vec<u8>, Error> {
    secrets::hmac_sha256(secret, data)
}

/// In constant time.
pub fn verify_hmac_sha256(secret: &str, data: &[u8], tag: &[u8]) -> Result<bool, Error> {
    secrets::hmac_sha256_verify(secret, data, tag)
}
