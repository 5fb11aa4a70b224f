//! What inputs reach, one after the other: which of them are needed.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::bail;
use shakedown_core::schema::Schema;
use shakedown_core::wire::{Greeting, Outcome};

use crate::worker::{Done, Ended, How, Session, Setup, Shared};

/// A worker, and what the inputs that it has run have reached.
pub(super) struct Reach {
    setup: Setup,
    schema: Arc<Schema>,
    counters: usize,
    session: Session,
    /// Everything that was reached.
    reached: HashSet<u32>,
}

/// What an input has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// Something that no input before it has reached.
    New,
    /// Nothing new.
    Known,
    /// It failed, so what it reaches is not known.
    Failed,
}

impl Reach {
    /// A worker that has run nothing yet.
    ///
    /// # Errors
    /// If it does not start, or nothing would tell what inputs reach.
    pub(super) fn start(setup: Setup, greeting: &Greeting) -> anyhow::Result<Self> {
        let (schema, counters) = (Arc::new(greeting.schema.clone()), greeting.counters as usize);
        if counters == 0 {
            bail!("nothing tells what entries reach, for the program is not instrumented");
        }
        let session = session(&setup, &schema, counters)?;
        Ok(Self { setup, schema, counters, session, reached: HashSet::new() })
    }

    /// Runs an input.
    ///
    /// # Errors
    /// If the worker is lost or damaged.
    pub(super) fn run(&mut self, input: &[u8]) -> anyhow::Result<Reached> {
        if input.len() > self.setup.capacity {
            // Twice as much each time, so that it rarely happens.
            self.setup.capacity = input.len().next_power_of_two();
            self.session.stop(&mut |_| {});
            self.session = session(&self.setup, &self.schema, self.counters)?;
        }
        match self.session.execute(input) {
            Done::Answered((executed, features)) => {
                let before = self.reached.len();
                self.reached.extend(features);
                Ok(match executed.outcome {
                    Outcome::Failed(_) => Reached::Failed,
                    _ if self.reached.len() > before => Reached::New,
                    _ => Reached::Known,
                })
            }
            Done::Ended(Ended { how: How::Target(..) | How::Unclear(..), .. }) => {
                Ok(Reached::Failed)
            }
            Done::Ended(Ended { how: How::Lost(reason) | How::Broken(reason), .. }) => {
                bail!(reason)
            }
            Done::Ended(Ended { how: How::Damaged(damage), .. }) => bail!(damage.reason),
        }
    }

    /// Ends the worker; how many features were reached.
    pub(super) fn stop(mut self) -> usize {
        self.session.stop(&mut |_| {});
        self.reached.len()
    }
}

fn session(setup: &Setup, schema: &Arc<Schema>, counters: usize) -> anyhow::Result<Session> {
    let shared = Shared::new(Arc::new(setup.clone()), schema.clone(), counters)?;
    Ok(Session::new(shared)?)
}
