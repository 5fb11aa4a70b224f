//! A parser of certificates: X.509, of nested DER.

use x509_parser::prelude::{CertificateRevocationList, FromDer, X509Certificate};

pub fn target(data: &[u8]) {
    if let Ok((_, certificate)) = X509Certificate::from_der(data) {
        let _ = (certificate.subject().to_string(), certificate.validity().is_valid());
        let _ = (certificate.public_key().parsed(), certificate.subject_alternative_name());
    }
    let _ = CertificateRevocationList::from_der(data);
}
