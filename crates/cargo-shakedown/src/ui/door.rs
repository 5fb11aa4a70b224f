//! Who may ask the server for what: decided by the request alone.
//!
//! The server listens on this machine only. But any page that the user looks at can make the browser
//! send requests there, under a name of its own even. So the host must be named as the user was told,
//! no page from elsewhere may ask, and nothing of a campaign is given without the token.

/// A request, as far as it matters.
#[derive(Clone, Debug)]
pub(super) struct Asked<'r> {
    pub(super) method: &'r str,
    /// The path and the query.
    pub(super) path: &'r str,
    /// The value of each `Host`.
    pub(super) hosts: Vec<&'r str>,
    /// The value of each `Origin`.
    pub(super) origins: Vec<&'r str>,
    pub(super) authorization: Option<&'r str>,
}

/// What is asked for, and may be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The page, in which there is nothing of the campaign.
    Page,
    /// What changed since a version.
    State { since: u64 },
    /// The same, and then whatever changes.
    Events { since: u64 },
    /// Some entries of a target: those in which a text is found, if one is given.
    Entries { target: usize, from: usize, find: String },
    /// What an entry of a target comes from.
    Lineage { target: usize, entry: u64 },
    /// What a target has reached in its source, and that source if it `has_text`.
    Source { target: usize, has_text: bool },
    /// What stops the search of a target.
    Blockers { target: usize },
    /// How earlier campaigns of a target went.
    History { target: usize },
    /// Numbers for Prometheus.
    Metrics,
}

