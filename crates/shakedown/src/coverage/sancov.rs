//! The callbacks that LLVM's SanitizerCoverage pass calls from instrumented code.
//!
//! They only exist in builds made by `cargo shakedown`, so that the library never gets in the way
//! of another fuzzer's runtime. Binaries that do not link this crate get the empty twins that the
//! command appends to their link line; the two lists must be the same.
//! Source: <https://clang.llvm.org/docs/SanitizerCoverage.html>.
#![expect(unsafe_code, reason = "the symbols that the compiler's pass calls")]

use std::sync::Mutex;

use super::Counters;

/// The counter ranges of all modules of the program, in the order in which they were loaded.
static RANGES: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// All counters registered so far.
pub(super) fn counters() -> Counters {
    let ranges = RANGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: the ranges were registered by the module constructors that the pass wrote; they are
    // sections of loaded modules, which stay mapped and writable.
    let counters = unsafe { Counters::new(&ranges) };
    if ranges.is_empty() { counters } else { counters.with_observed() }
}

/// Called by every module's constructor with the bounds of its counters. The linker merges the
/// sections of one binary, so its modules all report the same bounds.
///
/// # Safety
/// Called by the instrumentation with the bounds of a section.
#[unsafe(no_mangle)]
unsafe extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
    let range = (start.addr(), stop.addr());
    let mut ranges = RANGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if start < stop && !ranges.contains(&range) {
        // The provenance is exposed so that `Counters::new` may make pointers of the bounds.
        start.expose_provenance();
        ranges.push(range);
    }
}

/// Called with the table of the code addresses of the counters, which is not used.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_pcs_init(_start: *const usize, _stop: *const usize) {}
