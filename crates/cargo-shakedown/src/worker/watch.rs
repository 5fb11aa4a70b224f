//! Looking after a call in progress: whether there is an answer, whether the worker makes progress,
//! and whether the coordinator still wants it.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use shakedown_core::wire::page::Phase;

use super::control::Control;
use super::error::CallError;
use super::memory::Memory;
use super::pipes::Exchange;

/// How long the answer to a short call is awaited without going to sleep.
const SPIN_TIME: Duration = Duration::from_micros(20);

/// How long a worker may take to answer the handshake.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the engine may take outside the target, unless the target may take longer.
const ENGINE_TIMEOUT: Duration = Duration::from_secs(10);

/// The part of its timeout, in percent, after which an execution is worth a word.
const LONG_PERCENT: u32 = 80;

/// Shorter timeouts are over before anybody has read that.
const MIN_LONG_TIMEOUT: Duration = Duration::from_secs(1);

/// How many timeouts an execution may take that is about to reach the limit of memory: then that is
/// what is wrong with it.
const MAX_STRETCH: u32 = 10;

/// The same for short timeouts: the system needs time to hand out memory, however short they are.
const MIN_STRETCH: Duration = Duration::from_secs(30);

/// How long ago such an execution may have grown last: on a busy machine it has to wait, too.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// What a call is made with, and looked after by.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// The memory of the worker.
    pub memory: &'a Memory,
    /// What the coordinator wants.
    pub control: &'a Control,
    /// Longest execution.
    pub timeout: Duration,
    /// Most resident memory, in bytes.
    pub memory_limit: Option<u64>,
    /// Longest execution once the coordinator wants to wrap up, if the answer is not worth more.
    pub patience: Option<Duration>,
}

impl<'a> Watch<'a> {
    /// Over a worker that starts.
    pub(super) fn of_start(memory: &'a Memory, control: &'a Control) -> Self {
        Self { memory, control, timeout: START_TIMEOUT, memory_limit: None, patience: None }
    }
}

/// How long a worker has been silent. Time in which the coordinator did not look does not count:
/// where it was stopped or starved, the worker was too.
#[derive(Debug)]
pub(super) struct Silence {
    execs: u64,
    time: Duration,
    pub(super) looked: Instant,
    growth: Option<Growth>,
}

/// How the process has grown since the execution began that is silent.
#[derive(Debug)]
struct Growth {
    /// Resident memory then, in bytes.
    before: u64,
    /// The most since.
    most: u64,
    /// How long the execution had been silent when it was that.
    grew: Duration,
}

impl Growth {
    /// Takes in how much there is now, after this time.
    fn look(&mut self, used: u64, time: Duration) {
        if used > self.most {
            (self.most, self.grew) = (used, time);
        }
    }

    /// Whether it still grows, and at its pace so far reaches `limit` before `end`.
    fn will_reach(&self, limit: u64, time: Duration, end: Duration) -> bool {
        let grown = u128::from(self.most - self.before);
        let missing = u128::from(limit.saturating_sub(self.most));
        time - self.grew <= MAX_PAUSE
            && missing * time.as_millis() <= grown * end.saturating_sub(time).as_millis()
    }
}

impl Silence {
    pub(super) fn begin() -> Self {
        Self { execs: 0, time: Duration::ZERO, looked: Instant::now(), growth: None }
    }

    /// The silence by now, given how many executions have begun.
    fn look(&mut self, execs: u64, tick: Duration) -> Duration {
        self.time += self.looked.elapsed().min(tick * 4);
        self.looked = Instant::now();
        if execs > self.execs {
            (self.execs, self.time, self.growth) = (execs, Duration::ZERO, None);
        }
        self.time
    }

    /// Takes in how much memory the process has.
    fn weigh(&mut self, used: u64) {
        let begin = || Growth { before: used, most: used, grew: self.time };
        self.growth.get_or_insert_with(begin).look(used, self.time);
    }

    /// Whether the execution that is silent deserves more than its timeout, because it is about to
    /// reach this limit of memory.
    fn is_stretched(&self, timeout: Duration, memory: u64) -> bool {
        let end = (timeout * MAX_STRETCH).max(MIN_STRETCH);
        self.growth.as_ref().is_some_and(|growth| growth.will_reach(memory, self.time, end))
    }
}

/// What there is to do about a call.
pub(super) struct Woken {
    /// There is an answer to read, or the end of all answers.
    pub(super) answers: bool,
    /// The process has ended.
    pub(super) ended: bool,
}

