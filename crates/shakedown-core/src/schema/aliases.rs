//! Names that fields and variants had before, for files that still say them.

use super::{Schema, Types};

/// A former name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    /// Path of the struct or enum; empty for the arguments of the target.
    pub of: String,
    /// The variant whose field it is; empty for fields of structs, and for variants.
    pub variant: String,
    /// What it was called.
    pub old: String,
    /// What it is called.
    pub new: String,
}

impl Types {
    /// Notes that a field of `of`, or of its `variant`, or a variant itself was once called `old`.
    ///
    /// Used by `#[input(alias = "old")]`.
    pub fn alias(&mut self, of: &str, variant: &str, old: &str, new: &str) {
        let [of, variant, old, new] = [of, variant, old, new].map(str::to_owned);
        self.aliases.insert(Alias { of, variant, old, new });
    }
}

impl Schema {
    /// What is now called what was called `old`.
    #[must_use]
    pub fn renamed(&self, of: &str, variant: &str, old: &str) -> Option<&str> {
        let is_it = |alias: &&Alias| alias.of == of && alias.variant == variant && alias.old == old;
        self.aliases.iter().find(is_it).map(|alias| alias.new.as_str())
    }

    /// All former names.
    #[must_use]
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
    }

    /// The schema with these former names.
    #[must_use]
    pub fn with_aliases(mut self, aliases: impl IntoIterator<Item = Alias>) -> Self {
        self.aliases = aliases.into_iter().collect();
        self
    }
}
