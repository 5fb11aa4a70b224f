//! The inputs of a cache, read when they are needed: those used last stay in memory, up to a bound.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shakedown_core::corpus_file;

use super::corpus::Corpus;
use super::file::numbered;
use super::open;

/// About what an input takes in memory in addition to its bytes.
const OVERHEAD: usize = 64;

/// Reads the entries of one corpus. Any thread may use it.
#[derive(Debug)]
pub struct Inputs {
    corpus: Corpus,
    recent: Mutex<Recent>,
}

/// Inputs in two generations: what is used is young, and when the young ones take half of the
/// memory they become the old ones, which are then dropped all at once.
#[derive(Debug)]
struct Recent {
    young: HashMap<u64, Arc<[u8]>>,
    old: HashMap<u64, Arc<[u8]>>,
    young_bytes: usize,
    half: usize,
}

impl Inputs {
    /// The entries of a corpus, of which at most `most_bytes` are held in memory.
    #[must_use]
    pub fn new(corpus: Corpus, most_bytes: usize) -> Self {
        let half = most_bytes / 2;
        let (young, old) = (HashMap::new(), HashMap::new());
        Self { corpus, recent: Mutex::new(Recent { young, old, young_bytes: 0, half }) }
    }

    /// The corpus.
    #[must_use]
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// The input in the file of this name, encoded; nothing if the file is gone, holds no
    /// input of the target, or a longer one than allowed.
    #[must_use]
    pub fn get(&self, name: u64) -> Option<Arc<[u8]>> {
        if let Some(input) = self.with_recent(|recent| recent.get(name)) {
            return Some(input);
        }
        // Not under the lock: others need not wait for the disk.
        let content = open::read(&self.corpus.locations().cache.join(numbered(name))).ok()?;
        let input = corpus_file::decode(self.corpus.schema(), &content).ok()?.input;
        if input.len() > self.corpus.max_len() {
            return None;
        }
        let input: Arc<[u8]> = input.into();
        self.put(name, input.clone());
        Some(input)
    }

    /// Notes what is in the file of this name.
    pub fn put(&self, name: u64, input: Arc<[u8]>) {
        self.with_recent(|recent| recent.put(name, input));
    }

    fn with_recent<T>(&self, work: impl FnOnce(&mut Recent) -> T) -> T {
        // A panic in between leaves nothing half done that matters: it is a cache.
        work(&mut self.recent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Recent {
    fn get(&mut self, name: u64) -> Option<Arc<[u8]>> {
        if let Some(input) = self.young.get(&name) {
            return Some(input.clone());
        }
        let input = self.old.remove(&name)?;
        self.put(name, input.clone());
        Some(input)
    }

    fn put(&mut self, name: u64, input: Arc<[u8]>) {
        let size = input.len() + OVERHEAD;
        if size > self.half {
            return;
        }
        if self.young_bytes + size > self.half {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += size;
        if let Some(before) = self.young.insert(name, input) {
            self.young_bytes -= before.len() + OVERHEAD;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::file::as_number;
    use crate::store::fixture::{bytes, in_temporary, raw};

    fn held(inputs: &Inputs) -> usize {
        let recent = inputs.recent.lock().unwrap();
        let all = recent.young.values().chain(recent.old.values());
        all.map(|input| input.len() + OVERHEAD).sum()
    }

    #[test]
    fn inputs_are_read_and_memory_is_bounded() {
        let (_dir, corpus) = in_temporary(bytes());
        let names: Vec<u64> = (0..50u8)
            .map(|byte| as_number(&corpus.add_entry(&raw(&[byte; 100])).unwrap()).unwrap())
            .collect();
        let inputs = Inputs::new(corpus, 2000);
        for _ in 0..3 {
            for (byte, name) in names.iter().enumerate() {
                assert_eq!(*inputs.get(*name).unwrap(), raw(&[byte as u8; 100]));
                assert!(held(&inputs) <= 2000);
            }
        }
        assert!(held(&inputs) > 1000, "it holds something");
    }

    #[test]
    fn what_is_used_stays_in_memory() {
        let (_dir, corpus) = in_temporary(bytes());
        let inputs = Inputs::new(corpus, 4000);
        inputs.put(1, raw(b"in no file").into());
        for name in 10..100 {
            inputs.put(name, raw(&[0; 100]).into());
            assert!(inputs.get(1).is_some());
        }
        assert!(inputs.get(10).is_none(), "the others went");
        inputs.put(2, raw(&[0; 4000]).into());
        assert!(inputs.get(2).is_none(), "too large to be held");
        assert!(inputs.get(1).is_some());
    }

    #[test]
    fn gone_bad_and_long_files_hold_no_input() {
        let (_dir, corpus) = in_temporary(crate::store::fixture::pair());
        let cache = corpus.locations().cache.clone();
        fs::create_dir_all(&cache).unwrap();
        fs::write(cache.join(numbered(1)), "no input").unwrap();
        fs::write(cache.join(numbered(2)), "shakedown v1\nn: 1\nok: true\n").unwrap();
        let short = Corpus::open(corpus.locations().clone(), corpus.schema().clone(), 2);
        let inputs = Inputs::new(corpus, 1000);
        assert!(inputs.get(0).is_none() && inputs.get(1).is_none() && inputs.get(2).is_some());
        assert!(Inputs::new(short, 1000).get(2).is_none());
    }
}
