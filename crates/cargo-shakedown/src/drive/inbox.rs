//! The one queue in which everything arrives that a campaign reacts to.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use super::clock::{GRACE, TICK};
use super::signals::{Verdict, watch_signals};
use crate::pool::FromWorker;

/// What arrives. Each kind has a method of [`super::turn::ActiveTurn`].
#[derive(Debug)]
pub(super) enum Incoming {
    /// From the pool of this turn.
    Worker(Box<FromWorker>),
    /// ^C, SIGTERM or SIGHUP.
    Interrupt,
}

/// The queue, and whether the user wants the campaign to end.
#[derive(Debug)]
pub(super) struct Inbox {
    sender: Sender<Incoming>,
    queue: Receiver<Incoming>,
    interrupted: Option<Instant>,
    /// Set when the status of the command is known.
    pub(super) verdict: Verdict,
}

impl Inbox {
    /// An inbox in which signals arrive.
    ///
    /// # Errors
    /// If the system refuses.
    pub(super) fn open() -> anyhow::Result<Self> {
        let (sender, queue) = channel();
        let interrupts = sender.clone();
        let verdict = Verdict::default();
        let interrupt = move || interrupts.send(Incoming::Interrupt).is_ok();
        watch_signals(verdict.clone(), interrupt)?;
        Ok(Self { sender, queue, interrupted: None, verdict })
    }

    /// Where to send what should arrive.
    pub(super) fn sender(&self) -> Sender<Incoming> {
        self.sender.clone()
    }

    /// The next message, if one arrives within a tick.
    pub(super) fn wait(&self) -> Option<Incoming> {
        self.queue.recv_timeout(TICK).ok()
    }

    /// The next message, if it is there already.
    pub(super) fn take(&self) -> Option<Incoming> {
        self.queue.try_recv().ok()
    }

    /// Notes an interrupt; returns whether it is the first.
    pub(super) fn note_interrupt(&mut self) -> bool {
        let is_first = self.interrupted.is_none();
        self.interrupted.get_or_insert_with(Instant::now);
        is_first
    }

    /// Whether the user wants the campaign to end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.is_some()
    }

    /// Whether the user has wanted that for so long that workers should not finish first.
    pub(super) fn is_grace_over(&self) -> bool {
        self.interrupted.is_some_and(|since| since.elapsed() > GRACE)
    }
}
