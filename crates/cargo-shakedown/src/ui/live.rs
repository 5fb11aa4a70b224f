//! The page of a campaign that runs, as a reporter: it hands each notice to the thread that keeps the
//! state, and waits for nothing.

use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::door::Door;
use super::watched::Watched;
use super::{Atlas, Shelf, server};
use crate::report::{Notice, Reporter};

/// How long the end of a campaign waits for browsers to take the last news.
const FAREWELL: Duration = Duration::from_millis(500);

/// A page that can be looked at while this is there.
#[derive(Debug)]
pub(crate) struct Ui {
    port: u16,
    url: String,
    notices: Option<Sender<(Notice, Duration)>>,
    started: Instant,
    watched: Arc<Watched>,
}

impl Ui {
    /// Serves the page on this port of this machine, any that is free if it is 0.
    ///
    /// # Errors
    /// If the port is taken.
    pub(crate) fn start(
        port: u16,
        shelves: Vec<Shelf>,
        atlases: Vec<Arc<Atlas>>,
    ) -> anyhow::Result<Self> {
        let watched = Arc::new(Watched::new(shelves, atlases));
        let token = token().context("cannot make a token for the page")?;
        let (server, port) = server::bind(port)?;
        let url = format!("http://127.0.0.1:{port}/#{token}");
        let door = Door::new(port, token);
        let served = watched.clone();
        thread(move || server::serve(&server, &Arc::new(door), &served))?;
        let (notices, arriving) = channel();
        let keeper = watched.clone();
        thread(move || keeper.keep(&arriving))?;
        Ok(Self { port, url, notices: Some(notices), started: Instant::now(), watched })
    }

    /// The port of this machine that the page is on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where the page is: whoever knows it may look.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Reporter for Ui {
    fn report(&mut self, notice: &Notice) {
        if let Some(notices) = &self.notices {
            // The keeper only ends after this one.
            let _ = notices.send((notice.clone(), self.started.elapsed()));
        }
    }
}

impl Drop for Ui {
    /// Lets browsers have the last news; who does not take them in time goes without.
    fn drop(&mut self) {
        drop(self.notices.take());
        self.watched.wait_for_listeners(FAREWELL);
    }
}

/// Starts a thread whose name, and that of those which it starts, says whose time it takes.
fn thread(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name("page".into()).spawn(work).map(drop)
}

/// 128 random bits, as digits.
fn token() -> std::io::Result<String> {
    let mut bits = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bits)?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_128_bits_and_never_the_same() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert!(one.len() == 32 && one != other, "{one} {other}");
    }
}
