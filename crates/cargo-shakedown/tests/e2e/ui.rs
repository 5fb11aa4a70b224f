//! The page: who gets it, what is in it, and that it is in nobody's way. Asked over plain sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::json::fields;
use crate::project::{Project, Running, repository};

/// A seed that would be markup, and one that would turn a line around.
const TARGET: &str = r#"
#[shakedown::fuzz(seeds = ["</script><img src=x onerror=alert(1)>", "\u{202e}"])]
fn hostile(text: &str) {
    assert!(!text.contains("onerror"), "{text}");
}
"#;

const FUZZ: [&str; 5] = ["fuzz", "--json", "--ui", "--seed=1", "--jobs=1"];

/// A campaign with a page.
struct Page {
    running: Running,
    host: String,
    token: String,
}

impl Page {
    fn start(project: &Project) -> Self {
        let mut running = project.start(&FUZZ);
        let line = running.wait_for(|line| line["type"] == "page").expect("a page");
        Self::at(running, line["url"].as_str().expect("text"))
    }

    fn at(running: Running, url: &str) -> Self {
        let (host, token) =
            url.strip_prefix("http://").and_then(|u| u.split_once("/#")).expect(url);
        let (host, token) = (host.to_owned(), token.to_owned());
        Self { running, host, token }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time");
        stream
    }

