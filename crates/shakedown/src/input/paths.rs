//! Paths, and the other strings of the system. They may hold any bytes, and so may their files.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::text::made_from;
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

impl<'a> Input<'a> for &'a OsStr {
    fn schema(types: &mut Types) -> NodeId {
        <&[u8]>::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        reader.lent().map(OsStr::from_bytes)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.as_bytes());
    }
}

impl<'a> Input<'a> for &'a Path {
    fn schema(types: &mut Types) -> NodeId {
        <&OsStr>::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        <&OsStr>::decode(reader).map(Path::new)
    }

    fn encode(&self, writer: &mut Writer) {
        self.as_os_str().encode(writer);
    }
}

fn path<'a>(reader: &mut Reader<'a>) -> Result<&'a Path, Corrupt> {
    reader.bytes().map(|bytes| Path::new(OsStr::from_bytes(bytes)))
}

made_from! {
    OsString: &'a OsStr, |reader| reader.bytes().map(OsStr::from_bytes);
    Box<OsStr>: &'a OsStr, |reader| reader.bytes().map(OsStr::from_bytes);
    PathBuf: &'a Path, |reader| path(reader);
    Box<Path>: &'a Path, |reader| path(reader);
    Rc<Path>: &'a Path, |reader| path(reader);
    Arc<Path>: &'a Path, |reader| path(reader);
    Cow<'a, Path>: &'a Path, |reader| <&Path>::decode(reader);
    Cow<'a, OsStr>: &'a OsStr, |reader| <&OsStr>::decode(reader);
}
