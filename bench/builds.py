#!/usr/bin/env python3
"""How long a package of 10 targets and 20 derived types takes to build: instrumented, beside
libfuzzer-sys with arbitrary (cargo-fuzz, no sanitizer, stable Rust), and for `cargo test`, beside
proptest with its derive. In turn, with warm dependencies. Prints a table of Markdown.

    bench/builds.py [--repeats 5] [--only NAME]

Processor time is user and system time of cargo and all that it starts: the figure to compare where
other programs are at work. Every build is of a package with a new version, so cargo builds all of it
and nothing that it depends on. The packages lie in `work/builds`.

Needs cargo-fuzz (cargo install cargo-fuzz) and a C++ compiler.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import ours

WORK = ours.BENCH / "work/builds"
TARGETS = 10

STRUCT = """
{derive}
#[derive(Clone, Debug)]
pub struct Record{n} {{
    pub id: u32,
    pub name: String,
    pub is_open: bool,
    pub tags: Vec<String>,
    pub event: Option<Event{n}>,
    pub place: (u8, i64),
    pub share: f64,
    pub digest: [u8; 4],
}}
"""

ENUM = """
{derive}
#[derive(Clone, Debug)]
pub enum Event{n} {{
    Closed,
    Moved(u8),
    Renamed(String),
    Resized {{ from: u64, to: u16 }},
    Split(Vec<u32>),
    {nested}
}}
"""

OURS = """
    #[shakedown::fuzz]
    fn records_{n}(record: Record{n}, events: &[Event{n}]) {{
        check(&record, events);
    }}
"""

PROPERTY = """
    proptest::proptest! {{
        #[test]
        fn records_{n}(record: Record{n}, events: Vec<Event{n}>) {{
            check(&record, &events);
        }}
    }}
"""

LIBFUZZER = """#![no_main]
use builds_libfuzzer::*;

libfuzzer_sys::fuzz_target!(|input: (Record{n}, Vec<Event{n}>)| {{
    check(&input.0, &input.1);
}});
"""

CHECK = """
/// What a target does with its arguments.
pub fn check<R: Clone, E: Clone>(record: &R, events: &[E]) {
    std::hint::black_box((record.clone(), events.to_vec()));
}
"""

MANIFEST = """[package]
name = "builds_{name}"
version = "0.0.{number}"
edition = "2024"

{more}
[workspace]
"""

LIBFUZZER_MANIFEST = """[package.metadata]
cargo-fuzz = true

[dependencies]
libfuzzer-sys = "0.4"
arbitrary = { version = "1", features = ["derive"] }

[profile.release]
debug = 1
"""


def types(derive):
    """Ten structs and ten enums, which have one another as fields."""
    text = ""
    for n in range(TARGETS):
        nested = f"Nested(Box<Record{n - 1}>)," if n % 2 else "Copied(bool, char),"
        text += STRUCT.format(derive=derive, n=n) + ENUM.format(derive=derive, n=n, nested=nested)
    return text


def of_each(template):
    return "".join(template.format(n=n) for n in range(TARGETS))


def in_tests(derive, targets):
    """A library with derived types and targets in its tests, as their users have them."""
    text = CHECK + types(f"#[cfg_attr(test, derive({derive}))]")
    return text + f"\n#[cfg(test)]\nmod tests {{\n    use super::*;\n{of_each(targets)}}}\n"


def shakedown_files():
    runtime = ours.ROOT / "crates/shakedown"
    more = f'[dev-dependencies]\nshakedown = {{ path = "{runtime}" }}\n'
    return more, {"src/lib.rs": in_tests("shakedown::Input", OURS)}


def proptest_files():
    more = '[dev-dependencies]\nproptest = "1"\nproptest-derive = "0.8"\n'
    return more, {"src/lib.rs": in_tests("proptest_derive::Arbitrary", PROPERTY)}


def libfuzzer_files():
    files = {"src/lib.rs": CHECK + types("#[derive(arbitrary::Arbitrary)]")}
    more = LIBFUZZER_MANIFEST
    for n in range(TARGETS):
        files[f"fuzz_targets/records_{n}.rs"] = LIBFUZZER.format(n=n)
        more += f'\n[[bin]]\nname = "records_{n}"\npath = "fuzz_targets/records_{n}.rs"\n'
    return more, files


class Package:
    """A package, and how it is built."""

    def __init__(self, name, files, command):
        self.name, self.command = name, command
        self.folder = WORK / name
        self.more, self.files = files()

    def build(self):
        """Builds it as a new version; answers processor time and time by the clock, in seconds."""
        number = time.time_ns() // 1_000_000
        manifest = MANIFEST.format(name=self.name, number=number, more=self.more)
        for path, text in {**self.files, "Cargo.toml": manifest}.items():
            path = self.folder / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        environment = {**os.environ, "CARGO_TARGET_DIR": str(self.folder / "target")}
        start = time.monotonic()
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        process = subprocess.Popen(self.command, cwd=self.folder, env=environment, **pipes)
        told = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{self.command} has ended with status {process.returncode}\n{told}")
        return usage.ru_utime + usage.ru_stime, time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", help="one of the packages")
    options = parser.parse_args()
    program = ours.build()
    fuzz = ["cargo", "fuzz", "build", "--fuzz-dir", ".", "-s", "none"]
    test = ["cargo", "test", "--no-run"]
    packages = [
        Package("shakedown", shakedown_files, [program, "shakedown", "build"]),
        Package("libfuzzer", libfuzzer_files, fuzz),
        Package("shakedown_test", shakedown_files, test),
        Package("proptest_test", proptest_files, test),
    ]
    packages = [package for package in packages if options.only in (None, package.name)]
    times = defaultdict(list)
    for repeat in range(options.repeats + 1):
        for package in packages:
            measured = package.build()
            print(f"{package.name} {repeat}: {measured}", file=sys.stderr)
            # The first builds the dependencies.
            if repeat > 0:
                times[package.name].append(measured)
    print("| package | processor time, s | by the clock, s |\n| --- | --- | --- |")
    for name, measured in times.items():
        columns = [sorted(column) for column in zip(*measured)]
        cells = [f"{statistics.median(c):.2f} ({c[0]:.2f} to {c[-1]:.2f})" for c in columns]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
