//! The end of what a worker writes to its standard error, kept for the report of its death.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Most bytes kept.
const ROOM: usize = 64 << 10;

/// How long to wait for the rest of the output of a dead worker. A program that it started may
/// hold the stream open for ever.
const PATIENCE: Duration = Duration::from_millis(200);

/// Reads a stream to its end in a thread of its own and keeps the last of it.
#[derive(Debug)]
pub(super) struct Tail {
    kept: Arc<Mutex<VecDeque<u8>>>,
    reader: JoinHandle<()>,
}

impl Tail {
    /// Follows a stream; `show` also passes it on to our own standard error as it comes.
    pub(super) fn follow(mut stream: impl Read + Send + 'static, show: bool) -> Self {
        let kept = Arc::new(Mutex::new(VecDeque::new()));
        let shared = kept.clone();
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            // The end of the stream and an error are the same here: there is no more to keep.
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                if show {
                    // Nobody may be there to read it; it is kept all the same.
                    let _ = std::io::stderr().write_all(&buffer[..count]);
                }
                let mut kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&buffer[..count]);
                let excess = kept.len().saturating_sub(ROOM);
                kept.drain(..excess);
            }
        });
        Self { kept, reader }
    }

    /// What was kept, once the stream has ended or patience has.
    pub(super) fn text(&self) -> String {
        let started = Instant::now();
        while !self.reader.is_finished() && started.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(kept.make_contiguous()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let long: Vec<u8> = (0..200_000u32).map(|i| b'a' + (i % 26) as u8).collect();
        let expected = String::from_utf8(long[long.len() - ROOM..].to_vec()).unwrap();
        assert_eq!(Tail::follow(std::io::Cursor::new(long), false).text(), expected);
    }
}
