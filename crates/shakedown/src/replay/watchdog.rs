//! Names the input that hangs, or that takes the process down.

use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

use super::report::LastWords;
use crate::process::fault;

/// Watches over the inputs of one replay.
pub(super) struct Watchdog {
    timeout: Duration,
    state: Mutex<State>,
    stopped: Condvar,
}

enum State {
    Idle,
    Running { until: Instant, words: LastWords },
    Stopped,
}

impl Watchdog {
    /// One that allows every input `timeout`.
    pub(super) fn new(timeout: Duration) -> Self {
        Self { timeout, state: Mutex::new(State::Idle), stopped: Condvar::new() }
    }

    /// Watches from a thread of its own, until the returned guard is dropped.
    pub(super) fn start<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> Stops<'scope> {
        scope.spawn(|| self.watch());
        Stops(self)
    }

    /// Notes that an input runs, until the returned guard is dropped.
    pub(super) fn begin(&self, words: LastWords) -> Running<'_> {
        let mut state = self.lock();
        fault::announce(&words.on_signal);
        *state = State::Running { until: Instant::now() + self.timeout, words };
        Running(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        let mut state = self.lock();
        loop {
            // Nothing wakes this thread when an input begins: its time is up later than that of
            // the one before, or than a whole timeout from now.
            let left = match &*state {
                State::Stopped => return,
                State::Idle => self.timeout,
                State::Running { until, words } => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        give_up(&words.on_timeout, self.timeout);
                    }
                    left
                }
            };
            let woken = self.stopped.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Ends the process, for no thread can be stopped. The test harness would never show what is
/// printed to it.
fn give_up(words: &str, timeout: Duration) -> ! {
    fault::announce("");
    let text = format!("{words}it runs for longer than {timeout:?}, the timeout\n");
    // A failure to write could not be reported anywhere.
    let _ = std::io::stderr().write_all(text.as_bytes());
    std::process::abort()
}

/// Stops the watching when dropped.
pub(super) struct Stops<'w>(&'w Watchdog);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        *self.0.lock() = State::Stopped;
        self.0.stopped.notify_all();
    }
}

/// Ends the watching over one input when dropped.
pub(super) struct Running<'w>(&'w Watchdog);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        fault::announce("");
        *state = State::Idle;
    }
}
