//! trust-dns-proto=0.4.2: stack overflow: compression pointer loop (RUSTSEC-2018-0007).

use trust_dns_proto::op::Message;
use trust_dns_proto::serialize::binary::{BinDecodable, BinDecoder};
pub fn target(data: &[u8]) {
    let mut d = BinDecoder::new(data);
    let _ = Message::read(&mut d);
}
