//! The end of what a worker writes to its standard error, kept for the report of its death.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, ioctl_fionbio, ioctl_fionread};

/// Most bytes kept.
const MAX_KEPT: usize = 64 << 10;

/// Reads a stream in a thread of its own and keeps the last of it, until the stream ends or the
/// worker is dead: a program that the worker started may hold the stream open for ever.
#[derive(Debug)]
pub(super) struct Tail {
    reader: JoinHandle<Kept>,
    /// Closed to let the reader know that the worker is dead.
    stop: PipeWriter,
}

/// The last bytes of the stream.
#[derive(Debug)]
struct Kept {
    bytes: VecDeque<u8>,
    /// Pass them on to our own standard error as they come.
    show: bool,
}

impl Tail {
    /// Follows a stream, which is a pipe; `show` also passes it on to our own standard error as it
    /// comes.
    ///
    /// # Errors
    /// If the system has no more files.
    pub(super) fn follow(
        stream: impl Read + AsFd + Send + 'static,
        show: bool,
    ) -> io::Result<Self> {
        // Others may read what lies in the pipe, too.
        ioctl_fionbio(&stream, true)?;
        let (stopped, stop) = io::pipe()?;
        let reader = std::thread::spawn(move || Kept::of(stream, &stopped, show));
        Ok(Self { reader, stop })
    }

    /// What was kept of a worker that is dead.
    pub(super) fn text(self) -> String {
        drop(self.stop);
        // A panic in the reader was printed when it happened.
        let kept = self.reader.join().map_or_else(|_| VecDeque::new(), |kept| kept.bytes);
        String::from_utf8_lossy(&Vec::from(kept)).into_owned()
    }
}

impl Kept {
    /// Reads `stream` to its end, or until `stopped` is at its end; then only what lies in the pipe.
    /// That is all that the worker has written, for it is dead.
    fn of(mut stream: impl Read + AsFd, stopped: &PipeReader, show: bool) -> Self {
        let mut kept = Self { bytes: VecDeque::new(), show };
        let mut buffer = [0; 8192];
        while !is_stopped(&stream, stopped) {
            // The end of the stream and an error are the same here: there is no more to keep.
            match stream.read(&mut buffer) {
                Ok(count @ 1..) => kept.take(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                _ => return kept,
            }
        }
        let left = ioctl_fionread(&stream).unwrap_or(0);
        let mut rest = Vec::new();
        // Where that fails, it is still the tail of what came before.
        let _ = stream.take(left).read_to_end(&mut rest);
        kept.take(&rest);
        kept
    }

    fn take(&mut self, bytes: &[u8]) {
        if self.show {
            // It is kept even if that fails.
            let _ = io::stderr().write_all(bytes);
        }
        self.bytes.extend(bytes);
        let excess = self.bytes.len().saturating_sub(MAX_KEPT);
        self.bytes.drain(..excess);
    }
}

/// Waits for something to read; whether to stop instead.
fn is_stopped(stream: &impl AsFd, stopped: &PipeReader) -> bool {
    let mut fds = [PollFd::new(stream, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
    loop {
        match poll(&mut fds, None) {
            Ok(_) => return !fds[1].revents().is_empty(),
            Err(Errno::INTR) => {}
            Err(_) => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow() -> (Tail, PipeWriter) {
        let (stream, writer) = io::pipe().unwrap();
        (Tail::follow(stream, false).unwrap(), writer)
    }

    #[test]
    fn only_the_end_is_kept() {
        let (tail, mut writer) = follow();
        let long: Vec<u8> = (0..200_000u32).map(|i| b'a' + (i % 26) as u8).collect();
        writer.write_all(&long).unwrap();
        drop(writer);
        assert_eq!(tail.text().as_bytes(), &long[long.len() - MAX_KEPT..]);
    }

    #[test]
    fn a_stream_that_is_held_open_is_followed_no_longer_than_its_worker_lives() {
        for _ in 0..100 {
            let (tail, mut writer) = follow();
            let mut daemon = writer.try_clone().unwrap();
            writer.write_all(b"last words").unwrap();
            drop(writer);
            assert_eq!(tail.text(), "last words");
            let error = daemon.write(b"to nobody").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        }
    }

    #[test]
    fn what_somebody_else_has_read_is_not_waited_for() {
        let (stream, mut writer) = io::pipe().unwrap();
        let mut thief = stream.try_clone().unwrap();
        let tail = Tail::follow(stream, false).unwrap();
        for _ in 0..1000 {
            writer.write_all(b"words").unwrap();
            let _ = thief.read(&mut [0; 5]);
        }
        tail.text();
    }

    #[test]
    fn a_tail_that_is_dropped_is_not_followed_either() {
        let (tail, mut daemon) = follow();
        drop(tail);
        while daemon.write(b"to nobody").is_ok() {}
    }
}
