//! The comparisons of one execution: what the input led to, and what it was compared with.
//!
//! Instrumented code calls the callbacks below only while a gate is open, which it looks at once a
//! function, so they cost nothing in all other executions. Comparisons of memory are calls of
//! `memcmp` and `bcmp`, which are defined here for the whole program and go on to those of the C
//! library. Only the thread of the target is recorded.
//! Source of the gate: `-sanitizer-coverage-gated-trace-callbacks` of LLVM's SanitizerCoverage.
#![expect(unsafe_code, reason = "the symbols that the compiler's pass calls, and their registers")]

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use shakedown_core::hints::{Comparison, MAX_SIDE, is_telling, is_telling_memory};
use shakedown_core::wire::Recorded;

use crate::process::room;

/// Most comparisons of integers of an execution.
const MAX_INTS: usize = 1024;

/// Most comparisons of memory of an execution.
const MAX_MEMORY: usize = 128;

/// Most comparisons of equal sides of an execution, of integers and of memory each.
const MAX_SAME: usize = 64;

/// Most comparisons at one place of the code: a loop must not leave no room for others.
const MAX_PER_SITE: u8 = 8;

/// Most cases of one `switch`.
const MAX_CASES: usize = 32;

/// Places of the code are told apart by this many bits of their address.
const SITE_BITS: u32 = 12;

/// The gate: each instrumented function reads it once and calls back if it is not 0. The
/// instrumentation defines it too, weakly.
#[unsafe(no_mangle)]
static __sancov_should_track: AtomicU64 = AtomicU64::new(0);

/// Whether `memcmp` and `bcmp` are recorded.
static IS_RECORDING: AtomicBool = AtomicBool::new(false);

/// The thread that is recorded.
static THREAD: AtomicUsize = AtomicUsize::new(0);

/// A comparison of memory, both sides cut.
#[derive(Clone, Copy)]
struct Memory {
    len: usize,
    sides: [[u8; MAX_SIDE]; 2],
}

/// What is recorded; of the recorded thread alone.
struct Record {
    ints: Vec<Comparison>,
    memory: Vec<Memory>,
    /// Equal sides: integers of a width, and memory.
    same_ints: Vec<(u8, u64)>,
    same_memory: Vec<Memory>,
    per_site: [u8; 1 << SITE_BITS],
    /// All comparisons so far, of which the others are a part.
    work: u64,
}

struct Recorder(UnsafeCell<Record>);

// SAFETY: only the thread in `THREAD` touches the record, and only it sets that.
unsafe impl Sync for Recorder {}

static RECORDER: Recorder = Recorder(UnsafeCell::new(Record {
    ints: Vec::new(),
    memory: Vec::new(),
    same_ints: Vec::new(),
    same_memory: Vec::new(),
    per_site: [0; 1 << SITE_BITS],
    work: 0,
}));

/// Makes ready for recording: nothing is allocated while the target runs.
pub(crate) fn prepare() {
    for (name, real) in [(c"memcmp", &REAL_MEMCMP), (c"bcmp", &REAL_BCMP)] {
        // SAFETY: the name is a C string, and the next definition is that of the C library.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
        if !found.is_null() {
            real.store(found, Ordering::Relaxed);
        }
    }
}

/// Records the comparisons of the calling thread from now on.
pub(crate) fn start() {
    THREAD.store(current_thread(), Ordering::Relaxed);
    // SAFETY: this is the thread that is recorded, and nothing is being recorded.
    let record = unsafe { &mut *RECORDER.0.get() };
    record.ints.clear();
    record.ints.reserve(MAX_INTS);
    record.memory.clear();
    record.memory.reserve(MAX_MEMORY);
    record.same_ints.clear();
    record.same_ints.reserve(MAX_SAME);
    record.same_memory.clear();
    record.same_memory.reserve(MAX_SAME);
    record.per_site.fill(0);
    record.work = 0;
    IS_RECORDING.store(true, Ordering::Relaxed);
    __sancov_should_track.store(1, Ordering::Relaxed);
}

