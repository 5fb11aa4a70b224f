//! New entries on their way to disk, in a thread of their own: a file takes a millisecond or more
//! until it is safely on the disk, and in the first seconds of a campaign there are hundreds of
//! them. Those that cannot be written are kept in memory and tried again at the end.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::campaign::{EntryId, Event, Input};
use crate::store::corpus::Corpus;
use crate::store::file::as_number;
use crate::store::inputs::Inputs;
use crate::store::lineage;

/// An entry that is to be written.
#[derive(Debug)]
pub(super) struct NewEntry {
    pub(super) id: EntryId,
    pub(super) input: Arc<[u8]>,
    /// What it is a variation of.
    pub(super) parent: Option<Input>,
}

/// Writes the entries of one target.
#[derive(Debug)]
pub(super) struct EntryWriter {
    inputs: Arc<Inputs>,
    thread: WriterThread,
    unsaved: Vec<NewEntry>,
}

impl EntryWriter {
    /// Writes to where `inputs` reads from.
    pub(super) fn new(inputs: Arc<Inputs>) -> Self {
        let thread = WriterThread::start(inputs.corpus().clone());
        Self { inputs, thread, unsaved: Vec::new() }
    }

    /// Where the entries can be read.
    pub(super) fn inputs(&self) -> &Arc<Inputs> {
        &self.inputs
    }

    /// Has an entry written, soon.
    pub(super) fn save(&mut self, entry: NewEntry) {
        if let Err(unsent) = self.thread.write(entry) {
            self.unsaved.push(unsent);
        }
    }

    /// Number of entries that are in no file yet: they would be lost if the campaign ended now.
    pub(super) fn unwritten(&self) -> usize {
        self.thread.pending + self.unsaved.len()
    }

    /// Events for the search about entries that were written, and why one could not be, if that is
    /// the first.
    pub(super) fn news(&mut self) -> (Vec<Event>, Option<String>) {
        let is_first = self.unsaved.is_empty();
        let results = self.thread.take();
        let (events, error) = self.take_in(results);
        (events, error.filter(|_| is_first))
    }

    /// Waits for what is being written, and tries again to write what could not be. Returns events
    /// for the search, and why entries are not written even now; [`Self::unwritten`] counts them.
    pub(super) fn finish(&mut self) -> (Vec<Event>, Option<String>) {
        let corpus = self.inputs.corpus().clone();
        let thread = std::mem::replace(&mut self.thread, WriterThread::start(corpus.clone()));
        let (mut events, _) = self.take_in(thread.finish());
        let again = write(&corpus, std::mem::take(&mut self.unsaved));
        let (more, error) = self.take_in(again);
        events.extend(more);
        (events, error)
    }

    /// Notes what came of entries; returns events for the search, and the first error.
    fn take_in(&mut self, results: Vec<Written>) -> (Vec<Event>, Option<String>) {
        let (mut events, mut first_error) = (Vec::new(), None);
        for Written { entry, name } in results {
            match name {
                Ok(name) => {
                    if let Some(number) = as_number(&name) {
                        self.inputs.put(number, entry.input);
                        events.push(Event::Saved(entry.id, number));
                    }
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                    self.unsaved.push(entry);
                }
            }
        }
        (events, first_error)
    }
}

/// What came of an entry that was to be written.
#[derive(Debug)]
struct Written {
    entry: NewEntry,
    /// The name of the file, or why there is none.
    name: Result<String, String>,
}

fn write(corpus: &Corpus, entries: Vec<NewEntry>) -> Vec<Written> {
    let names = corpus.add_entries(entries.iter().map(|entry| &*entry.input));
    let written = names.into_iter().zip(entries);
    let written: Vec<_> = written
        .map(|(name, entry)| Written { entry, name: name.map_err(|e| e.to_string()) })
        .collect();
    let pairs: Vec<_> = written.iter().filter_map(|written| pair(corpus, written)).collect();
    // Where that cannot be written, a page knows less, and that is all.
    let _ = lineage::add(&corpus.locations().state, &pairs);
    written
}

/// An entry that is in its file, and its parent.
fn pair(corpus: &Corpus, written: &Written) -> Option<(u64, u64)> {
    let parent = match written.entry.parent.as_ref()? {
        Input::Bytes(bytes) => corpus.number_of(bytes),
        Input::Stored(stored) => stored.name,
    };
    Some((as_number(written.name.as_ref().ok()?)?, parent))
}

#[derive(Debug)]
struct WriterThread {
    entries: Sender<NewEntry>,
    results: Receiver<Written>,
    thread: JoinHandle<()>,
    /// Entries whose result was not taken yet.
    pending: usize,
}

impl WriterThread {
    fn start(corpus: Corpus) -> Self {
        let (entries, queue) = channel();
        let (sender, results) = channel();
        let thread = std::thread::spawn(move || {
            while let Ok(first) = queue.recv() {
                // What has come in the meantime is written together.
                let group = std::iter::once(first).chain(queue.try_iter());
                for written in write(&corpus, group.collect()) {
                    // If the other end is gone, so is all that could try again.
                    let _ = sender.send(written);
                }
            }
        });
        Self { entries, results, thread, pending: 0 }
    }

    /// Has an entry written.
    ///
    /// # Errors
    /// If the thread is gone; the entry.
    fn write(&mut self, entry: NewEntry) -> Result<(), NewEntry> {
        self.entries.send(entry).map_err(|unsent| unsent.0)?;
        self.pending += 1;
        Ok(())
    }

    /// What came of entries since the last call.
    fn take(&mut self) -> Vec<Written> {
        let results: Vec<_> = self.results.try_iter().collect();
        self.pending -= results.len();
        results
    }

    /// Waits until everything was tried; returns what came of it.
    fn finish(self) -> Vec<Written> {
        drop(self.entries);
        // A panic in the thread was printed then; the results before it are still there.
        let _ = self.thread.join();
        self.results.iter().collect()
    }
}
