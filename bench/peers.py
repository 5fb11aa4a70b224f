#!/usr/bin/env python3
"""Executions a second of this project and of cargo-fuzz (libFuzzer, no sanitizer, stable Rust) on the
same targets, with the same seeds and longest inputs, in turn, each engine with its target on one
processor. Prints a table of Markdown, and every run to standard error.

    bench/peers.py [--repeats 3] [--seconds 10] [--corpus SECONDS] [--core 1] [TARGET..]

Engines that start from the same seed soon execute different inputs, and shorter ones are cheaper. With
`--corpus`, both start each run from the entries that ours has found in so many seconds.

Processor time is user and system time of all processes of the engine: the figure to compare where
other programs are at work. What our command takes to look whether anything must be built again and to
end after one execution is not counted, since cargo-fuzz's programs are started without cargo.

Needs cargo-fuzz (cargo install cargo-fuzz), a C++ compiler and taskset.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import ours

Run = namedtuple("Run", "rate per_processor_second edges")


def wait(process):
    """The end of a process; answers the processor time of it and of those that it has waited for."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{process.args} has ended with status {process.returncode}")
    return usage.ru_utime + usage.ru_stime


class Ours:
    def __init__(self, core, work):
        self.program, self.core, self.work = ours.build(), core, work

    def search(self, target, limit, cache):
        process = ours.start(self.program, target, 1, limit, cache, self.core)
        lines = process.stdout.read().splitlines()
        processor = wait(process)
        return json.loads(lines[-1])["targets"][0], processor

    def search_copy(self, target, limit, start):
        with tempfile.TemporaryDirectory(dir=self.work) as folder:
            cache = Path(folder) / "cache"
            shutil.copytree(start / "cache", cache)
            return self.search(target, limit, cache)

    def make_start(self, target, seconds, start):
        """Makes what runs start from: a cache of ours, and the same inputs as plain files."""
        (start / "cache").mkdir()
        (start / "corpus").mkdir()
        seed = ours.TARGETS / "seeds" / target
        if seconds > 0:
            self.search(target, ["--time", f"{seconds}s"], start / "cache")
            command = [self.program, "shakedown", "corpus", "export", target, start / "corpus"]
            environment = {**os.environ, "XDG_CACHE_HOME": str(start / "cache")}
            subprocess.run(command, cwd=ours.TARGETS, env=environment, check=True, stdout=sys.stderr)
        if seed.exists():
            shutil.copy(seed, start / "corpus")

    def run(self, target, seconds, start):
        _, start_up = self.search_copy(target, ["--execs", "1"], start)
        summary, processor = self.search_copy(target, ["--time", f"{seconds}s"], start)
        execs, edges = summary["execs"], summary["edges"]
        return Run(execs / summary["elapsed_ms"] * 1000, execs / (processor - start_up), edges)


class LibFuzzer:
    def __init__(self, core, work):
        self.core, self.work = core, work
        build = ours.target_directory() / "libfuzzer"
        command = ["cargo", "fuzz", "build", "--fuzz-dir", ".", "-s", "none", "--target-dir", build]
        subprocess.run(command, cwd=ours.BENCH / "libfuzzer", check=True, stdout=sys.stderr)
        host = re.search(r"^host: (.*)", subprocess.check_output(["rustc", "-vV"], text=True), re.M)
        self.programs = build / host[1] / "release"

    def run(self, target, seconds, start):
        with tempfile.TemporaryDirectory(dir=self.work) as folder:
            corpus = shutil.copytree(start / "corpus", Path(folder) / "corpus")
            command = ["taskset", "-c", str(self.core), self.programs / target]
            command += [f"-max_len={ours.MAX_LEN[target]}", f"-max_total_time={seconds}"]
            command += ["-print_final_stats=1", f"-artifact_prefix={self.work}/", corpus]
            pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
            process = subprocess.Popen(command, **pipes)
            log = process.stderr.read()
            processor = wait(process)
        execs = int(re.search(r"number_of_executed_units: *(\d+)", log)[1])
        time = re.search(r"^Done \d+ runs in (\d+) second", log, re.M)
        edges = re.findall(r" cov: (\d+) ", log)[-1]
        return Run(execs / int(time[1]), execs / processor, int(edges))


def show(number):
    for unit, size in [(" M", 1e6), (" k", 1e3)]:
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"


def row(target, engines):
    """One row of the table, from the runs of both engines."""
    mine, theirs = engines
    cells = [target]
    for field in ["rate", "per_processor_second"]:
        of_mine, of_theirs = ([getattr(run, field) for run in runs] for runs in engines)
        ratios = [one / other for one, other in zip(of_mine, of_theirs)]
        ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        cells += [show(statistics.median(of_mine)), show(statistics.median(of_theirs)), ratio]
    for runs in [mine, theirs]:
        cells.append(str(statistics.median_low([run.edges for run in runs])))
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--corpus", type=int, default=0, metavar="SECONDS")
    parser.add_argument("--core", type=int, default=1, help="the processor")
    parser.add_argument("targets", nargs="*", default=list(ours.MAX_LEN), metavar="TARGET")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        engines = [Ours(options.core, work), LibFuzzer(options.core, work)]
        for target in options.targets:
            start = Path(work) / target
            start.mkdir()
            engines[0].make_start(target, options.corpus, start)
        runs = {target: ([], []) for target in options.targets}
        for _ in range(options.repeats):
            for target in options.targets:
                for engine, of_engine in zip(engines, runs[target]):
                    of_engine.append(engine.run(target, options.seconds, Path(work) / target))
                    print(target, type(engine).__name__, of_engine[-1], file=sys.stderr)
    columns = ["target", "ours/s", "libFuzzer/s", "ratio", "ours per processor s", "libFuzzer"]
    columns += ["ratio", "edges: ours", "libFuzzer"]
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|")
    for target, engines in runs.items():
        print(row(target, engines))


if __name__ == "__main__":
    main()