    /// Sends a request with these lines of a head, and returns the whole answer.
    fn ask(&self, lines: &[&str]) -> String {
        let mut stream = self.connect();
        let head = [lines, &["Connection: close", "", ""]].concat().join("\r\n");
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    /// The answer to an ordinary request.
    fn get(&self, path: &str) -> String {
        self.ask(&[&format!("GET {path} HTTP/1.1"), &format!("Host: {}", self.host)])
    }

    fn path(&self, path: &str) -> String {
        format!("{path}token={}", self.token)
    }

    /// The news, one after the other.
    fn events(&self) -> impl Iterator<Item = Value> + use<> {
        let mut stream = self.connect();
        let path = self.path("/api/v1/events?");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host).expect("it reads");
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.filter_map(|line| {
            Some(serde_json::from_str(line.strip_prefix("data: ")?).expect("JSON"))
        })
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

#[test]
fn only_who_has_the_token_on_this_machine_sees_a_campaign() {
    let project = Project::inline(TARGET);
    let mut page = Page::start(&project);
    let (own, state) = (format!("Host: {}", page.host), page.path("/api/v1/state?"));
    let get = format!("GET {state} HTTP/1.1");

    let document = page.get("/");
    assert_eq!(status(&document), "200", "{document}");
    let policy = "Content-Security-Policy: default-src 'none'; script-src 'sha256-";
    assert!(document.contains(policy), "{document}");
    assert!(!document.contains(&page.token), "the page itself is for everybody");
    assert!(document.contains("X-Content-Type-Options: nosniff"), "{document}");

    assert_eq!(status(&page.ask(&[&get, &own])), "200");
    assert_eq!(status(&page.get("/api/v1/state")), "401");
    assert_eq!(status(&page.get("/api/v1/events?token=0")), "401");
    assert_eq!(status(&page.get("/metrics")), "401");
    assert_eq!(status(&page.ask(&[&get, "Host: evil.example"])), "403");
    assert_eq!(status(&page.ask(&[&get, &own, "Origin: http://evil.example"])), "403");
    assert_eq!(status(&page.ask(&[&get, &own, &format!("Origin: http://{}", page.host)])), "200");
    for method in ["POST", "DELETE", "OPTIONS"] {
        assert_eq!(status(&page.ask(&[&get.replacen("GET", method, 1), &own])), "405");
    }
    let bearer = format!("Authorization: Bearer {}", page.token);
    let metrics = page.ask(&["GET /metrics HTTP/1.1", &own, &bearer]);
    assert!(metrics.contains("\n# TYPE shakedown_execs_total counter\n"), "{metrics}");
    page.running.wait_for(|line| line["type"] == "finding").expect("it finds the seed");
    page.running.signal(Signal::INT);
    page.running.finish().exits(1);
}

#[test]
fn findings_and_entries_arrive_and_foreign_text_stays_text() {
    let project = Project::inline(TARGET);
    project.write("testdata/fuzz/hostile/kept", "<b>\u{202e}kept");
    let page = Page::start(&project);
    let is_found = |news: &Value| news["findings"].as_array().is_some_and(|all| !all.is_empty());
    let mut events = page.events();
    let news = events.find(is_found).expect("it finds the seed");
    let reaches = |news: &Value| news["targets"][0]["progress"]["edges"].as_u64() > Some(0);
    assert!(reaches(&news) || events.any(|news| reaches(&news)), "it reaches something");
    let input = news["findings"][0]["input"].as_str().expect("text");
    assert_eq!(input, "text: \"</script><img src=x onerror=alert(1)>\"");
    let state = page.get(&page.path("/api/v1/state?"));
    assert!(state.contains("onerror") && !state.contains('<'), "{state}");
    assert!(body(&state)["targets"][0]["counters"].as_u64() > Some(0), "{state}");
    let document = std::fs::read_to_string(repository().join("docs/json.md")).expect("a page");
    for field in fields(&body(&state)) {
        assert!(document.contains(&format!("`{field}`")), "json.md lacks `{field}`");
    }
    let entries = page.get(&page.path("/api/v1/entries?target=0&"));
    assert!(!entries.contains('\u{202e}') && !entries.contains("<b"), "{entries}");
    let files = &body(&entries)["files"];
    assert_eq!(files[0]["kind"], "seed");
    assert_eq!(files[0]["text"], "text: \"<b>\\u{202e}kept\"");
    let source = body(&page.get(&page.path("/api/v1/source?target=0&")));
    let file = &source["files"][0];
    assert_eq!(file["file"], "src/lib.rs", "{source}");
    assert_eq!(file["text"], TARGET);
    let lines = |state: &str| file[state].as_array().map_or(0, Vec::len);
    assert!(lines("executed") + lines("partial") > 0, "{source}");
    let coverage = body(&page.get(&page.path("/api/v1/coverage?target=0&")));
    assert_eq!(coverage["files"][0]["text"], Value::Null);
    for what in ["entries", "history", "source", "coverage"] {
        let path = page.path(&format!("/api/v1/{what}?target=1&"));
        assert_eq!(status(&page.get(&path)), "404");
    }

    let history = body(&page.get(&page.path("/api/v1/history?target=0&")));
    assert_eq!(history["runs"].as_array().map(Vec::len), Some(0), "there was no other campaign");

    // The same in one file.
    project
        .write("testdata/fuzz/hostile/0123456789abcdef", "</script><img src=x onerror=alert(1)>");
    page.running.signal(Signal::INT);
    page.running.finish().exits(1);
    let report = project.shakedown(&["report", "--html=out/page.html"]).exits(0);
    report.says("the page is in out/page.html");
    let file = project.read("out/page.html");
    assert!(file.contains("onerror") && !file.contains("<img"), "{file}");
    assert_eq!(file.matches("</script>").count(), 2, "{file}");
    assert!(file.contains("\"file\":\"src/lib.rs\"") && file.contains("fails now"), "{file}");
    let (_, history) = file.split_once("\"histories\":[{\"runs\":").expect("there is one now");
    assert!(history.starts_with("[{\"started\":") && history.contains("\"seed\":1,"), "{history}");
}

#[test]
fn who_asks_again_at_once_is_answered_every_time() {
    let project = Project::inline(TARGET);
    let page = Page::start(&project);
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", page.path("/metrics?"), page.host);
    let mut stream = BufReader::new(page.connect());
    for _ in 0..300 {
        stream.get_mut().write_all(request.as_bytes()).expect("it reads");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).expect("it answers") > 0, "closed: {head}");
        }
        assert_eq!(status(&head), "200");
        let len = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let len = len.and_then(|len| len.parse().ok()).expect("a length");
        stream.read_exact(&mut vec![0; len]).expect("a body");
    }
    page.running.signal(Signal::INT);
    page.running.finish().exits(1);
}

/// What has to be found step by step.
const STEPS: &str = r#"
#[shakedown::fuzz(seeds = ["first seed"])]
fn steps(text: &str) {
    let mut steps = 0;
    while text.as_bytes().get(steps) == b"MAGIC".get(steps) && steps < 5 {
        steps += std::hint::black_box(1);
    }
    if std::hint::black_box(false) {
        panic!("never: {text}");
    }
}
"#;

