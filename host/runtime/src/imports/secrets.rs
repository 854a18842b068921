//! `secrets`: what can be done with a secret without seeing it.

use crate::bindings::secrets::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tsudoi_kernel::ports::SecretValue;

const INTERFACE: &str = "secrets";

impl Host for CallState {
    async fn hmac_sha256(&mut self, secret: String, data: Vec<u8>) -> wasmtime::Result<Result<Vec<u8>, types::Error>> {
        self.enter(secret.len() + data.len())?;
        answered(self.signed(&secret, &data).await.map(|mac| mac.finalize().into_bytes().to_vec()))
    }

    async fn hmac_sha256_verify(&mut self, secret: String, data: Vec<u8>, tag: Vec<u8>) -> wasmtime::Result<Result<bool, types::Error>> {
        self.enter(secret.len() + data.len() + tag.len())?;
        answered(self.signed(&secret, &data).await.map(|mac| mac.verify_slice(&tag).is_ok()))
    }
}

impl CallState {
    async fn signed(&mut self, name: &str, data: &[u8]) -> Result<Hmac<Sha256>, Refusal> {
        self.may_use(INTERFACE)?;
        let SecretValue(key) = self.secret(name).await?;
        // An HMAC takes a key of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| self.refuse("a key that HMAC does not take"))?;
        mac.update(data);
        Ok(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use crate::testing::outside::Stage;

    /// RFC 4231, test case 2.
    const EXPECTED: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[tokio::test]
    async fn a_secret_signs_and_verifies_and_is_never_shown() {
        let stage = Stage::default().secret("sample", "key", "Jefe");
        let bench = Bench::new().outside(&stage).secret("key", &[]).permit("secrets");
        let mut state = bench.state(Kind::Query);
        let data = b"what do ya want for nothing?".to_vec();
        let tag = state.hmac_sha256("key".into(), data.clone()).await.unwrap().unwrap();
        assert_eq!(hex(&tag), EXPECTED);
        assert!(state.hmac_sha256_verify("key".into(), data.clone(), tag.clone()).await.unwrap().unwrap());
        assert!(!state.hmac_sha256_verify("key".into(), b"other".to_vec(), tag.clone()).await.unwrap().unwrap());
        assert!(!state.hmac_sha256_verify("key".into(), data, tag[..31].to_vec()).await.unwrap().unwrap());
        let facts = format!("{:?}", state.reads);
        assert!(facts.contains("secret:sample:key") && !facts.contains("Jefe"), "{facts}");
    }

    #[tokio::test]
    async fn without_grant_declaration_or_value_nothing_is_signed() {
        let stage = Stage::default().secret("sample", "key", "Jefe");
        let code = |answer: Result<Vec<u8>, types::Error>| answer.unwrap_err().code;
        let bench = Bench::new().outside(&stage).secret("key", &[]).secret("empty", &[]);
        let mut state = bench.state(Kind::Command);
        assert_eq!(code(state.hmac_sha256("key".into(), vec![]).await.unwrap()), "not-granted");
        let mut state = bench.permit("secrets").state(Kind::Command);
        assert_eq!(code(state.hmac_sha256("other".into(), vec![]).await.unwrap()), "undeclared");
        assert_eq!(code(state.hmac_sha256("empty".into(), vec![]).await.unwrap()), "not-set");
    }
}
