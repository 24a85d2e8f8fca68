//! RS256 by ring, for `jsonwebtoken`, which has no provider of its own that is as small.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_algorithm, _key| Err(ErrorKind::InvalidAlgorithm.into()),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes ring what `jsonwebtoken` verifies with in this process, unless the process has chosen something else.
pub(super) fn install() {
    let _first = RING.install_default();
}

struct Rs256(DecodingKey);

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    match algorithm {
        Algorithm::RS256 => Ok(Box::new(Rs256(key.clone()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

impl Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let DecodingKeyKind::RsaModulusExponent { n, e } = self.0.kind() else {
            return Err(Error::new());
        };
        let key = RsaPublicKeyComponents {
            n: number(n),
            e: number(e),
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_unspecified| Error::new())
    }
}

/// Without the zeros that some issuers put before it, and that ring refuses.
fn number(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}
