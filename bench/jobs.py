#!/usr/bin/env python3
"""Executions a second with one job and with two, in turn, and what the coordinator's own processor time
is of all, in steady state. Prints a table of Markdown.

    bench/jobs.py [--repeats 3] [--seconds 10] [TARGET..]

Each target is searched for some seconds first; its corpus is kept for the runs. In each of them only
what comes after the first two seconds counts. Needs Linux and two processors with nothing else to do:
executions per second of the workers' processor time are there to tell contention from other programs.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import ours

# Milliseconds of a run that do not count.
WARM_UP = 2000

Look = namedtuple("Look", "execs seconds coordinator workers")
Run = namedtuple("Run", "rate per_processor_second coordinator")


def stat(pid):
    """Fields of `/proc/PID/stat`, from the fourteenth on: ticks of user and system time, its own and
    those of its dead children."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return [int(field) for field in text.rpartition(")")[2].split()[11:15]]


def look(pid, status):
    """Where a search is: its status, and the processor time of the two kinds of processes."""
    user, system, *dead = stat(pid)
    children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    workers = sum(dead) + sum(sum(stat(child)[:2]) for of in children for child in of)
    return Look(status["execs"], status["elapsed_ms"] / 1000, user + system, workers)


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
    execs = last.execs - first.execs
    coordinator, workers = last.coordinator - first.coordinator, last.workers - first.workers
    return Run(
        execs / (last.seconds - first.seconds),
        execs / workers * 100,
        coordinator / (coordinator + workers),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("targets", nargs="*", default=["httparse", "markdown"], metavar="TARGET")
    options = parser.parse_args()
    program = ours.build()
    print("| target | 1 job: executions/s | 2 jobs | ratio | ratio by processor time | coordinator: 1 job | 2 jobs |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for target in options.targets:
        with tempfile.TemporaryDirectory() as cache:
            measure(program, target, 2, options.seconds, cache)
            runs = [
                [measure(program, target, jobs, options.seconds, cache) for jobs in [1, 2]]
                for _ in range(options.repeats)
            ]
        one, two = zip(*runs)
        median = lambda values: statistics.median(list(values))
        ratios = [second.rate / first.rate for first, second in runs]
        by_processor = median(2 * b.per_processor_second / a.per_processor_second for a, b in runs)
        print(
            f"| {target} | {median(run.rate for run in one):,.0f} | {median(run.rate for run in two):,.0f} |"
            f" {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) | {by_processor:.2f} |"
            f" {median(run.coordinator for run in one):.1%} | {median(run.coordinator for run in two):.1%} |"
        )


if __name__ == "__main__":
    main()
