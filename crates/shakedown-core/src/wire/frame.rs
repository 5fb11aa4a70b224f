//! Frames: a `u32` length and a body. Reading trusts nothing: any bytes give a message or an
//! error, and memory is only taken for what is really there.

/// Most bytes of a frame's body; more is a corrupt stream. Inputs travel through the shared memory,
/// so the longest messages are greetings with large seeds, and failures with long texts.
pub const MAX_FRAME: usize = 64 << 20;

/// Bytes that are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("malformed message")
    }
}

impl std::error::Error for Malformed {}

/// A message that can be sent: a [`Call`](super::Call) or an [`Answer`](super::Answer).
pub trait Message: Wire {
    /// The whole frame: length and body.
    fn to_frame(&self) -> Vec<u8> {
        let mut frame = vec![0; 4];
        self.put(&mut frame);
        let len = u32::try_from(frame.len() - 4).expect("a message below 4 GiB");
        frame[..4].copy_from_slice(&len.to_le_bytes());
        frame
    }

    /// The message in the body of a frame.
    ///
    /// # Errors
    /// If the body is not exactly one message.
    fn from_body(body: &[u8]) -> Result<Self, Malformed> {
        let mut input = Cursor::new(body);
        let message = Self::get(&mut input)?;
        if input.0.is_empty() { Ok(message) } else { Err(Malformed) }
    }
}

/// Length of the body that follows this start of a frame, in bytes.
///
/// # Errors
/// If it is longer than any message.
pub fn body_len(start: [u8; 4]) -> Result<usize, Malformed> {
    let len = u32::from_le_bytes(start) as usize;
    if len <= MAX_FRAME { Ok(len) } else { Err(Malformed) }
}

/// What is left to read of a body.
#[derive(Debug)]
pub struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    /// Over a whole body.
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self(body)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn tag(&mut self) -> Result<u8, Malformed> {
        u8::get(self)
    }
}

/// A value that travels between the processes.
pub trait Wire: Sized {
    /// Appends its bytes.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes it from the front of `input`.
    ///
    /// # Errors
    /// If it is not there.
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed>;
}

macro_rules! wire_integers {
    ($($type:ty)*) => {$(
        impl Wire for $type {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
                let bytes = input.take(size_of::<Self>())?;
                Ok(Self::from_le_bytes(bytes.try_into().map_err(|_| Malformed)?))
            }
        }
    )*};
}

wire_integers!(u8 u32 u64 u128);

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        match input.tag()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u32).put(out);
        out.extend_from_slice(self.as_bytes());
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let len = u32::get(input)? as usize;
        Self::from_utf8(input.take(len)?.to_vec()).map_err(|_| Malformed)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u32).put(out);
        self.iter().for_each(|item| item.put(out));
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        // Every element has at least one byte, so a count beyond the rest is a lie.
        let count = u32::get(input)? as usize;
        if count > input.0.len() {
            return Err(Malformed);
        }
        (0..count).map(|_| T::get(input)).collect()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        self.iter().for_each(|value| value.put(out));
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        bool::get(input)?.then(|| T::get(input)).transpose()
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok((A::get(input)?, B::get(input)?))
    }
}

pub(super) fn tagged(out: &mut Vec<u8>, tag: u8, value: &impl Wire) {
    out.push(tag);
    value.put(out);
}
