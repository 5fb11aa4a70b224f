//! prost=0.6.0: stack overflow: nested groups / messages (RUSTSEC-2020-0002).

use prost::Message;
pub fn target(data: &[u8]) {
    let _ = prost_types::FileDescriptorProto::decode(data);
}
