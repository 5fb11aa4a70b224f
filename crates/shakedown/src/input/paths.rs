//! Paths, and the other strings of the system. They may hold any bytes, and so may their files; those
//! of C end at the first zero, so they hold none.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use shakedown_core::schema::Alphabet;

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

impl<'a> Input<'a> for CString {
    fn schema(types: &mut Types) -> NodeId {
        let bytes = <&[u8]>::schema(types);
        types.limit_chars("CString", bytes, &Alphabet::new([1..=255]))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        Self::new(reader.bytes()?).map_err(|_| Corrupt)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.as_bytes());
    }
}

impl<'a> Input<'a> for Box<CStr> {
    fn schema(types: &mut Types) -> NodeId {
        CString::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        CString::decode(reader).map(Self::from)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.to_bytes());
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
