//! simple_asn1=0.6.0: UTF-8 boundary slice in UTCTime (RUSTSEC-2021-0125).

pub fn target(data: &[u8]) {
    let _ = simple_asn1::from_der(data);
}
