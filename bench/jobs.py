#!/usr/bin/env python3
"""Executions a second with one job and with two, in turn, and what the coordinator's own processor time
is of all, in steady state. Prints a table of Markdown.

    bench/jobs.py [--repeats 3] [--seconds 10] [--before 30] [TARGET..]

Each target is searched for `--before` seconds first, and every run starts from a copy of that corpus.
The last column tells how steady the state is. In each run only what comes after the first two seconds counts. Needs Linux and two processors with nothing else to do:
executions per second of the workers' processor time are there to tell contention from other programs.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import ours

TARGETS = [target for target in ours.MAX_LEN if target != "empty"]

# Milliseconds of a run that do not count.
WARM_UP = 2000

Look = namedtuple("Look", "execs entries seconds coordinator workers")
Run = namedtuple("Run", "rate per_processor_second coordinator entries")


def stat(pid):
    """Fields of `/proc/PID/stat`, from the fourteenth on: ticks of user and system time, its own and
    those of its dead children."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return [int(field) for field in text.rpartition(")")[2].split()[11:15]]


def look(pid, status):
    """Where a search is: its status, and the processor time of the two kinds of processes."""
    children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    try:
        living = sum(sum(stat(child)[:2]) for of in children for child in of)
    except FileNotFoundError:  # A worker has just ended: it is among the dead now.
        return look(pid, status)
    user, system, *dead = stat(pid)
    workers = sum(dead) + living
    seconds = status["elapsed_ms"] / 1000
    return Look(status["execs"], status["entries"], seconds, user + system, workers)


def measure_copy(program, target, jobs, seconds, start):
    with tempfile.TemporaryDirectory() as folder:
        cache = shutil.copytree(start, Path(folder) / "cache")
        return measure(program, target, jobs, seconds, cache)


def measure(program, target, jobs, seconds, cache):
    process = ours.start(program, target, jobs, ["--time", f"{seconds}s"], cache)
    looks = []
    for line in process.stdout:
        event = json.loads(line)
        if event["type"] == "status" and event["elapsed_ms"] >= WARM_UP:
            looks.append(look(process.pid, event))
    if process.wait() != 0 or len(looks) < 2:
        sys.exit(f"{target} could not be measured, status {process.returncode}")
    first, last = looks[0], looks[-1]
    execs, seconds = last.execs - first.execs, last.seconds - first.seconds
    coordinator, workers = last.coordinator - first.coordinator, last.workers - first.workers
    return Run(
        execs / seconds,
        execs / workers * 100,
        coordinator / (coordinator + workers),
        (last.entries - first.entries) / seconds,
    )


def row(target, runs):
    """One row of the table, from pairs of runs: with one job, with two."""

    def median(value):
        return [statistics.median(value(pair[job]) for pair in runs) for job in [0, 1]]

    rates = median(lambda run: run.rate)
    shares = median(lambda run: run.coordinator)
    ratios = [two.rate / one.rate for one, two in runs]
    processor = [2 * two.per_processor_second / one.per_processor_second for one, two in runs]
    cells = [target, *(f"{rate:,.0f}" for rate in rates)]
    cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    cells.append(f"{statistics.median(processor):.2f}")
    cells += [f"{share:.1%}" for share in shares]
    cells.append(f"{median(lambda run: run.entries)[1]:.1f}")
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--before", type=int, default=30, help="seconds of search before all")
    parser.add_argument("targets", nargs="*", default=TARGETS, metavar="TARGET")
    options = parser.parse_args()
    program = ours.build()
    columns = ["target", "1 job: executions/s", "2 jobs", "ratio", "ratio by processor time"]
    columns += ["coordinator: 1 job", "2 jobs", "new entries/s"]
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|")
    for target in options.targets:
        with tempfile.TemporaryDirectory() as start:
            measure(program, target, 2, options.before, start)
            runs = [
                [measure_copy(program, target, jobs, options.seconds, start) for jobs in [1, 2]]
                for _ in range(options.repeats)
            ]
        print(row(target, runs))


if __name__ == "__main__":
    main()
