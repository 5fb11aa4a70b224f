//! The stack of the calling thread, frame by frame, as the platform's unwinder sees it.
#![expect(unsafe_code, reason = "calls the unwinder, and reads its tables")]

use std::ffi::c_void;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;

/// Visits the frames of this thread, innermost first, until `each` breaks off.
///
/// As async-signal-safe as unwinding is: glibc takes no lock from version 2.35 on; elsewhere a
/// fault within the loader can hang, which the coordinator notices.
pub(crate) fn walk(mut each: impl FnMut(&Frame) -> ControlFlow<()>) {
    let mut each: &mut dyn FnMut(&Frame) -> ControlFlow<()> = &mut each;
    // SAFETY: the callback has the type that the unwinder expects, and gets the reference that it
    // expects, which outlives the call.
    unsafe { _Unwind_Backtrace(on_frame, (&raw mut each).cast()) };
}

/// A number that is the same for the same stack of calls, in microseconds.
pub(crate) fn stack_hash() -> u64 {
    let mut hasher = DefaultHasher::new();
    walk(|frame| {
        frame.address().hash(&mut hasher);
        ControlFlow::Continue(())
    });
    hasher.finish()
}

/// Most frames that [`calls`] looks at: a recursion may be deep.
const MAX_WALKED: usize = 512;

/// Most addresses that it returns.
const MAX_CALLS: usize = 64;