/// Ends the recording; what was compared, in order.
pub(crate) fn stop() -> Recorded {
    __sancov_should_track.store(0, Ordering::Relaxed);
    if !IS_RECORDING.swap(false, Ordering::Relaxed) {
        return Recorded::default();
    }
    // SAFETY: this is the thread that was recorded, and nothing is being recorded any more.
    let record = unsafe { &mut *RECORDER.0.get() };
    // The target may hold all the memory that it could get.
    room::beyond_the_limit(|| record.take())
}

impl Record {
    /// All that was recorded, in order.
    fn take(&mut self) -> Recorded {
        let memory = self.memory.drain(..).map(|Memory { len, sides: [left, right] }| {
            Comparison::Memory { left: left[..len].into(), right: right[..len].into() }
        });
        let ints = self.same_ints.drain(..).map(|(width, value)| {
            Comparison::Same(value.to_le_bytes()[..usize::from(width)].into())
        });
        let same = self
            .same_memory
            .drain(..)
            .map(|Memory { len, sides: [bytes, _] }| Comparison::Same(bytes[..len].into()));
        let comparisons = self.ints.drain(..).chain(memory).chain(ints).chain(same).collect();
        Recorded { comparisons, work: self.work }
    }
}

/// Makes this all that was recorded, if something is being recorded; work adds up.
pub(crate) fn replace(recorded: Recorded) {
    if !IS_RECORDING.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: this is the thread that is recorded, and no instrumented code runs on it now.
    let record = unsafe { &mut *RECORDER.0.get() };
    record.memory.clear();
    record.same_ints.clear();
    record.same_memory.clear();
    record.ints.clear();
    record.ints.extend(recorded.comparisons);
    record.work += recorded.work;
    // What the engine itself compares from now on is not the target's.
    record.per_site.fill(MAX_PER_SITE);
}

fn current_thread() -> usize {
    // SAFETY: a call without preconditions.
    unsafe { libc::pthread_self() as usize }
}

/// The record, if the calling thread is to be recorded; counts a comparison.
fn record() -> Option<&'static mut Record> {
    let is_wanted =
        IS_RECORDING.load(Ordering::Relaxed) && THREAD.load(Ordering::Relaxed) == current_thread();
    if !is_wanted {
        return None;
    }
    // SAFETY: this is the thread that is recorded; no other reference of it is alive, for the
    // callbacks do not call instrumented code.
    let record = unsafe { &mut *RECORDER.0.get() };
    record.work += 1;
    Some(record)
}

impl Record {
    /// Whether this place of the code has room left; if so, one comparison less after this.
    fn has_room(&mut self, site: usize) -> bool {
        let slot = (site.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (usize::BITS - SITE_BITS)) as usize;
        let count = &mut self.per_site[slot];
        let has_room = *count < MAX_PER_SITE;
        *count += u8::from(has_room);
        has_room
    }
}

fn ints(site: usize, width: u8, is_const: bool, left: u64, right: u64) {
    let Some(record) = record() else { return };
    if left == right {
        if is_telling(width, is_const, left) && record.same_ints.len() < MAX_SAME {
            record.same_ints.push((width, left));
        }
    } else if record.has_room(site) && record.ints.len() < MAX_INTS {
        record.ints.push(Comparison::Ints { width, is_const, left, right });
    }
}

/// Defines what the callback of one width records.
macro_rules! recorders {
    ($($name:ident $const_name:ident $type:ty,)*) => {$(
        extern "C" fn $name(left: $type, right: $type, site: usize) {
            ints(site, size_of::<$type>() as u8, false, u64::from(left), u64::from(right));
        }
        extern "C" fn $const_name(left: $type, right: $type, site: usize) {
            ints(site, size_of::<$type>() as u8, true, u64::from(left), u64::from(right));
        }
    )*};
}

recorders! {
    cmp1 const_cmp1 u8,
    cmp2 const_cmp2 u16,
    cmp4 const_cmp4 u32,
    cmp8 const_cmp8 u64,
}

/// `cases` begins with their number and their width in bits.
extern "C" fn switch(value: u64, cases: *const u64, site: usize) {
    // SAFETY: the instrumentation passes a table of that form.
    let (count, bits) = unsafe { (*cases as usize, *cases.add(1)) };
    for index in 0..count.min(MAX_CASES) {
        // SAFETY: the table has that many cases.
        let case = unsafe { *cases.add(2 + index) };
        ints(site ^ index << 4, (bits / 8) as u8, true, case, value);
    }
}

