//! Where the last panic of this thread began: a payload does not tell, so a hook notes it.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Puts the note before the panic hook that is there, which goes on to do what it does.
pub(super) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string);
            // A panic while the thread ends has nobody to read the note.
            let _ = LAST.try_with(|last| last.replace(place));
            before(info);
        }));
    });
}

/// Forgets earlier panics.
pub(super) fn forget() {
    LAST.take();
}

/// The place of the last panic, as `file:line:column`.
pub(super) fn last() -> Option<String> {
    LAST.take()
}
