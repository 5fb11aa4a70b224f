//! A worker that is always there: started when needed, replaced when it died.

mod verdict;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use shakedown_core::schema::{Schema, shape};
use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::page::LastWords;
use shakedown_core::wire::{Answer, Call, Outcome};

use super::answers::{check, max_execs};
use super::chatter::{self, Chatter};
use super::control::Control;
use super::ended::{Done, Ended, How};
use super::error::{CallError, StartError};
use super::growth::Growth;
use super::memory::{CallInputs, CoverageMap, Memory};
use super::process::Worker;
use super::recent::RecentRuns;
use super::setup::Setup;
use super::start::start_again;
use super::tables::{Known, Tables};
use super::watch::Watch;
use crate::campaign::{Damage, Past, Ran};
use crate::postmortem::autopsy::Autopsy;
use crate::postmortem::blame::describe;

/// Longest execution of a minimization that is to tell what it has come to.
const MINIMIZE_PATIENCE: Duration = Duration::from_secs(1);

/// Longest first execution of a process that is being warmed up, if executions are to be shorter.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(10);

/// What all workers of a target share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// How they are started.
    pub setup: Arc<Setup>,
    /// The shape of inputs.
    pub schema: Arc<Schema>,
    /// Number of coverage counters of the program.
    pub counters: usize,
    /// What of them was seen.
    pub map: Arc<CoverageMap>,
    /// What visits refer to by number.
    pub tables: Arc<Tables>,
    /// What the coordinator wants.
    pub control: Arc<Control>,
    /// Whether a process needs longer than an execution may take to set up what it needs once.
    pub starts_slowly: Arc<AtomicBool>,
}

impl Shared {
    /// Of workers that have seen and learned nothing yet.
    ///
    /// # Errors
    /// If the system has no more files or memory.
    pub fn new(setup: Arc<Setup>, schema: Arc<Schema>, counters: usize) -> io::Result<Self> {
        let map = Arc::new(CoverageMap::new(counters)?);
        let (tables, control, starts_slowly) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { setup, schema, counters, map, tables, control, starts_slowly })
    }
}

/// A worker process and its memory, for one supervisor.
pub struct Session {
    shared: Shared,
    /// See [`Self::set_droppable`].
    droppable: bool,
    /// Whether what is being executed may take as long as a first use.
    is_warming_up: bool,
    memory: Memory,
    layout: Layout,
    worker: Option<Worker>,
    growth: Growth,
    /// Bytes that an execution seems to leave behind, once that was noticed.
    leak: Option<u64>,
    outgrown: bool,
    chatter: Chatter,
    /// Whether the target was seen to write too often.
    is_chatty: bool,
    /// A process that did not end although it was killed.
    stuck: Option<u32>,
    /// What the last process has run.
    recent: RecentRuns,
    /// How much of the tables the process has.
    known: Known,
    /// See [`Self::repeated`].
    repeated: u64,
    autopsy: Autopsy,
}

impl Session {
    /// A session without a process yet.
    ///
    /// # Errors
    /// If the system has no more files or memory.
    pub fn new(shared: Shared) -> io::Result<Self> {
        let Setup { program, capacity, .. } = &*shared.setup;
        let layout = Layout { capacity: *capacity, counters: shared.counters };
        let mut memory = Memory::new()?;
        memory.format(layout)?;
        let autopsy = Autopsy::new(&program.path, &program.workspace_root);
        Ok(Self {
            shared,
            droppable: false,
            is_warming_up: false,
            memory,
            layout,
            worker: None,
            growth: Growth::from(0),
            leak: None,
            outgrown: false,
            chatter: Chatter::default(),
            is_chatty: false,
            stuck: None,
            recent: RecentRuns::default(),
            known: Known::default(),
            repeated: 0,
            autopsy,
        })
    }

