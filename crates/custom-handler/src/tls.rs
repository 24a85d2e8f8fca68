//! The cryptography of TLS.

use rustls::crypto::{CryptoProvider, ring};

/// Makes ring what all TLS of this process uses, unless the process has chosen something else. Before, no client of
/// `reqwest` can be built, and the Cosmos DB SDK has some.
pub fn install() {
    if CryptoProvider::get_default().is_none() {
        let _first = ring::default_provider().install_default();
    }
}
