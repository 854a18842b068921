//! Signatures as RFC 6376 wants them, with the examples of its own text.

use super::*;
use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

#[test]
fn white_space_counts_as_the_standard_says() {
    // RFC 6376, section 3.4.5.
    assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
    assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
    assert_eq!(relaxed_body(b"a"), b"a\r\n");
    let headers = unfolded("A: X\r\nB : Y\t\r\n\tZ  \r\n");
    assert_eq!(headers, [("a".to_owned(), "X".to_owned()), ("b".to_owned(), "Y Z".to_owned())]);
}

fn signer(pem: &str) -> Signer {
    Signer { domain: "club.example".into(), selector: "tsudoi".into(), key: parse(pem.as_bytes()).unwrap() }
}

const ED25519_KEY: &str = include_str!("test-keys/ed25519.pem");
const RSA_KEY: &str = include_str!("test-keys/rsa.pem");

const MESSAGE: &[u8] = b"From: Club <noreply@club.example>\r\nTo: hanako@example.jp\r\nSubject: =?utf-8?b?5pif?=\r\n =?utf-8?b?56m6?=\r\n\
    List-Unsubscribe: <https://club.example/mail/stop>\r\n\r\nGood  evening. \r\n\r\n";

/// What a verifier hashes, made by hand.
fn hashed(header: &str) -> String {
    let unsigned = header.trim_end().rsplit_once("b=").unwrap().0.trim_start_matches("DKIM-Signature:");
    format!(
        "from:Club <noreply@club.example>\r\nto:hanako@example.jp\r\nsubject:=?utf-8?b?5pif?= =?utf-8?b?56m6?=\r\n\
         list-unsubscribe:<https://club.example/mail/stop>\r\ndkim-signature:{}b=",
        unsigned.split_whitespace().map(|word| format!("{word} ")).collect::<String>()
    )
}

fn signature(header: &str) -> Vec<u8> {
    let (_, signature) = header.trim_end().rsplit_once("b=").unwrap();
    STANDARD.decode(signature.split_whitespace().collect::<String>()).unwrap()
}

#[test]
fn a_mail_is_signed_with_either_kind_of_key_and_the_record_opens_it() {
    let at = Timestamp::from_millis(1_800_000_000_000);
    let header = signer(RSA_KEY).sign(MESSAGE, at).unwrap();
    assert!(header.contains("h=from:from:to:subject:subject:list-unsubscribe;"), "{header}");
    assert!(header.contains("a=rsa-sha256; c=relaxed/relaxed; d=club.example; s=tsudoi;\r\n\tt=1800000000;"), "{header}");
    let (name, record) = signer(RSA_KEY).record();
    assert_eq!(name, "tsudoi._domainkey.club.example");
    let info = STANDARD.decode(record.strip_prefix("v=DKIM1; k=rsa; p=").unwrap()).unwrap();
    // Behind the 24 bytes that say what kind of key it is.
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &info[24..]);
    key.verify(hashed(&header).as_bytes(), &signature(&header)).unwrap();

    let header = signer(ED25519_KEY).sign(MESSAGE, at).unwrap();
    let (_, record) = signer(ED25519_KEY).record();
    let key = STANDARD.decode(record.strip_prefix("v=DKIM1; k=ed25519; p=").unwrap()).unwrap();
    UnparsedPublicKey::new(&ED25519, key).verify(&Sha256::digest(hashed(&header)), &signature(&header)).unwrap();
}

#[test]
fn what_is_no_key_is_refused() {
    assert!(parse(b"x").is_err());
    assert!(parse(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").is_err());
}
