//! HTTP for the page, to browsers of this machine. Every connection that asks has a thread of its own,
//! of which there are few, so a browser that does not read stops nobody else.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use serde_json::Value;
use tiny_http::{Header, Request, Response, Server};

use super::door::{Asked, Door, Wanted};
use super::watched::{Listener, News, Watched};
use super::{Shelf, metrics, page};

/// Entries that are given at a time.
const PORTION: usize = 100;

/// Most requests at a time.
const MAX_REQUESTS: usize = 32;

/// Most browsers that are told what happens.
const MAX_LISTENERS: usize = 8;

/// Least time between two pieces of news for a browser.
const PACE: Duration = Duration::from_millis(250);

/// After this time without news a browser is asked whether it is still there.
const PING: Duration = Duration::from_secs(15);

/// What every answer says besides what it is.
const HEADERS: [(&str, &str); 5] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

/// What an answer has, if it is not a stream.
struct Answer {
    status: u16,
    kind: &'static str,
    body: String,
}

/// Listens on a port of this machine; which, if any will do.
///
/// # Errors
/// If that is not possible.
pub(super) fn bind(port: u16) -> anyhow::Result<(Server, u16)> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| {
        anyhow!(
            "cannot serve the page on port {port}: {error}; another one can be given as --ui=PORT, or --port PORT of serve"
        )
    })?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    Ok((server, port))
}

/// Answers requests, for as long as the process lives.
pub(super) fn serve(server: &Server, door: &Arc<Door>, watched: &Arc<Watched>) {
    let room = Arc::new(Room::default());
    // Even to be dropped, a request waits for the answers before it on its connection.
    let (bin, dropped) = channel::<Request>();
    std::thread::spawn(move || dropped.into_iter().for_each(drop));
    for request in server.incoming_requests() {
        match Room::enter(&room, request) {
            Entered::Seated(request, mut seat) => {
                let (door, watched) = (door.clone(), watched.clone());
                std::thread::spawn(move || {
                    let mut next = Some(request);
                    while let Some(request) = next {
                        answer(request, &door, &watched);
                        next = seat.next();
                    }
                });
            }
            Entered::Waits => {}
            Entered::Refused(request) => drop(bin.send(request)),
        }
    }
}

/// The connections that are being answered, each with the request that waits for its turn: who has the
/// end of an answer asks again before the thread that gave it knows that it is done.
#[derive(Default)]
struct Room(Mutex<HashMap<SocketAddr, Option<Request>>>);

/// What becomes of a request.
enum Entered {
    /// It is to be answered now.
    Seated(Request, Seat),
    /// It comes after the one before it.
    Waits,
    /// There are too many.
    Refused(Request),
}

