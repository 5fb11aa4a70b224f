//! The coordinator's ends of the two pipes of a worker. Neither ever blocks: a worker that reads
//! half a call or writes half an answer keeps its supervisor waiting in `poll`, where everything
//! else is looked after too.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

use shakedown_core::wire::body_len;

/// Bytes that are read at a time: most answers are far shorter.
const CHUNK: usize = 8 << 10;

/// Both ends.
#[derive(Debug)]
pub(super) struct Pipes {
    /// Nothing once it was closed, which is the order to end.
    calls: Option<PipeWriter>,
    answers: PipeReader,
}

/// Why there will be no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// The worker has closed its ends, or is gone.
    Closed,
    /// What it wrote is not an answer.
    Garbled(String),
}

impl Pipes {
    /// Takes the ends of the coordinator.
    ///
    /// # Errors
    /// If the system refuses.
    pub(super) fn new(calls: PipeWriter, answers: PipeReader) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&calls, true)?;
        rustix::io::ioctl_fionbio(&answers, true)?;
        Ok(Self { calls: Some(calls), answers })
    }

    /// Tells the worker that there are no more calls.
    pub(super) fn close(&mut self) {
        self.calls = None;
    }

    /// Begins to exchange a call, given as its frame, for an answer.
    ///
    /// # Errors
    /// If the worker has said something without being asked, or has closed its end.
    pub(super) fn exchange(&mut self, frame: Vec<u8>) -> Result<Exchange<'_>, Broken> {
        match self.answers.read(&mut [0]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(1..) => return Err(Broken::Garbled("it answered without being asked".into())),
            _ => return Err(Broken::Closed),
        }
        let Some(calls) = &mut self.calls else { return Err(Broken::Closed) };
        Ok(Exchange { calls, answers: &mut self.answers, frame, sent: 0, received: Vec::new() })
    }
}

/// A call on its way to the worker, or its answer on the way back.
#[derive(Debug)]
pub(super) struct Exchange<'p> {
    calls: &'p mut PipeWriter,
    answers: &'p mut PipeReader,
    frame: Vec<u8>,
    sent: usize,
    received: Vec<u8>,
}

impl Exchange<'_> {
    /// Where answers come from.
    pub(super) fn answers(&self) -> BorrowedFd<'_> {
        self.answers.as_fd()
    }

    /// Where the rest of the call has to go, if there is any.
    pub(super) fn unsent(&self) -> Option<BorrowedFd<'_>> {
        (self.sent < self.frame.len()).then(|| self.calls.as_fd())
    }

    /// Writes as much of the call as the pipe takes now.
    ///
    /// # Errors
    /// If the worker has closed its end.
    pub(super) fn send(&mut self) -> Result<(), Broken> {
        while self.sent < self.frame.len() {
            match self.calls.write(&self.frame[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Err(Broken::Closed),
            }
        }
        Ok(())
    }

    /// Reads what is there; returns the body of the answer once all of it has come.
    ///
    /// # Errors
    /// If there will be no more, or it is not an answer.
    pub(super) fn receive(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let mut chunk = [0; CHUNK];
        loop {
            match self.answers.read(&mut chunk) {
                Ok(0) => return Err(Broken::Closed),
                Ok(count) => self.received.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(_) => return Err(Broken::Closed),
            }
            // The length is checked as soon as it is there; memory is only taken for what has come.
            let Some((start, body)) = self.received.split_first_chunk::<4>() else { continue };
            let len = body_len(*start).map_err(|_| {
                let len = u32::from_le_bytes(*start);
                Broken::Garbled(format!("it announced an answer of {len} bytes"))
            })?;
            if body.len() > len || body.len() == len && self.unsent().is_some() {
                return Err(Broken::Garbled("it said more than it was asked".into()));
            }
            if body.len() == len {
                return Ok(Some(self.received.split_off(4)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A worker that has written these bytes, and the call of it.
    #[track_caller]
    fn received(written: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        let (_calls_read, calls) = io::pipe().unwrap();
        let (answers, mut answers_write) = io::pipe().unwrap();
        let mut pipes = Pipes::new(calls, answers).unwrap();
        let mut exchange = pipes.exchange(b"\x01\0\0\0\x02".to_vec()).unwrap();
        exchange.send().unwrap();
        assert!(exchange.unsent().is_none());
        answers_write.write_all(written).unwrap();
        drop(answers_write);
        exchange.receive()
    }

    #[test]
    fn an_answer_may_come_in_pieces() {
        let (mut calls_read, calls) = io::pipe().unwrap();
        let (answers, mut answers_write) = io::pipe().unwrap();
        let mut pipes = Pipes::new(calls, answers).unwrap();
        let mut exchange = pipes.exchange(b"\x01\0\0\0\x02".to_vec()).unwrap();
        exchange.send().unwrap();
        let mut call = [0; 5];
        calls_read.read_exact(&mut call).unwrap();
        assert_eq!(&call, b"\x01\0\0\0\x02");
        for piece in [&b"\x03"[..], b"\0\0", b"\0a", b"b"] {
            assert!(matches!(exchange.receive(), Ok(None)));
            answers_write.write_all(piece).unwrap();
        }
        assert!(matches!(exchange.receive(), Ok(None)));
        answers_write.write_all(b"c").unwrap();
        assert_eq!(exchange.receive().unwrap(), Some(b"abc".to_vec()));
    }

    #[test]
    fn a_pipe_that_is_not_read_does_not_block() {
        let (calls_read, calls) = io::pipe().unwrap();
        let (answers, _answers_write) = io::pipe().unwrap();
        let mut pipes = Pipes::new(calls, answers).unwrap();
        let mut exchange = pipes.exchange(vec![0; 1 << 20]).unwrap();
        exchange.send().unwrap();
        assert!(exchange.unsent().is_some());
        drop(calls_read);
        assert!(matches!(exchange.send(), Err(Broken::Closed)));
    }

    #[test]
    fn what_is_not_an_answer_is_noticed_at_once() {
        assert!(matches!(received(b"\xff\xff\xff\xff"), Err(Broken::Garbled(_))));
        assert!(matches!(received(b"\x01\0\0\0ab"), Err(Broken::Garbled(_))));
        assert!(matches!(received(b"\x02\0\0\0a"), Err(Broken::Closed)), "truncated, then the end");
        assert!(matches!(received(b""), Err(Broken::Closed)));
        assert!(matches!(received(b"\x01\0\0\0a"), Ok(Some(body)) if body == b"a"));
    }

    #[test]
    fn an_answer_to_nothing_is_noticed_before_the_next_call() {
        let (_calls_read, calls) = io::pipe().unwrap();
        let (answers, mut answers_write) = io::pipe().unwrap();
        let mut pipes = Pipes::new(calls, answers).unwrap();
        answers_write.write_all(b"\x01\0\0\0\x01").unwrap();
        assert!(matches!(pipes.exchange(vec![1]), Err(Broken::Garbled(_))));
    }
}