#[test]
fn an_entry_is_followed_back_to_its_seed() {
    let project = Project::inline(STEPS);
    let page = Page::start(&project);
    let with_parent = |page: &Page| {
        let entries = body(&page.get(&page.path("/api/v1/entries?target=0&")));
        let mut files = entries["files"].as_array().into_iter().flatten();
        files.find(|file| file["parent"].is_string()).cloned()
    };
    let mut waits = page.events();
    let entry = waits.find_map(|_| with_parent(&page)).expect("it finds an entry");
    let id = entry["id"].as_str().expect("an id");
    let lineage = body(&page.get(&page.path(&format!("/api/v1/lineage?target=0&entry={id}&"))));
    let steps = lineage["steps"].as_array().expect("steps");
    let (first, last) = (&steps[0], &steps[steps.len() - 1]);
    assert_eq!((&first["text"], &steps[1]["id"]), (&entry["text"], &entry["parent"]), "{lineage}");
    assert_eq!((&last["kind"], &last["text"]), (&"seed".into(), &"text: \"first seed\"".into()));
    for pair in steps.windows(2) {
        let side = |signs: [&str; 2]| -> String {
            let parts = pair[0]["diff"].as_array().expect("a difference").iter();
            let parts = parts.filter(|part| signs.contains(&part[0].as_str().expect("a sign")));
            parts.map(|part| part[1].as_str().expect("text")).collect()
        };
        assert_eq!((side([" ", "+"]), side([" ", "-"])), (text(&pair[0]), text(&pair[1])));
    }
    let blockers = body(&page.get(&page.path("/api/v1/blockers?target=0&")));
    let first = &blockers["blockers"][0];
    assert_eq!(first["file"], "src/lib.rs", "{blockers}");
    let document = std::fs::read_to_string(repository().join("docs/json.md")).expect("a page");
    for field in fields(&lineage).into_iter().chain(fields(&blockers)) {
        assert!(document.contains(&format!("`{field}`")), "json.md lacks `{field}`");
    }
    page.running.signal(Signal::INT);
    page.running.finish().exits(0);
}

fn text(step: &Value) -> String {
    step["text"].as_str().expect("text").to_owned()
}

#[test]
fn what_was_left_is_served_until_it_was_seen() {
    let project = Project::inline(STEPS);
    project.shakedown(&["fuzz", "--execs=3000", "--seed=1", "--jobs=1"]).exits(0);
    project.write("testdata/fuzz/steps/0123456789abcdef", "kept");
    let mut running = project.start(&["serve"]);
    let url = running.wait_for_line("page: ").expect("a page");
    let page = Page::at(running, &url);
    assert_eq!(status(&page.get("/api/v1/state")), "401");
    let evil = ["GET / HTTP/1.1", "Host: evil.example"];
    assert_eq!(status(&page.ask(&evil)), "403");
    let is_over = |news: &Value| news["campaign"]["is_over"] == true;
    page.events().find(is_over).expect("it is over");
    let state = body(&page.get(&page.path("/api/v1/state?")));
    let target = &state["targets"][0];
    assert!(target["progress"]["edges"].as_u64() > Some(0), "{state}");
    let note = state["messages"][0]["text"].as_str().unwrap_or_default();
    assert_eq!(note, "testdata/fuzz/steps/0123456789abcdef does not fail any more");
    let entries = body(&page.get(&page.path("/api/v1/entries?target=0&")));
    assert_eq!(entries["total"], target["progress"]["entries"], "{entries}");
    assert!(entries["files"].as_array().expect("files").iter().any(|f| f["parent"].is_string()));
    let found = body(&page.get(&page.path("/api/v1/entries?target=0&find=%22k%65pt%22&")));
    assert_eq!(found["files"][0]["name"], "0123456789abcdef", "{found}");
    assert_eq!((found["files"].as_array().map(Vec::len), &found["next"]), (Some(1), &Value::Null));
    let document = std::fs::read_to_string(repository().join("docs/json.md")).expect("a page");
    for field in fields(&found) {
        assert!(document.contains(&format!("`{field}`")), "json.md lacks `{field}`");
    }
    let blockers = body(&page.get(&page.path("/api/v1/blockers?target=0&")));
    assert!(blockers["blockers"][0]["nearest"]["input"].is_string(), "{blockers}");
    let source = body(&page.get(&page.path("/api/v1/source?target=0&")));
    assert_eq!(source["files"][0]["file"], "src/lib.rs", "{source}");
    page.running.signal(Signal::INT);
    page.running.finish().exits(0);
    project.check_no_process_is_left();
}

