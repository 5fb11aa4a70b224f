//! URLs, as their text. One that is relative is joined to a base, so that nearly every text is a URL.

use std::sync::LazyLock;

use url::Url;

use crate::Input;
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

static BASE: LazyLock<Url> = LazyLock::new(|| Url::parse("http://a/").expect("a URL"));

/// Text that is no URL even then is [rejected](crate::reject()).
impl<'a> Input<'a> for Url {
    fn schema(types: &mut Types) -> NodeId {
        <&str>::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        let text = std::str::from_utf8(reader.bytes()?).map_err(|_| Corrupt)?;
        Ok(BASE.join(text).unwrap_or_else(|_| crate::reject()))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.as_str().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{decode, encode, survives};

    #[test]
    fn relative_ones_are_joined_and_absolute_ones_stay() {
        for text in ["http://b:80/?q#f", "data:x", "mailto:a@b", "file:///c"] {
            survives(&Url::parse(text).unwrap());
        }
        assert_eq!(decode::<Url>(&encode(&"x?y".to_owned())).as_str(), "http://a/x?y");
    }
}
