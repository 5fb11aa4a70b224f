#[derive(shakedown::Input)]
struct Scalars {
    #[input(len = 1..=3)]
    len: u8,
    #[input(chars = "a-z")]
    chars: char,
    #[input(ascii)]
    ascii: bool,
    #[input(items(with = own), keys(with = own))]
    keys: Vec<u8>,
    #[input(items(map = Some))]
    items: Vec<Option<u8>>,
}

mod own {
    use shakedown::input::{Corrupt, NodeId, Reader, Types, Writer};

    pub fn schema(types: &mut Types) -> NodeId {
        <u8 as shakedown::Input>::schema(types)
    }

    pub fn decode(reader: &mut Reader<'_>) -> Result<u8, Corrupt> {
        shakedown::Input::decode(reader)
    }

    pub fn encode(value: &u8, writer: &mut Writer) {
        shakedown::Input::encode(value, writer);
    }
}

#[shakedown::fuzz]
fn arguments(#[input(len = 3)] number: u32, #[input(ascii)] ratio: f64) {
    let _ = (number, ratio);
}

fn main() {}