/// Defines a callback of the instrumentation: it adds the place that it was called from.
macro_rules! callbacks {
    ($($name:ident => $recorder:ident,)*) => {$(
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        unsafe extern "C" fn $name() {
            std::arch::naked_asm!("mov rdx, [rsp]", "jmp {}", sym $recorder)
        }
    )*};
}

callbacks! {
    __sanitizer_cov_trace_cmp1 => cmp1,
    __sanitizer_cov_trace_cmp2 => cmp2,
    __sanitizer_cov_trace_cmp4 => cmp4,
    __sanitizer_cov_trace_cmp8 => cmp8,
    __sanitizer_cov_trace_const_cmp1 => const_cmp1,
    __sanitizer_cov_trace_const_cmp2 => const_cmp2,
    __sanitizer_cov_trace_const_cmp4 => const_cmp4,
    __sanitizer_cov_trace_const_cmp8 => const_cmp8,
    __sanitizer_cov_trace_switch => switch,
}

/// The `memcmp` and `bcmp` of the C library, once they are known.
static REAL_MEMCMP: AtomicPtr<c_void> = AtomicPtr::new(compare_slowly as *mut c_void);
static REAL_BCMP: AtomicPtr<c_void> = AtomicPtr::new(compare_slowly as *mut c_void);

type Memcmp = unsafe extern "C" fn(*const u8, *const u8, usize) -> c_int;

/// What compares until the C library's function is known. Volatile, or the compiler would see that
/// it is `memcmp` and call that.
unsafe extern "C" fn compare_slowly(left: *const u8, right: *const u8, len: usize) -> c_int {
    for at in 0..len {
        // SAFETY: the caller promises that many bytes on both sides.
        let (a, b) = unsafe { (left.add(at).read_volatile(), right.add(at).read_volatile()) };
        if a != b {
            return c_int::from(a) - c_int::from(b);
        }
    }
    0
}

extern "C" fn record_memcmp(left: *const u8, right: *const u8, len: usize, site: usize) -> c_int {
    // SAFETY: the pointer is that of a function of this type, and the caller's promises are its.
    let real: Memcmp = unsafe { std::mem::transmute(REAL_MEMCMP.load(Ordering::Relaxed)) };
    // SAFETY: as the caller promises.
    let result = unsafe { real(left, right, len) };
    let Some(record) = record() else { return result };
    let mut memory = Memory { len: len.min(MAX_SIDE), sides: [[0; MAX_SIDE]; 2] };
    if result == 0 {
        if len <= MAX_SIDE && record.same_memory.len() < MAX_SAME {
            // SAFETY: the caller promises that many bytes.
            unsafe { left.copy_to_nonoverlapping(memory.sides[0].as_mut_ptr(), len) };
            if is_telling_memory(&memory.sides[0][..len]) {
                record.same_memory.push(memory);
            }
        }
    } else if record.has_room(site) && record.memory.len() < MAX_MEMORY {
        // SAFETY: the caller promises at least that many bytes on both sides.
        unsafe {
            left.copy_to_nonoverlapping(memory.sides[0].as_mut_ptr(), memory.len);
            right.copy_to_nonoverlapping(memory.sides[1].as_mut_ptr(), memory.len);
        }
        if memory.sides[0] != memory.sides[1] {
            record.memory.push(memory);
        }
    }
    result
}

/// Defines a comparison of memory that goes straight on while nothing is recorded.
macro_rules! comparisons_of_memory {
    ($($name:ident $real:ident,)*) => {$(
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        unsafe extern "C" fn $name(_: *const u8, _: *const u8, _: usize) -> c_int {
            std::arch::naked_asm!(
                "cmp byte ptr [rip + {is_recording}], 0",
                "jne 2f",
                "jmp qword ptr [rip + {real}]",
                "2:",
                "mov rcx, [rsp]",
                "jmp {record}",
                is_recording = sym IS_RECORDING,
                real = sym $real,
                record = sym record_memcmp,
            )
        }
    )*};
}

comparisons_of_memory! {
    memcmp REAL_MEMCMP,
    bcmp REAL_BCMP,
}
