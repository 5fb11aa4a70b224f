//! What a worker writes, what the coordinator reads, and garbage in between.

use super::*;

/// A header that a worker and a coordinator can both be given.
fn words() -> Box<[AtomicU64; WORDS]> {
    let mut words = Box::new([const { AtomicU64::new(0) }; WORDS]);
    write(&mut words, &PageCopy::before_call());
    words
}

fn write(words: &mut [AtomicU64; WORDS], bytes: &[u8]) {
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word.get_mut() = u64::from_ne_bytes(bytes.try_into().unwrap());
    }
}

fn copy(words: &[AtomicU64; WORDS]) -> PageCopy {
    let mut bytes = [0; SIZE];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
    }
    PageCopy::new(bytes)
}

#[test]
fn what_a_worker_leaves_is_what_the_coordinator_reads() {
    let words = words();
    let page = Page::new(&words);
    assert!(page.is_formatted() && page.fault() == 0);
    assert_eq!(copy(&words).record(), DeathRecord::default());
    assert_eq!(copy(&words).last_words().phase, Phase::Idle);
    page.begin(7, 33);
    page.set_rejected(3);
    page.set_repeated(2);
    page.set_process(99);
    page.begin_window(Some(WindowStart { execs: 4, rejected: 1, repeated: 2, rng: Rng::new(5) }));
    page.set_panic("src/lib.rs:1:2");
    (0..3).for_each(|index| page.set_frame(index, 10 + index as u64));
    page.set_fault(11, 0xdead, true, 3);
    let copied = copy(&words);
    let last = copied.last_words();
    assert_eq!((last.execs, last.rejected, last.repeated, last.input_len), (7, 3, 2, 33));
    let Rng { state, inc } = Rng::new(5);
    assert_eq!(last.window(), Some(Window { execs: 4, end: 6, rejected: 1, rng: (state, inc) }));
    assert_eq!(copied.process(), Some(99));
    let record = copied.record();
    assert_eq!((record.fault, record.address, record.is_elsewhere), (11, 0xdead, true));
    assert_eq!(record.frames, [10, 11, 12]);
    assert_eq!(record.panic.as_deref(), Some("src/lib.rs:1:2"));
    page.begin(8, 1);
    assert_eq!(copy(&words).record().panic, None, "it was in an execution before");
}

#[test]
fn a_call_begins_with_an_empty_record() {
    let mut words = words();
    let page = Page::new(&words);
    page.begin(7, 33);
    page.set_panic(&"x".repeat(2 * MAX_PANIC));
    page.set_fault(11, 1, true, 0);
    assert_eq!(copy(&words).record().panic.map(|text| text.len()), Some(MAX_PANIC));
    write(&mut words, &PageCopy::before_call());
    assert_eq!(copy(&words).record(), DeathRecord::default());
    assert_eq!(copy(&words).last_words().window(), None);
}

#[test]
fn phases_survive_the_trip() {
    let words = words();
    for phase in [Phase::Idle, Phase::Engine, Phase::Target] {
        Page::new(&words).set_phase(phase);
        assert_eq!(copy(&words).last_words().phase, phase);
        assert_eq!(Page::new(&words).is_in_target(), phase == Phase::Target);
    }
    assert_eq!(Phase::from_number(99), Phase::Engine);
}

#[test]
fn whatever_is_in_the_header_what_is_read_keeps_its_bounds() {
    let words = words();
    let mut rng = Rng::new(5);
    // Numbers that are nearly right, among those that are not.
    let near = [0, 1, 2, 5, 100, 101, MAX_FRAMES as u64 + 1, u64::MAX, u64::MAX - 3];
    let (mut frames, mut panics, mut windows) = (0, 0, 0);
    for _ in 0..if cfg!(miri) { 200 } else { 20_000 } {
        for word in &words[..CALL_END] {
            let value = if rng.one_in(8) { rng.u64() } else { near[rng.below(near.len())] };
            word.store(value.to_le(), Ordering::Relaxed);
        }
        words[PANIC.0].store(rng.u64() & 0x7f7f_7f7f_7f7f_7f7f, Ordering::Relaxed);
        words[PANIC.0 + 1].store(rng.u64(), Ordering::Relaxed);
        let copied = copy(&words);
        let within = copied.last_words().within(7);
        assert!(within.execs <= 7 && within.rejected <= within.execs);
        if let Some(window) = within.window() {
            assert!(window.execs < window.end && window.end <= within.execs);
            assert!(window.rejected <= window.execs);
            windows += 1;
        }
        let record = copied.record();
        assert!(record.frames.len() <= MAX_FRAMES);
        assert!(record.panic.as_ref().is_none_or(|text| text.len() <= MAX_PANIC));
        frames += usize::from(!record.frames.is_empty());
        panics += usize::from(record.panic.is_some());
    }
    let least = if cfg!(miri) { 0 } else { 100 };
    assert!(frames > least && panics > least && windows > least, "{frames} {panics} {windows}");
}

#[test]
fn of_a_window_all_has_come_to_its_end_but_the_last_unless_it_is_being_repeated() {
    let words = words();
    let end = |execs, window, repeated, repeated_before| {
        let fields = [EXECS, WINDOW, REPEATED, WINDOW_REPEATED];
        let values = [execs, window, repeated, repeated_before];
        fields.into_iter().zip(values).for_each(|(at, value)| Page::new(&words).set(at, value));
        copy(&words).last_words().window().map(|window| window.end)
    };
    assert_eq!(end(9, 4, 0, 0), Some(8));
    assert_eq!(end(5, 4, 0, 0), None, "its first execution");
    assert_eq!(end(9, 4, 3, 3), Some(8), "others were repeated");
    assert_eq!(end(9, 4, 4, 3), Some(9));
    assert_eq!(end(5, 4, 4, 3), Some(5));
    assert_eq!(end(9, NO_WINDOW, 0, 0), None, "there are no windows");
}