/// Why a request is refused: the HTTP status and a sentence.
pub(super) type Refusal = (u16, &'static str);

/// Lets requests in, or not.
#[derive(Debug)]
pub(super) struct Door {
    port: u16,
    token: String,
}

impl Door {
    pub(super) fn new(port: u16, token: String) -> Self {
        Self { port, token }
    }

    /// What a request is to get.
    pub(super) fn admit(&self, asked: &Asked<'_>) -> Result<Wanted, Refusal> {
        let [host] = asked.hosts[..] else { return Err((400, "one Host is needed")) };
        if !self.is_own(host) {
            return Err((403, "this name of the host is not known here"));
        }
        let is_own_page =
            |origin: &&str| origin.strip_prefix("http://").is_some_and(|o| self.is_own(o));
        if !asked.origins.iter().all(is_own_page) {
            return Err((403, "other pages may not ask"));
        }
        if asked.method != "GET" {
            return Err((405, "only GET is allowed"));
        }
        let (path, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
        if path == "/" {
            return Ok(Wanted::Page);
        }
        self.check_token(query, asked.authorization)?;
        let number = |name| value(query, name).and_then(|text| text.parse().ok());
        let since = number("since").unwrap_or(0);
        let small = |name| number(name).and_then(|number: u64| usize::try_from(number).ok());
        match path {
            "/api/v1/state" => Ok(Wanted::State { since }),
            "/api/v1/events" => Ok(Wanted::Events { since }),
            "/metrics" => Ok(Wanted::Metrics),
            _ => {
                let target = || small("target").ok_or((400, "the number of a target is needed"));
                match path {
                    "/api/v1/entries" => {
                        let find = value(query, "find").map_or(Some(String::new()), decoded);
                        let find = find.ok_or((400, "the text to find cannot be read"))?;
                        let from = small("from").unwrap_or(0);
                        Ok(Wanted::Entries { target: target()?, from, find })
                    }
                    "/api/v1/lineage" => {
                        let entry = value(query, "entry").and_then(digits);
                        let entry = entry.ok_or((400, "the name of an entry is needed"))?;
                        Ok(Wanted::Lineage { target: target()?, entry })
                    }
                    "/api/v1/history" => Ok(Wanted::History { target: target()? }),
                    "/api/v1/blockers" => Ok(Wanted::Blockers { target: target()? }),
                    "/api/v1/source" => Ok(Wanted::Source { target: target()?, has_text: true }),
                    "/api/v1/coverage" => Ok(Wanted::Source { target: target()?, has_text: false }),
                    _ => Err((404, "there is nothing here")),
                }
            }
        }
    }

    /// Whether this is what the user was told to call us.
    fn is_own(&self, host: &str) -> bool {
        let port = format!(":{}", self.port);
        host.strip_suffix(&port).is_some_and(|name| matches!(name, "127.0.0.1" | "localhost"))
    }

    fn check_token(&self, query: &str, authorization: Option<&str>) -> Result<(), Refusal> {
        let bearer = authorization.and_then(|value| value.strip_prefix("Bearer "));
        match bearer.or_else(|| value(query, "token")) {
            Some(token) if is_equal(token.trim(), &self.token) => Ok(()),
            _ => Err((401, "the token is needed that the URL of the page ends with")),
        }
    }
}

/// A value of a query, as it is written there: digits need no decoding.
fn value<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// A text as a form writes it in a query.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?].map(char::from);
                let [high, low] = digits.map(|digit| digit.to_digit(16));
                (high? << 4 | low?) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The number that 16 hex digits are.
fn digits(text: &str) -> Option<u64> {
    let are_digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits.then(|| u64::from_str_radix(text, 16).ok())?
}

/// Compares in a time that does not tell how much is right.
fn is_equal(left: &str, right: &str) -> bool {
    let pairs = left.bytes().zip(right.bytes());
    left.len() == right.len() && pairs.fold(0, |all, (l, r)| all | (l ^ r)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn ask(path: &str) -> Asked<'_> {
        Asked {
            method: "GET",
            path,
            hosts: vec!["127.0.0.1:4000"],
            origins: Vec::new(),
            authorization: None,
        }
    }

    fn admit(asked: &Asked<'_>) -> Result<Wanted, u16> {
        Door::new(4000, TOKEN.into()).admit(asked).map_err(|(status, _)| status)
    }

    #[test]
    fn the_page_is_for_everybody_here_and_all_else_needs_the_token() {
        assert_eq!(admit(&ask("/")), Ok(Wanted::Page));
        for path in
            ["/api/v1/state", "/api/v1/events", "/api/v1/entries?target=0", "/metrics", "/x"]
        {
            assert_eq!(admit(&ask(path)), Err(401), "{path}");
            let wrong = format!("{path}?token={}", TOKEN.replace('f', "e"));
            assert_eq!(admit(&ask(&wrong)), Err(401), "{path}");
            assert_eq!(admit(&ask(&format!("{path}?token={}", &TOKEN[..31]))), Err(401), "{path}");
        }
        let bearer = format!("Bearer {TOKEN}");
        let asked = Asked { authorization: Some(&bearer), ..ask("/metrics") };
        assert_eq!(admit(&asked), Ok(Wanted::Metrics));
    }

    #[test]
    fn what_is_to_be_found_may_be_any_text() {
        let find = |text: &str| {
            admit(&ask(&format!("/api/v1/entries?token={TOKEN}&target=1&find={text}")))
        };
        let wanted = |find: &str| Ok(Wanted::Entries { target: 1, from: 0, find: find.into() });
        assert_eq!(find(""), wanted(""));
        assert_eq!(find("a+b%20%26%C3%A9=%25"), wanted("a b &é=%"));
        for broken in ["%", "%4", "%xx", "%+1", "%ff"] {
            assert_eq!(find(broken), Err(400), "{broken}");
        }
    }

    #[test]
    fn what_is_asked_for_is_understood() {
        let with = |path: &str, query: &str| admit(&ask(&format!("{path}?token={TOKEN}{query}")));
        assert_eq!(with("/api/v1/state", ""), Ok(Wanted::State { since: 0 }));
        assert_eq!(with("/api/v1/state", "&since=7"), Ok(Wanted::State { since: 7 }));
        assert_eq!(with("/api/v1/events", "&since=x"), Ok(Wanted::Events { since: 0 }));
        let entries = Wanted::Entries { target: 3, from: 100, find: String::new() };
        assert_eq!(with("/api/v1/entries", "&target=3&from=100"), Ok(entries));
        assert_eq!(with("/api/v1/entries", "&target=../../etc"), Err(400));
        let lineage = |entry: &str| with("/api/v1/lineage", &format!("&target=1&entry={entry}"));
        let entry = 0x0123_4567_89ab_cdef;
        assert_eq!(lineage("0123456789abcdef"), Ok(Wanted::Lineage { target: 1, entry }));
        for bad in ["", "123", "../../etc/passwd", "0123456789abcdeg", "+123456789abcdef"] {
            assert_eq!(lineage(bad), Err(400), "{bad}");
        }
        assert_eq!(with("/api/v1/history", "&target=2"), Ok(Wanted::History { target: 2 }));
        assert_eq!(with("/api/v1/blockers", "&target=2"), Ok(Wanted::Blockers { target: 2 }));
        let source = |has_text| Ok(Wanted::Source { target: 1, has_text });
        assert_eq!(with("/api/v1/source", "&target=1"), source(true));
        assert_eq!(with("/api/v1/coverage", "&target=1"), source(false));
        assert_eq!(with("/api/v1/source", ""), Err(400));
        assert_eq!(with("/api/v2/state", ""), Err(404));
    }

    #[test]
    fn other_names_pages_and_methods_are_refused_token_or_not() {
        let path = format!("/api/v1/state?token={TOKEN}");
        let hosts = |hosts: &[&'static str]| Asked { hosts: hosts.to_vec(), ..ask(&path) };
        assert!(admit(&hosts(&["localhost:4000"])).is_ok());
        for host in
            ["evil.example:4000", "127.0.0.1", "127.0.0.1:4001", "127.0.0.1.evil.example:4000"]
        {
            assert_eq!(admit(&hosts(&[host])), Err(403), "{host}");
        }
        assert_eq!(admit(&hosts(&[])), Err(400));
        assert_eq!(admit(&hosts(&["127.0.0.1:4000", "evil.example:4000"])), Err(400));
        let origin = |origin: &'static str| Asked { origins: vec![origin], ..ask(&path) };
        assert!(admit(&origin("http://127.0.0.1:4000")).is_ok());
        for foreign in ["http://evil.example", "https://127.0.0.1:4000", "null", "http://localhost"]
        {
            assert_eq!(admit(&origin(foreign)), Err(403), "{foreign}");
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "get"] {
            assert_eq!(admit(&Asked { method, ..ask(&path) }), Err(405), "{method}");
        }
    }
}
