//! Work that hits 300 counters, the same ones in programs of any number of counters. The counters
//! are made here, and registered as those of an instrumented module.

use std::cell::UnsafeCell;

use super::COUNTERS;

/// Hit by each execution, and how far apart.
const TOUCHED: usize = 300;
const APART: usize = 13;

struct Counters(UnsafeCell<[u8; COUNTERS]>);

// SAFETY: counters of instrumented code are incremented by any thread; who comes too late is lost.
unsafe impl Sync for Counters {}

static HITS: Counters = Counters(UnsafeCell::new([0; COUNTERS]));

unsafe extern "C" {
    fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8);
}

/// Before `main`, as constructors of instrumented modules are.
#[used]
#[unsafe(link_section = ".init_array")]
static REGISTER: extern "C" fn() = {
    extern "C" fn register() {
        let start = HITS.0.get().cast::<u8>();
        // SAFETY: the range is that of the static, which stays for ever.
        unsafe { __sanitizer_cov_8bit_counters_init(start, start.add(COUNTERS)) };
    }
    register
};

/// Hits the counters, as instrumented code would.
pub fn touch() {
    let start = HITS.0.get().cast::<u8>();
    for index in 0..TOUCHED {
        // SAFETY: within the static, to which there is no reference.
        unsafe { *start.add(index * APART) |= 1 };
    }
}
