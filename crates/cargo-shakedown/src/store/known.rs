//! Reading the failures that the user has accepted: the file `known` in `testdata`.

use std::io::ErrorKind;

use shakedown_core::known::{KNOWN_FILE, KnownFailures};

use super::corpus::Corpus;
use super::open;

impl Corpus {
    /// The known failures of the target; none if there is no such file.
    ///
    /// # Errors
    /// If the file cannot be read or is malformed; the text names it, and the line.
    pub fn load_known(&self) -> Result<KnownFailures, String> {
        let path = self.locations().testdata.join(KNOWN_FILE);
        match open::read_text(&path) {
            Ok(text) => {
                KnownFailures::parse(&text).map_err(|error| format!("{}:{error}", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(KnownFailures::default()),
            Err(error) => Err(format!("cannot read {}: {error}", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::fixture::{bytes, in_temporary};

    #[test]
    fn the_list_is_no_seed_and_its_mistakes_are_placed() {
        let (_dir, corpus) = in_temporary(bytes());
        assert_eq!(corpus.load_known(), Ok(KnownFailures::default()));
        let folder = &corpus.locations().testdata;
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(KNOWN_FILE), "timeout because slow\noh\n").unwrap();
        assert!(corpus.load_seeds().unwrap().entries.is_empty());
        let error = corpus.load_known().unwrap_err();
        assert!(error.contains("/known:2: a reason is missing"), "{error}");
    }
}
