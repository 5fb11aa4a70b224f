//! Colours, and what the terminal can do.

use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};

/// When the user wants colors.
static COLOR: OnceLock<Option<bool>> = OnceLock::new();

/// Notes when the user wants colors: `always`, `never` or `auto`, from an option, else as the
/// variable says by which cargo is told.
pub(crate) fn set_color(option: Option<&str>) {
    let variable = || std::env::var("CARGO_TERM_COLOR").ok();
    let _ = COLOR.set(wanted(option.map(str::to_owned).or_else(variable).as_deref()));
}

fn wanted(when: Option<&str>) -> Option<bool> {
    match when {
        Some("always") => Some(true),
        Some("never") => Some(false),
        _ => None,
    }
}

/// What is known of the place that is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Whether a line can be drawn over.
    pub live: bool,
    /// Whether to use colors.
    pub colors: bool,
    /// Columns.
    pub width: usize,
}

impl Screen {
    /// The screen behind standard error. Colours follow what [`set_color`] was told, else `NO_COLOR`,
    /// `CLICOLOR_FORCE` and `TERM`.
    #[must_use]
    pub(crate) fn of_stderr() -> Self {
        Self::of(&std::io::stderr())
    }

    /// The same behind standard output.
    #[must_use]
    pub(crate) fn of_stdout() -> Self {
        Self::of(&std::io::stdout())
    }

    fn of(stream: &(impl IsTerminal + AsFd)) -> Self {
        let live = stream.is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let by_itself = !set("NO_COLOR") && (live || set("CLICOLOR_FORCE"));
        let colors = COLOR.get().copied().flatten().unwrap_or(by_itself);
        let width = rustix::termios::tcgetwinsize(stream)
            .ok()
            .map(|size| usize::from(size.ws_col))
            .filter(|width| *width > 0)
            .unwrap_or(80);
        Self { live, colors, width }
    }

    /// A pipe.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn plain() -> Self {
        Self { live: false, colors: false, width: 80 }
    }
}

/// Paints words, or leaves them as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    colors: bool,
}

impl Paint {
    /// With or without colors.
    #[must_use]
    pub(crate) fn new(colors: bool) -> Self {
        Self { colors }
    }

    fn with(self, style: Style, text: &str) -> String {
        match self.colors {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    /// Something bad.
    #[must_use]
    pub(crate) fn bad(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    /// Something good.
    #[must_use]
    pub(crate) fn good(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default().bold(), text)
    }

    /// Something to mind.
    #[must_use]
    pub(crate) fn mind(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// Something to stand out.
    #[must_use]
    pub(crate) fn strong(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Something of less weight.
    #[must_use]
    pub(crate) fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }
}
