//! The state of a campaign that runs, between the thread that keeps it and those that read it: each
//! is brought up to date at a pace of its own.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::{Atlas, Shelf, State};
use crate::report::Notice;

/// What is known of the campaign, for all threads of the server.
#[derive(Debug)]
pub(super) struct Watched {
    known: Mutex<Known>,
    changed: Condvar,
    /// The corpus of each target.
    pub(super) shelves: Vec<Shelf>,
    /// The program of each target.
    pub(super) atlases: Vec<Arc<Atlas>>,
}

#[derive(Debug, Default)]
struct Known {
    state: State,
    /// Browsers that are being told.
    listeners: usize,
    /// Whether the campaign is at its end, however it came there.
    is_closed: bool,
}

/// News for somebody.
pub(super) struct News {
    pub(super) version: u64,
    /// Nothing if nothing changed for a while.
    pub(super) changes: Option<Value>,
    /// Whether there is nothing more to come.
    pub(super) is_last: bool,
}

impl Watched {
    /// A campaign of which nothing is known yet, with the corpora and programs of its targets.
    pub(super) fn new(shelves: Vec<Shelf>, atlases: Vec<Arc<Atlas>>) -> Self {
        Self { known: Mutex::default(), changed: Condvar::new(), shelves, atlases }
    }

    /// Keeps the state up to date until there are no more notices.
    pub(super) fn keep(&self, notices: &Receiver<(Notice, Duration)>) {
        for (notice, at) in notices {
            self.lock().state.apply(&notice, at);
            self.changed.notify_all();
        }
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic in between would be in a reader, which changes nothing.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known.
    pub(super) fn read<T>(&self, reading: impl FnOnce(&State) -> T) -> T {
        reading(&self.lock().state)
    }

    /// Waits for something after a version, for this time at most.
    pub(super) fn wait(&self, version: u64, time: Duration) -> News {
        let is_known = |known: &mut Known| known.state.version() == version && !known.is_closed;
        let waited = self.changed.wait_timeout_while(self.lock(), time, is_known);
        let (known, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let state = &known.state;
        let is_new = state.version() != version;
        News {
            version: state.version(),
            changes: is_new.then(|| state.since(version)),
            is_last: known.is_closed || state.is_over(),
        }
    }

    /// Waits for this time, or until the campaign is at its end.
    pub(super) fn pause(&self, time: Duration) {
        let goes_on = |known: &mut Known| !known.is_closed && !known.state.is_over();
        let _ = self.changed.wait_timeout_while(self.lock(), time, goes_on);
    }

    /// Waits until everybody has been told everything, for this time at most.
    pub(super) fn wait_for_listeners(&self, time: Duration) {
        let is_told = |known: &mut Known| !known.is_closed || known.listeners > 0;
        let _ = self.changed.wait_timeout_while(self.lock(), time, is_told);
    }

    /// Counts somebody who is told, if there are not too many.
    pub(super) fn join(self: &Arc<Self>, most: usize) -> Option<Listener> {
        let mut known = self.lock();
        let is_one_more = known.listeners < most;
        known.listeners += usize::from(is_one_more);
        is_one_more.then(|| Listener(self.clone()))
    }
}

/// Somebody who is told what happens.
pub(super) struct Listener(Arc<Watched>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.lock().listeners -= 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::report::samples::campaign;

    fn watched() -> Arc<Watched> {
        Arc::new(Watched::new(Vec::new(), Vec::new()))
    }

    #[test]
    fn news_end_with_the_campaign() {
        let watched = watched();
        let (sender, receiver) = channel();
        for notice in campaign() {
            sender.send((notice, Duration::ZERO)).unwrap();
        }
        drop(sender);
        watched.keep(&receiver);
        let news = watched.wait(0, Duration::MAX);
        assert!(news.is_last && news.changes.is_some());
        let news = watched.wait(news.version, Duration::MAX);
        assert!(news.is_last && news.changes.is_none());
        watched.pause(Duration::MAX);
    }

    #[test]
    fn listeners_are_counted() {
        let watched = watched();
        let first = watched.join(1);
        assert!(first.is_some() && watched.join(1).is_none());
        drop(first);
        assert!(watched.join(1).is_some());
    }
}