/// The answer, if it comes soon. Waking up a thread on a processor that has gone to sleep takes longer
/// than a short call.
pub(super) fn await_briefly(exchange: &mut Exchange<'_>) -> Result<Option<Vec<u8>>, CallError> {
    let begun = Instant::now();
    while begun.elapsed() < SPIN_TIME {
        if let Some(body) = exchange.receive()? {
            return Ok(Some(body));
        }
        // The worker may need this processor.
        std::thread::yield_now();
    }
    Ok(None)
}

/// Waits until the pipes have room or something to read, the process ends, or the tick is over.
pub(super) fn wait(
    exchange: &Exchange<'_>,
    end: &OwnedFd,
    tick: Duration,
) -> Result<Woken, CallError> {
    let mut fds = vec![
        PollFd::from_borrowed_fd(exchange.answers(), PollFlags::IN),
        PollFd::new(end, PollFlags::IN),
    ];
    fds.extend(exchange.unsent().map(|calls| PollFd::from_borrowed_fd(calls, PollFlags::OUT)));
    let tick = Timespec::try_from(tick).ok();
    match poll(&mut fds, tick.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => {
            return Err(CallError::Garbled(format!("its pipes cannot be watched: {error}")));
        }
    }
    Ok(Woken { answers: !fds[0].revents().is_empty(), ended: !fds[1].revents().is_empty() })
}

/// Whether an execution is worth a word that has run for this time.
fn is_long(time: Duration, timeout: Duration) -> bool {
    timeout >= MIN_LONG_TIMEOUT && time >= timeout * LONG_PERCENT / 100
}

/// Looks after a call in progress that allows `most` executions.
pub(super) fn look(
    watch: &Watch<'_>,
    silence: &mut Silence,
    most: u64,
    tick: Duration,
    used: impl FnOnce() -> u64,
) -> Result<(), CallError> {
    if watch.control.is_aborted() {
        return Err(CallError::Aborted);
    }
    // Before the handshake the memory is empty.
    let words = watch.memory.last_words().ok();
    let execs = words.map_or(0, |words| words.execs);
    if execs > most {
        let reason = format!("its memory claims {execs} executions of at most {most}");
        return Err(CallError::Garbled(reason));
    }
    let is_in_target = words.is_some_and(|words| words.phase == Phase::Target);
    let limit = match is_in_target {
        true => watch.timeout,
        // What the engine does between executions is not the target's to answer for.
        false => watch.timeout.max(ENGINE_TIMEOUT),
    };
    let begun = words.map_or(0, |words| words.begun());
    let time = silence.look(begun, tick);
    if let Some(patience) = watch.patience
        && watch.control.is_hurried()
    {
        if time > patience {
            return Err(CallError::Aborted);
        }
        // Where it does not arrive, the call is aborted a little later.
        let _ = watch.memory.ask_to_stop();
    }
    if is_in_target && is_long(time, limit) {
        watch.control.note_long(time);
    }
    let mut is_stretched = false;
    if let Some(memory) = watch.memory_limit {
        let used = used();
        if used > memory {
            return Err(CallError::TooBig(used));
        }
        silence.weigh(used);
        is_stretched = is_in_target && silence.is_stretched(watch.timeout, memory);
    }
    match time > limit && !is_stretched {
        true => Err(CallError::Hung(limit)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_ends_with_progress_and_is_only_what_was_listened_to() {
        let tick = Duration::from_millis(10);
        let mut silence = Silence::begin();
        let long = Duration::from_secs(1);
        let mut look = |execs| {
            silence.looked =
                silence.looked.checked_sub(long).expect("the machine has run for long");
            silence.look(execs, tick)
        };
        assert_eq!(look(0), tick * 4, "starved for long, which counts as little");
        assert_eq!(look(0), tick * 8);
        assert_eq!(look(3), Duration::ZERO);
        assert_eq!(look(3), tick * 4);
        assert_eq!(look(2), tick * 8, "a count that goes back is not progress");
    }

    #[test]
    fn what_is_about_to_fill_its_memory_gets_more_time_but_not_for_ever() {
        let ms = Duration::from_millis;
        let growth = |most, grew| Growth { before: 100, most, grew: ms(grew) };
        let will_reach = |growth: Growth, time| growth.will_reach(1000, ms(time), ms(3000));
        assert!(will_reach(growth(400, 300), 300), "a third in a tenth of the time");
        assert!(!will_reach(growth(130, 300), 300), "too slow");
        assert!(!will_reach(growth(900, 300), 1400), "it has stopped");
        assert!(!will_reach(growth(900, 3000), 3000), "the end");
        let mut silence = Silence::begin();
        for used in [5, 9, 7] {
            silence.weigh(used);
        }
        assert!(silence.growth.is_some_and(|growth| (growth.before, growth.most) == (5, 9)));
    }
}
