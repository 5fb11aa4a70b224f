//! rustls-webpki=0.103.12: subtraction overflow / index: empty BIT STRING in a CRL extension (RUSTSEC-2026-0104).

pub fn target(data: &[u8]) {
    let _ = webpki::OwnedCertRevocationList::from_der(data);
}