/// The addresses of the calls that have led here, innermost first, each once however often it is made.
pub(crate) fn calls() -> Vec<u64> {
    let mut calls = Vec::with_capacity(MAX_CALLS);
    let mut walked = 0;
    walk(|frame| {
        let address = frame.address() as u64;
        if !calls.contains(&address) {
            calls.push(address);
        }
        walked += 1;
        match walked < MAX_WALKED && calls.len() < MAX_CALLS {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    calls
}

/// How many frames would catch a panic that begins here, with the one at the start of every thread.
pub(crate) fn catching_frames() -> usize {
    let mut count = 0;
    walk(|frame| {
        count += usize::from(frame.catches());
        ControlFlow::Continue(())
    });
    count
}

/// A frame that is being visited.
pub(crate) struct Frame {
    context: *mut Context,
}

impl Frame {
    /// An address within the call that the frame has made, or of the instruction that a signal has
    /// interrupted.
    pub(crate) fn address(&self) -> usize {
        let mut is_exact = 0;
        // SAFETY: the context is the one that the unwinder has passed, and it is still there.
        let address = unsafe { _Unwind_GetIPInfo(self.context, &raw mut is_exact) };
        // A return address belongs to what follows the call; one less is in the call.
        if is_exact == 0 { address.wrapping_sub(1) } else { address }
    }

    /// Whether the unwinding of a panic would end in this frame.
    fn catches(&self) -> bool {
        // SAFETY: the context is the one that the unwinder has passed. The table, if there is one,
        // is that of the frame's function.
        unsafe {
            let table = _Unwind_GetLanguageSpecificData(self.context);
            let offset = self.address().wrapping_sub(_Unwind_GetRegionStart(self.context));
            !table.is_null() && catches(Table(table.cast()), offset).unwrap_or(false)
        }
    }
}

/// What a compiler leaves for the personality routine of a function: the "language-specific data
/// area" in the form that GCC and LLVM share.
struct Table(*const u8);

/// Encodings of the DWARF exception headers.
const ABSENT: u8 = 0xff;
const ULEB128: u8 = 0x01;
const UDATA4: u8 = 0x03;

impl Table {
    /// # Safety
    /// All three: there must be as many bytes in the table.
    unsafe fn byte(&mut self) -> u8 {
        // SAFETY: by the contract.
        unsafe {
            let byte = *self.0;
            self.0 = self.0.add(1);
            byte
        }
    }

    unsafe fn uleb128(&mut self) -> usize {
        let (mut value, mut shift) = (0, 0);
        loop {
            // SAFETY: by the contract.
            let byte = unsafe { self.byte() };
            value |= usize::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    unsafe fn offset(&mut self, encoding: u8) -> Option<usize> {
        // SAFETY: by the contract.
        unsafe {
            match encoding {
                ULEB128 => Some(self.uleb128()),
                UDATA4 => Some([(); 4].map(|()| self.byte()))
                    .map(|bytes| u32::from_ne_bytes(bytes) as usize),
                _ => None,
            }
        }
    }
}

/// Whether the function catches an exception that a call at this offset raises; `None` if the table
/// is of an unusual form.
///
/// # Safety
/// The table must be that of a function.
unsafe fn catches(mut table: Table, offset: usize) -> Option<bool> {
    // SAFETY: what is read is laid out as the personality routines of GCC and LLVM expect it, and
    // no more of it is read than they do.
    unsafe {
        if table.byte() != ABSENT {
            return None;
        }
        if table.byte() != ABSENT {
            table.uleb128();
        }
        let encoding = table.byte();
        let len = table.uleb128();
        let actions = table.0.add(len);
        while table.0 < actions {
            let start = table.offset(encoding)?;
            let len = table.offset(encoding)?;
            let landing = table.offset(encoding)?;
            let action = table.uleb128();
            if (start..start + len).contains(&offset) {
                // A landing without an action only cleans up. The first action is a signed number,
                // above zero for one that catches.
                let is_positive = |byte: u8| byte & 0x7f != 0 && byte & 0xc0 != 0x40;
                return Some(landing != 0 && action != 0 && is_positive(*actions.add(action - 1)));
            }
        }
        Some(false)
    }
}

/// Type of the unwinder's state, which is opaque.
#[repr(C)]
struct Context {
    _private: [u8; 0],
}

/// Codes of the Itanium C++ ABI, level I: continue, and stop.
const NO_REASON: i32 = 0;
const END_OF_STACK: i32 = 5;

// Part of the platform's unwinder, which the standard library links.
unsafe extern "C" {
    fn _Unwind_Backtrace(
        callback: extern "C" fn(*mut Context, *mut c_void) -> i32,
        argument: *mut c_void,
    ) -> i32;
    fn _Unwind_GetIPInfo(context: *mut Context, is_exact: *mut i32) -> usize;
    fn _Unwind_GetRegionStart(context: *mut Context) -> usize;
    fn _Unwind_GetLanguageSpecificData(context: *mut Context) -> *mut c_void;
}

extern "C" fn on_frame(context: *mut Context, argument: *mut c_void) -> i32 {
    // SAFETY: the argument is the reference of the running `walk`.
    let each = unsafe { &mut *argument.cast::<&mut dyn FnMut(&Frame) -> ControlFlow<()>>() };
    match each(&Frame { context }) {
        ControlFlow::Continue(()) => NO_REASON,
        ControlFlow::Break(()) => END_OF_STACK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;
    use std::thread;

    #[test]
    fn every_catching_frame_counts_and_those_that_clean_up_do_not() {
        struct Guard;
        impl Drop for Guard {
            fn drop(&mut self) {
                std::hint::black_box(());
            }
        }
        // Something that may panic, as far as the compiler knows.
        let count: fn() -> usize = std::hint::black_box(catching_frames);
        let with_cleanup = move || {
            let _guard = Guard;
            count()
        };
        let counts = thread::spawn(move || {
            let caught = catch_unwind(with_cleanup).unwrap();
            (with_cleanup(), caught)
        });
        assert_eq!(counts.join().unwrap(), (1, 2));
    }

    #[test]
    fn a_call_is_told_once_however_deep_a_recursion_is() {
        fn deep(depth: usize) -> Vec<u64> {
            let calls = if depth == 0 { calls() } else { deep(depth - 1) };
            std::hint::black_box(calls)
        }
        let [few, many, most] = [10, 100, 1000].map(|depth| deep(std::hint::black_box(depth)));
        assert_eq!(few, many);
        assert!(few.starts_with(&most) && most.len() < few.len(), "{few:?} {most:?}");
        assert!(few.len() > 3 && few.len() <= MAX_CALLS);
    }

    #[test]
    fn the_same_stack_has_the_same_hash() {
        let hash: fn() -> u64 = std::hint::black_box(stack_hash);
        let mut hashes = Vec::new();
        while hashes.len() < std::hint::black_box(2) {
            hashes.push(hash());
        }
        assert_eq!(hashes[0], hashes[1]);
        assert_ne!(hashes[0], thread::spawn(stack_hash).join().unwrap());
    }
}