#[test]
fn who_does_not_read_keeps_no_campaign_from_its_end() {
    let project =
        Project::inline(TARGET).with_variable("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    let mut page = Page::start(&project);
    let head = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", page.host);
    let mut deaf = page.connect();
    deaf.write_all(head(&page.path("/api/v1/events?")).as_bytes()).expect("it reads");
    // Far more than lies between the two of them fits into.
    let mut greedy = page.connect();
    let document = head("/");
    let _ = greedy.set_write_timeout(Some(Duration::from_secs(1)));
    let _ = greedy.write_all(document.repeat(2000).as_bytes());
    page.running.wait_for(|line| line["type"] == "finding").expect("it goes on");
    let events = page.events();
    page.running.signal(Signal::INT);
    assert_eq!(events.last().expect("news")["campaign"]["is_over"], true);
    let port = page.host.rsplit(':').next().expect("a port");
    let forward = format!("ssh -L {port}:127.0.0.1:{port} HOST");
    page.running.finish().exits(1).says(&forward);
    drop((deaf, greedy));
    project.check_no_process_is_left();
}

#[test]
fn a_port_that_is_taken_is_told() {
    let project = Project::inline(TARGET);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("a port").port();
    let run = project.shakedown(&["fuzz", "--execs=10", &format!("--ui={port}")]).exits(2);
    run.says(&format!("cannot serve the page on port {port}")).says("--ui=PORT");
}

/// The programs that a browser without a screen may be.
const BROWSERS: [&str; 4] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/// What a browser makes of a page, with no network but this machine, once nothing more arrives; nothing
/// where there is no browser.
fn shown(project: &Project, url: &str) -> Option<String> {
    let output = BROWSERS.iter().find_map(|browser| {
        let mut command = project.command(browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
        command.arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
        command.args(["--virtual-time-budget=5000", url]).output().ok()
    })?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn skip() {
    eprintln!("skipped: there is no browser on this machine ({})", BROWSERS.join(", "));
}

#[test]
fn live_events_change_what_a_browser_shows() {
    let project = Project::inline(TARGET);
    // A short campaign may be over before the browser has asked for anything.
    for execs in [100_000, 1_000_000, 10_000_000] {
        let mut running = project.start(&[&FUZZ[..], &[&format!("--execs={execs}")]].concat());
        let line = running.wait_for(|line| line["type"] == "page").expect("a page");
        let page = Page::at(running, line["url"].as_str().expect("text"));
        let Some(dom) = shown(&project, &format!("http://{}/#{}", page.host, page.token)) else {
            return skip();
        };
        page.running.finish().exits(1);
        let words = dom.split_once("id=\"summary\">").and_then(|(_, rest)| rest.split_once('<'));
        if let Some((words, _)) = words.filter(|(words, _)| words.starts_with("over · ")) {
            assert!(words.ends_with(" executions · 1 finding · seed 1"), "{words}");
            assert!(dom.contains("<summary>Mutators of hostile</summary>"), "{dom}");
            assert!(dom.contains(">insert chars<"), "{dom}");
            return assert!(!dom.contains(&page.token), "the token has left the page: {dom}");
        }
    }
    panic!("the browser has never shown a campaign");
}

#[test]
fn a_browser_shows_foreign_text_as_text() {
    let project = Project::inline(TARGET);
    project
        .write("testdata/fuzz/hostile/0123456789abcdef", "</script><img src=x onerror=alert(1)>");
    project.shakedown(&["report", "--html=out/page.html"]).exits(0);
    let file = format!("file://{}#findings", project.path("out/page.html").display());
    let Some(dom) = shown(&project, &file) else { return skip() };
    assert!(dom.contains("<h3>panic in hostile</h3>"), "the script runs: {dom}");
    assert!(dom.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"), "{dom}");
    assert!(!dom.contains("<img"), "{dom}");
}

#[test]
fn the_script_can_be_read() {
    let project = Project::inline(TARGET);
    project.shakedown(&["report", "--html=out/page.html"]).exits(0);
    let page = project.read("out/page.html");
    let (_, script) = page.rsplit_once("<script>").expect("it has one");
    project.write("out/page.js", script.split_once("</script>").expect("it ends").0);
    let mut node = project.command("node");
    let Ok(output) = node.args(["--check", "out/page.js"]).output() else {
        return eprintln!("skipped: there is no node on this machine");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