impl Room {
    fn enter(room: &Arc<Self>, request: Request) -> Entered {
        let Some(address) = request.remote_addr().copied() else {
            return Entered::Refused(request);
        };
        let mut busy = room.lock();
        let is_full = busy.len() >= MAX_REQUESTS;
        match busy.get_mut(&address) {
            Some(Some(_)) => Entered::Refused(request),
            Some(waiting) => {
                *waiting = Some(request);
                Entered::Waits
            }
            None if is_full => Entered::Refused(request),
            None => {
                busy.insert(address, None);
                Entered::Seated(request, Seat { room: room.clone(), address, is_left: false })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SocketAddr, Option<Request>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to be answered, which a connection has once at a time.
struct Seat {
    room: Arc<Room>,
    address: SocketAddr,
    /// Whether somebody else may have it by now.
    is_left: bool,
}

impl Seat {
    /// The request that waits; if there is none, the connection is not being answered any more.
    fn next(&mut self) -> Option<Request> {
        let mut busy = self.room.lock();
        let waiting = busy.get_mut(&self.address)?.take();
        if waiting.is_none() {
            busy.remove(&self.address);
            self.is_left = true;
        }
        waiting
    }
}

impl Drop for Seat {
    /// After a panic the seat is free, too.
    fn drop(&mut self) {
        if !self.is_left {
            let waiting = self.room.lock().remove(&self.address);
            drop(waiting);
        }
    }
}

fn answer(request: Request, door: &Door, watched: &Arc<Watched>) {
    let ok = |kind, body| Answer { status: 200, kind, body };
    let json = |value| ok("application/json", page::text(value));
    let of_target = |value: Option<Value>| match value {
        Some(value) => json(value),
        None => refused((404, "there is no such target")),
    };
    let answer = match door.admit(&asked(&request)) {
        Ok(Wanted::Page) => ok("text/html; charset=utf-8", page::LIVE.0.clone()),
        Ok(Wanted::State { since }) => json(watched.read(|state| state.since(since))),
        Ok(Wanted::Metrics) => ok("text/plain; version=0.0.4", watched.read(metrics::text)),
        Ok(Wanted::Entries { target, from, find }) => {
            of_target(watched.shelves.get(target).map(|shelf| match find.as_str() {
                "" => shelf.entries(from, PORTION),
                find => shelf.found(find, from, PORTION),
            }))
        }
        Ok(Wanted::Lineage { target, entry }) => {
            of_target(watched.shelves.get(target).map(|shelf| shelf.lineage(entry)))
        }
        Ok(Wanted::History { target }) => {
            of_target(watched.shelves.get(target).map(Shelf::history))
        }
        Ok(Wanted::Blockers { target }) => of_target(blockers(watched, target)),
        Ok(Wanted::Source { target, has_text }) => of_target(
            watched
                .atlases
                .get(target)
                .map(|atlas| atlas.files(&watched.read(|state| state.hit(target)), has_text)),
        ),
        Ok(Wanted::Events { since }) => match watched.join(MAX_LISTENERS) {
            Some(listener) => return stream(request, watched, since, listener),
            None => refused((503, "too many pages are open")),
        },
        Err(refusal) => refused(refusal),
    };
    // Who has gone away needs no answer.
    let _ = request.respond(response(answer));
}

/// What stops the search of a target.
fn blockers(watched: &Watched, target: usize) -> Option<Value> {
    let (atlas, shelf) = (watched.atlases.get(target)?, watched.shelves.get(target)?);
    let (hit, nearest) = watched.read(|state| (state.hit(target), state.nearest(target)));
    Some(atlas.blockers(&hit, &nearest, |number| shelf.nearest(number)))
}

fn refused((status, why): (u16, &'static str)) -> Answer {
    Answer { status, kind: "text/plain; charset=utf-8", body: format!("{why}\n") }
}

fn asked(request: &Request) -> Asked<'_> {
    let all = |name: &'static str| -> Vec<&str> {
        let is_it = |header: &&Header| header.field.equiv(name);
        request.headers().iter().filter(is_it).map(|header| header.value.as_str()).collect()
    };
    Asked {
        method: request.method().as_str(),
        path: request.url(),
        hosts: all("Host"),
        origins: all("Origin"),
        authorization: all("Authorization").first().copied(),
    }
}

fn response(answer: Answer) -> Response<Cursor<Vec<u8>>> {
    let policy = page::LIVE.1.as_str();
    let ours = [("Content-Type", answer.kind), ("Content-Security-Policy", policy)];
    let response = Response::from_data(answer.body).with_status_code(answer.status);
    let headers = HEADERS.iter().copied().chain(ours);
    headers.fold(response, |response, (name, value)| match Header::from_bytes(name, value) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    })
}

/// Tells a browser what happens, until it goes away or the campaign is over.
fn stream(request: Request, watched: &Watched, mut since: u64, _listener: Listener) {
    let mut out = request.into_writer();
    let mut head = String::from("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
    HEADERS.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    head += "Connection: close\r\n\r\n";
    let mut send = |text: &str| out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if send(&head).is_err() {
        return;
    }
    loop {
        let News { version, changes, is_last } = watched.wait(since, PING);
        since = version;
        let event = match changes {
            Some(changes) => format!("data: {}\n\n", page::text(changes)),
            None => ": still there\n\n".to_owned(),
        };
        if send(&event).is_err() || is_last {
            return;
        }
        watched.pause(PACE);
    }
}
