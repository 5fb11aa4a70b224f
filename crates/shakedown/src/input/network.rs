//! IP addresses and sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::shapes::{choice, foreign_struct, wrapping};
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

/// Addresses are arrays of numbers, as people write them: bytes, or groups of sixteen bits.
macro_rules! addresses {
    ($($address:ident: [$part:ident; $count:literal] by $parts:ident;)*) => {$(
        impl<'a> Input<'a> for $address {
            fn schema(types: &mut Types) -> NodeId {
                let element = $part::schema(types);
                types.add(shakedown_core::schema::Node::Array { element, len: $count })
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                let mut parts = [0; $count];
                for part in &mut parts {
                    *part = $part::decode(reader)?;
                }
                Ok(Self::from(parts))
            }

            fn encode(&self, writer: &mut Writer) {
                self.$parts().iter().for_each(|part| part.encode(writer));
            }
        }
    )*};
}

addresses! {
    Ipv4Addr: [u8; 4] by octets;
    Ipv6Addr: [u16; 8] by segments;
}

foreign_struct! {
    [] SocketAddrV4, "SocketAddrV4" { ip: Ipv4Addr, port: u16 },
    |socket| (socket.ip(), socket.port()), Self::new(ip, port)
}

foreign_struct! {
    [] SocketAddrV6, "SocketAddrV6" { ip: Ipv6Addr, port: u16, flowinfo: u32, scope_id: u32 },
    |socket| (socket.ip(), socket.port(), socket.flowinfo(), socket.scope_id()),
    Self::new(ip, port, flowinfo, scope_id)
}

/// Enums of a variant for each version of the protocol.
macro_rules! versions {
    ($($name:ident: $v4:ident, $v6:ident;)*) => {$(
        impl<'a> Input<'a> for $name {
            fn schema(types: &mut Types) -> NodeId {
                let variants = vec![
                    wrapping("V4", $v4::schema(types)),
                    wrapping("V6", $v6::schema(types)),
                ];
                types.add(choice(stringify!($name), variants))
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                match reader.tag(2)? {
                    0 => $v4::decode(reader).map(Self::V4),
                    _ => $v6::decode(reader).map(Self::V6),
                }
            }

            fn encode(&self, writer: &mut Writer) {
                writer.tag(usize::from(self.is_ipv6()), 2);
                match self {
                    Self::V4(address) => address.encode(writer),
                    Self::V6(address) => address.encode(writer),
                }
            }
        }
    )*};
}

versions! {
    IpAddr: Ipv4Addr, Ipv6Addr;
    SocketAddr: SocketAddrV4, SocketAddrV6;
}
