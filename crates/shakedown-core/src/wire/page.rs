//! The shared memory of one worker: which field and region lies where, and who writes it when.
//!
//! During a call the worker owns all of it; outside calls the coordinator does. The fields of the
//! header are little-endian and naturally aligned; the worker updates them with relaxed atomic
//! stores, because the coordinator looks at them during a call to notice a hang, and after a death
//! to learn what was running.
//!
//! | region | written by | holds |
//! | --- | --- | --- |
//! | header | both | the fields below |
//! | entry | coordinator | the entry that a call works on, or several, each right behind the one before; never altered by the worker |
//! | donor | coordinator | in the same way, what is spliced with them |
//! | input | worker | the input being executed, mutated in place |
//! | snapshot | worker | coverage of the last reported execution: one bucket byte a counter |

/// First bytes of the memory: "SHKDWN" and the version of this layout.
pub const MAGIC: u64 = u64::from_le_bytes(*b"SHKDWN\0\x03");

/// Offset of [`MAGIC`], `u64`.
pub const AT_MAGIC: usize = 0;
/// Offset of the executions begun since the call began, `u64`. Set to 0 by the coordinator.
pub const AT_EXECS: usize = 8;
/// Offset of the [`Phase`], `u64`.
pub const AT_PHASE: usize = 16;
/// Offset of the state of the generator at the start of the visit, `u64`.
pub const AT_RNG_STATE: usize = 24;
/// Offset of the increment of the generator, `u64`.
pub const AT_RNG_INC: usize = 32;
/// Offset of the place of the input being executed, from the start of the memory, `u64`.
pub const AT_INPUT_START: usize = 40;
/// Offset of the length in bytes of the input being executed, `u64`.
pub const AT_INPUT_LEN: usize = 48;
/// Offset of the number of executions rejected by the target in this call, `u64`.
pub const AT_REJECTED: usize = 56;
/// Offset of the signal that the worker died of, or was asked with, `u64`; [`FAULT_EXIT`] for a
/// call of `exit`; 0 while there is none. Written last, when the rest of the record is complete.
pub const AT_FAULT: usize = 64;
/// Offset of the number of [`AT_FRAMES`], `u64`.
pub const AT_FRAME_COUNT: usize = 72;
/// Offset of the memory address that a faulting instruction asked for, `u64`.
pub const AT_FAULT_ADDRESS: usize = 80;
/// Offset of the number of the execution of the call in which a panic last began, `u64`.
pub const AT_PANIC_EXECS: usize = 88;
/// Offset of the length of the text at [`AT_PANIC`] in bytes, `u64`.
pub const AT_PANIC_LEN: usize = 96;
/// Offset of 1 if the fault was on another thread than the target's, else 0, `u64`.
pub const AT_FAULT_ELSEWHERE: usize = 104;
/// Offset of the id of the process that runs the target, if that is not the worker itself, else 0,
/// `u64`.
pub const AT_PROCESS: usize = 112;
/// Offset of the executions begun in this call beside those at [`AT_EXECS`], `u64`: inputs that were
/// executed again to learn which of them reached something new. Set to 0 by the coordinator.
pub const AT_REPEATED: usize = 120;
/// Offset of the return addresses on the stack at the fault, innermost first, `u64` each.
pub const AT_FRAMES: usize = 128;
/// Most return addresses.
pub const MAX_FRAMES: usize = 64;
/// Offset of the executions of the call before the window that runs, `u64`: those whose coverage was
/// looked at in all its parts; all ones where there are no windows. Set to that by the coordinator.
pub const AT_WINDOW: usize = 640;
/// Offset of the state of the generator at the start of the window, `u64`.
pub const AT_WINDOW_STATE: usize = 648;
/// Offset of the increment of the generator at the start of the window, `u64`.
pub const AT_WINDOW_INC: usize = 656;
/// Offset of the executions rejected before the window, `u64`.
pub const AT_WINDOW_REJECTED: usize = 664;
/// Offset of the executions repeated before the window, `u64`: more of them are of this window.
pub const AT_WINDOW_REPEATED: usize = 672;
/// First byte after the fields that the coordinator sets before each call.
pub const CALL_END: usize = 680;
/// Offset of the place where a panic last began, as text.
pub const AT_PANIC: usize = 1024;
/// Most bytes of that text.
pub const MAX_PANIC: usize = 1024;
/// Size of the header in bytes: one page.
pub const HEADER: usize = 4096;

/// The value at [`AT_FAULT`] for a call of `exit`: no signal has this number.
pub const FAULT_EXIT: u64 = 1 << 32;

/// What a worker is doing: so that its end can be blamed on the right side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Phase {
    /// Waiting for a call.
    Idle = 0,
    /// In the engine's own code: an end now is an internal error.
    Engine = 1,
    /// In the target: an end now is a finding.
    Target = 2,
}

impl Phase {
    /// The phase with this number; foreign numbers count as [`Phase::Engine`].
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        match number {
            0 => Self::Idle,
            2 => Self::Target,
            _ => Self::Engine,
        }
    }
}

/// Least bytes of the regions of entries and donors: many are short, and then a call has many.
const LEAST_ROOM: usize = 1 << 16;

/// The regions behind the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Most bytes of an encoded input; the size of the input region before rounding up to pages.
    pub capacity: usize,
    /// Number of coverage counters of the program.
    pub counters: usize,
}

impl Layout {
    fn pages(bytes: usize) -> usize {
        bytes.next_multiple_of(4096)
    }

    /// Most bytes of all entries of a call, and of all donors: the size of these regions before
    /// rounding up to pages.
    #[must_use]
    pub fn room(self) -> usize {
        self.capacity.max(LEAST_ROOM)
    }

    /// Offset of the entry region.
    #[must_use]
    pub fn entry(self) -> usize {
        HEADER
    }

    /// Offset of the donor region.
    #[must_use]
    pub fn donor(self) -> usize {
        self.entry() + Self::pages(self.room())
    }

    /// Offset of the input region.
    #[must_use]
    pub fn input(self) -> usize {
        self.donor() + Self::pages(self.room())
    }

    /// Offset of the snapshot region.
    #[must_use]
    pub fn snapshot(self) -> usize {
        self.input() + Self::pages(self.capacity)
    }

    /// Size of the whole in bytes.
    #[must_use]
    pub fn total(self) -> usize {
        self.snapshot() + Self::pages(self.counters.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_follow_each_other_on_page_borders() {
        let starts = |capacity| {
            let layout = Layout { capacity, counters: 3 };
            [layout.entry(), layout.donor(), layout.input(), layout.snapshot(), layout.total()]
        };
        assert_eq!(starts(5000), [4096, 69632, 135_168, 143_360, 147_456]);
        assert_eq!(starts(70_000), [4096, 77824, 151_552, 225_280, 229_376]);
    }

    #[test]
    fn phases_survive_the_trip() {
        for phase in [Phase::Idle, Phase::Engine, Phase::Target] {
            assert_eq!(Phase::from_number(phase as u64), phase);
        }
        assert_eq!(Phase::from_number(99), Phase::Engine);
    }
}