    /// What the coordinator wants.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.shared.control
    }

    /// The same, to look at while the session is busy.
    #[must_use]
    pub(crate) fn shared_control(&self) -> Arc<Control> {
        self.shared.control.clone()
    }

    /// Says whether calls from now on are of no use to a coordinator that wants to wrap up. Then they are
    /// dropped; a minimization, which soon tells what it has come to, only if it hangs. Returns what was
    /// said before.
    pub fn set_droppable(&mut self, droppable: bool) -> bool {
        std::mem::replace(&mut self.droppable, droppable)
    }

    /// Whether calls are dropped because the coordinator wants it so.
    #[must_use]
    pub fn is_dropping(&self) -> bool {
        self.shared.control.is_aborted() || self.droppable && self.shared.control.is_hurried()
    }

    /// Most bytes of an encoded input.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.layout.capacity
    }

    /// Most bytes of all entries that one call can have, and of all donors.
    #[must_use]
    pub fn room(&self) -> usize {
        self.layout.room()
    }

    /// The memory of the process.
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The shape of inputs.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.shared.schema
    }

    /// Ends the process, if there is one; the next call starts another.
    pub fn restart(&mut self) {
        self.worker = None;
    }

    /// Ends the process politely.
    pub fn stop(&mut self, log: &mut dyn FnMut(&str)) {
        if let Some(worker) = self.worker.take() {
            worker.stop(log);
        }
    }

    /// Makes sure that there is a process, in which an execution takes as long as it does later.
    ///
    /// # Errors
    /// If there cannot be one.
    pub fn ready(&mut self) -> Result<(), StartError> {
        if self.worker.is_some() {
            return Ok(());
        }
        self.start()?;
        if self.shared.starts_slowly.load(Ordering::Relaxed) && !self.is_warming_up {
            self.warm_up();
        }
        // The first execution may have been the end of it.
        if self.worker.is_some() { Ok(()) } else { self.start() }
    }

    /// Runs the simplest input, and gives it time for what a process sets up when that is first used: a
    /// table, a connection, a runtime. If that takes longer than an execution may, all processes of
    /// the target are warmed up from now on.
    pub fn warm_up(&mut self) -> Done<Outcome> {
        let input = self.schema().simplest_input();
        let begun = Instant::now();
        self.is_warming_up = true;
        let done = self.execute(&input).map(|(executed, _)| executed.outcome);
        self.is_warming_up = false;
        let is_slow = begun.elapsed() > self.shared.setup.limits.timeout();
        if is_slow && matches!(done, Done::Answered(_)) {
            self.shared.starts_slowly.store(true, Ordering::Relaxed);
        }
        done
    }

    /// Starts a process.
    fn start(&mut self) -> Result<(), StartError> {
        let control = self.shared.control.clone();
        let worker = start_again(&control, || {
            self.memory.format(self.layout)?;
            let (worker, greeting) =
                Worker::start(&self.shared.setup, &self.memory, self.shared.map.file(), &control)?;
            let is_same = greeting.counters == self.layout.counters as u64;
            if !is_same || greeting.schema != *self.shared.schema {
                return Err(StartError::new(
                    "the test binary has changed during the campaign: start it again",
                ));
            }
            worker.attach(&self.shared.setup, self.layout, &self.memory, &control)
        })?;
        self.autopsy.admit(worker.mapped(&self.shared.setup));
        self.growth = Growth::from(worker.resident().unwrap_or(0));
        self.chatter = Chatter::default();
        self.worker = Some(worker);
        self.recent = RecentRuns::default();
        self.known = Known::default();
        Ok(())
    }

    /// Bytes that each execution seems to leave behind, if a worker had to be replaced because of
    /// that since this was last asked.
    pub fn take_leak(&mut self) -> Option<u64> {
        self.leak.take()
    }

    /// Whether a worker had to be replaced because it grew, since this was last asked.
    pub fn take_outgrown(&mut self) -> bool {
        std::mem::take(&mut self.outgrown)
    }

    /// Whether the target was seen to write in most of its executions, since this was last asked.
    pub fn take_chatty(&mut self) -> bool {
        std::mem::take(&mut self.is_chatty)
    }

    /// A process that did not end although it was killed, and was left behind, since this was last
    /// asked.
    pub fn take_stuck(&mut self) -> Option<u32> {
        self.stuck.take()
    }

    /// Whether the process is there that served the last call.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.worker.is_some()
    }

    /// Notes what the process has run, and may have died of.
    pub fn remember(&mut self, ran: Ran) {
        // Where every input has a process of its own, none depends on another.
        if self.shared.setup.limits.isolate {
            return;
        }
        self.recent.push(ran);
    }

    /// What was noted since the process was started that served the last call.
    #[must_use]
    pub fn past(&self) -> Past {
        self.recent.past()
    }

    /// Executions of the last call that count apart from those that the worker answered for.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Has the worker learn what it lacks of the tables, before visits refer to it. How it ended, if
    /// it did.
    pub(super) fn teach(&mut self) -> Option<Ended> {
        self.ready().ok()?;
        let learn = self.shared.tables.beyond(self.known)?;
        let Known { tokens, weights } = self.known;
        let known =
            Known { tokens: tokens + learn.tokens.len(), weights: weights + learn.weights.len() };
        match self.call(&Call::Learn(learn), &CallInputs::default(), |_, _| Ok(())) {
            Done::Answered(()) => {
                self.known = known;
                None
            }
            Done::Ended(ended) => Some(ended),
        }
    }

    /// Makes a call with these inputs in the memory, and reads its answer.
    pub(super) fn call<T>(
        &mut self,
        call: &Call,
        inputs: &CallInputs<'_>,
        read: impl FnOnce(&Self, Answer) -> Result<T, String>,
    ) -> Done<T> {
        self.repeated = 0;
        let mut worker = match self.prepared(inputs) {
            Ok(worker) => worker,
            Err(how) => return Done::Ended(Ended::new(*how, None)),
        };
        let result = worker.call(call, &self.watch(call));
        let how = match result {
            Ok(mut answer) => {
                let failures = answer.failures_mut();
                failures.into_iter().for_each(|failure| self.autopsy.name_caller(failure));
                let checked = self.checked(call, &answer, &inputs.entries);
                match checked.and_then(|words| Ok((words, read(self, answer)?))) {
                    Ok((words, value)) => {
                        self.note(&words.within(max_execs(call)));
                        self.is_chatty |= self.chatter.is_too_much(|| chatter::writes(worker.id()));
                        self.worker = self.unless_it_grew(worker);
                        return Done::Answered(value);
                    }
                    Err(reason) => {
                        let (_, stderr) = self.put_down(worker);
                        self.damaged(reason, &stderr, self.words(call))
                    }
                }
            }
            Err(error) => self.cause(worker, error),
        };
        // What the header says once the worker is gone; nothing changes it then.
        let words = self.words(call);
        self.repeated = words.map_or(0, |words| words.repeated);
        Done::Ended(Ended::new(how, words))
    }

    /// A worker whose memory is prepared for a call.
    fn prepared(&mut self, inputs: &CallInputs<'_>) -> Result<Worker, Box<How>> {
        let ready = self.ready().map_err(|error| error.to_string());
        let prepared = ready.and_then(|()| {
            self.memory.prepare(inputs).map_err(|error| format!("shared memory: {error}"))
        });
        let worker = prepared.and_then(|()| self.worker.take().ok_or_else(|| "no worker".into()));
        // A worker that does not start any more because the campaign ends is not an error.
        worker.map_err(|reason| match self.shared.control.is_aborted() {
            true => Box::new(How::Lost(CallError::Aborted.to_string())),
            false => Box::new(How::Broken(reason)),
        })
    }

    /// How a call is looked after.
    fn watch(&self, call: &Call) -> Watch<'_> {
        Watch {
            memory: &self.memory,
            control: &self.shared.control,
            timeout: self.longest_execution(),
            memory_limit: self.shared.setup.memory_limits().resident,
            patience: self.droppable.then_some(match call {
                Call::Minimize(_) => MINIMIZE_PATIENCE,
                _ => Duration::ZERO,
            }),
        }
    }

    /// Longest execution now.
    fn longest_execution(&self) -> Duration {
        let timeout = self.shared.setup.limits.timeout();
        if self.is_warming_up { timeout.max(WARM_UP_TIMEOUT) } else { timeout }
    }

    /// What the header says of a call, as far as that can be.
    fn words(&self, call: &Call) -> Option<LastWords> {
        self.memory.last_words().ok().map(|words| words.within(max_execs(call)))
    }

    /// Counts the executions of a call that was answered.
    fn note(&mut self, words: &LastWords) {
        self.repeated = words.repeated;
        self.growth.count(words.execs);
        self.chatter.count(words.execs);
    }

    /// Checks that the answer can be one to the call, and that the target did not write to the
    /// entries. Returns what the header says.
    fn checked(
        &self,
        call: &Call,
        answer: &Answer,
        entries: &[&[u8]],
    ) -> Result<LastWords, String> {
        let memory = |error| format!("shared memory: {error}");
        let words = self.memory.last_words().map_err(memory)?;
        check(call, answer, &words, &self.shared.schema)?;
        match self.memory.entries_are(entries).map_err(memory)? {
            true => Ok(words),
            false => {
                Err("the entry in its shared memory, which is only to be read, has changed".into())
            }
        }
    }

    /// The worker, unless it has come near its limit from call to call: then it ends before an
    /// execution is blamed for what all before it have left behind.
    fn unless_it_grew(&mut self, worker: Worker) -> Option<Worker> {
        let Some(limit) = self.shared.setup.limits.memory else { return Some(worker) };
        let resident = || worker.resident().unwrap_or(0);
        let Some(outgrown) = self.growth.look(limit, resident) else { return Some(worker) };
        self.outgrown = true;
        self.leak = outgrown.leak.or(self.leak);
        None
    }

    /// What becomes of a worker that cannot be trusted: what is wrong, and with which input.
    fn damaged(&self, reason: String, stderr: &str, words: Option<LastWords>) -> How {
        let input = words.filter(|words| words.execs > 0).and_then(|words| {
            self.memory.input(words.input_len).ok().filter(|input| self.is_input(input))
        });
        How::Damaged(Damage { reason: describe(&reason, stderr), input: input.map(Into::into) })
    }

    fn is_input(&self, bytes: &[u8]) -> bool {
        shape::check(&self.shared.schema, bytes).is_ok()
    }
}
