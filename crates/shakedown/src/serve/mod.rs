//! Serving the coordinator: its calls for one target, one at a time and in order, until the pipe of
//! calls is closed.
//!
//! Everything the coordinator needs after a sudden death is in the header of the shared memory
//! before the target runs. An error in here is an internal one and says so ([`Answer::Internal`]);
//! it is never taken for a failure of the target.

mod batch;
mod clock;
mod minimize;
mod runner;
mod trial;
mod worker;

use std::fs::File;
use std::io::{self, Read, Write};

use shakedown_core::schema::shape;
use shakedown_core::wire::{Answer, Call, End, Greeting, Message, Outcome, PROTOCOL, body_len};
use shakedown_core::{INTERNAL_ERROR_STATUS, testdata};

use crate::coverage::program_counters;
use crate::panics;
use crate::process::spawned::Descriptors;
use crate::process::{fault, room, spawned};
use crate::target::Target;
use worker::Worker;

/// Serves `target` until there are no more calls, then ends the process.
pub(crate) fn serve(target: &Target, descriptors: &str) -> ! {
    let status = match spawned::show_output().and_then(|()| Descriptors::open(descriptors)) {
        Ok(descriptors) => match serve_calls(target, descriptors) {
            Ok(()) => 0,
            Err(error) => fail(&error),
        },
        Err(error) => fail(&error),
    };
    std::process::exit(status)
}

fn fail(error: &io::Error) -> i32 {
    eprintln!("shakedown: the worker cannot go on: {error}");
    INTERNAL_ERROR_STATUS
}

fn serve_calls(target: &Target, descriptors: Descriptors) -> io::Result<()> {
    let Descriptors { mut calls, mut answers, memory, map } = descriptors;
    // Closed as soon as they are mapped: what the target does to descriptors must not reach them.
    let mut shared = Some((memory, map));
    panics::enter_thread();
    fault::install();
    fault::install_query();
    fault::widen_stack();
    let mut attached = None;
    while let Some(call) = read_call(calls.file()?)? {
        let answer = match (call, &mut attached) {
            (Call::Hello(_), _) => greet(target),
            (Call::Attach(attach), _) => match shared.take() {
                Some((memory, map)) => {
                    Worker::attach(target, &attach, &memory, &map).map(|worker| {
                        attached = Some(worker);
                        Answer::Done
                    })
                }
                None => Err("a second attachment".into()),
            },
            (Call::Ping, _) => Ok(Answer::Done),
            (call, Some(worker)) => worker.serve(call),
            (_, None) => Err("a call before the memory was attached".into()),
        };
        let answer = answer.unwrap_or_else(Answer::Internal);
        // A target that has failed may hold all the memory that it could get.
        let frame = match tells_of_failure(&answer) {
            true => room::beyond_the_limit(|| answer.to_frame()),
            false => answer.to_frame(),
        };
        answers.file()?.write_all(&frame)?;
    }
    Ok(())
}

fn tells_of_failure(answer: &Answer) -> bool {
    match answer {
        Answer::Executed(executed) => matches!(executed.outcome, Outcome::Failed(_)),
        Answer::Fuzzed(fuzzed) => matches!(fuzzed.end, End::Failed(_)) || fuzzed.late.is_some(),
        Answer::Minimized(minimized) => minimized.failure.is_some() || !minimized.others.is_empty(),
        Answer::Hello(_) | Answer::Done | Answer::Internal(_) => false,
    }
}

/// The next call; nothing at the end of the stream.
fn read_call(calls: &mut File) -> io::Result<Option<Call>> {
    spawned::await_briefly(calls);
    let mut start = [0; 4];
    let read = loop {
        match calls.read(&mut start) {
            // A signal that the target has a handler for.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    match read {
        0 => return Ok(None),
        n => calls.read_exact(&mut start[n..])?,
    }
    let mut body = vec![0; body_len(start).map_err(io::Error::other)?];
    calls.read_exact(&mut body)?;
    Call::from_body(&body).map(Some).map_err(io::Error::other)
}

fn greet(target: &Target) -> Result<Answer, String> {
    let schema = (target.schema)().map_err(|error| format!("the argument types: {error}"))?;
    let seeds = (target.seeds)();
    for (index, seed) in seeds.iter().enumerate() {
        shape::check(&schema, seed)
            .map_err(|error| format!("{}: {error}", testdata::seed_name(index)))?;
    }
    Ok(Answer::Hello(Box::new(Greeting {
        protocol: PROTOCOL,
        version: env!("CARGO_PKG_VERSION").into(),
        target: target.id().into(),
        callee: target.callee(),
        schema,
        counters: program_counters().of_program() as u64,
        seeds,
        max_len: target.max_len.map(|len| len as u64),
        timeout_ms: target.timeout.map(|timeout| timeout.as_millis() as u64),
    })))
}
