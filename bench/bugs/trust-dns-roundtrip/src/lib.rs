//! trust-dns-proto=0.20.3: wrong result: ZERO records (and others) do not round-trip (hickory-dns#1571).

use trust_dns_proto::op::Message;
use trust_dns_proto::serialize::binary::{BinDecodable, BinEncodable};
pub fn target(data: &[u8]) {
    // the upstream fuzz target
    if let Ok(m) = Message::from_bytes(data) {
        let Ok(e) = m.to_bytes() else { return };
        match Message::from_bytes(&e) {
            Ok(m2) => assert_eq!(m, m2, "message does not round-trip"),
            Err(e) => panic!("own encoding not readable: {e}"),
        }
    }
}
