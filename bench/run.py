#!/usr/bin/env python3
"""Runs the benchmarks of this project and Go's, in turn, and prints the tables of RESULTS.md.

    bench/run.py [--repeats 3] [--seconds 2] [--only BENCH] [--no-go]

Needs cargo and, for the second column, Go (Debian: the package golang). Every figure is the median
of all samples of all repeats, with the best and the worst of them; see README.md.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
BENCHES = ["worker", "mutate", "scan", "campaign"]

# Which benchmark of Go does the same work as which of ours.
SAME_WORK = {
    "worker/execute/empty/0_bytes": "LikeOursWorkerExecute/0_bytes",
    "worker/execute/empty/32_bytes": "LikeOursWorkerExecute/32_bytes",
    "worker/ping": "WorkerPing",
    "worker/minimize/contains": "LikeOursWorkerMinimize/contains",
    "worker/minimize/is_1024_zeros": "LikeOursWorkerMinimize/is_1024_zeros",
    "mutate/bytes/100/alone": "MutatorBytes/100",
    "mutate/bytes/10000/alone": "MutatorBytes/10000",
    "mutate/text/100/alone": "MutatorString/100",
}


def run_ours(bench, seconds, samples):
    """One run of a bench of ours; adds its samples in nanoseconds."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CRITERION_HOME": home}
        command = ["cargo", "bench", "--quiet", "-p", "cargo-shakedown", "--bench", bench]
        command += ["--", "--noplot", "--warm-up-time=0.5", f"--measurement-time={seconds}"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
        for file in Path(home).glob("**/new/sample.json"):
            name = json.loads((file.parent / "benchmark.json").read_text())["full_id"]
            sample = json.loads(file.read_text())
            samples[name] += [t / n for t, n in zip(sample["times"], sample["iters"])]


def run_go(seconds, samples):
    """One run of Go's own benchmarks and of those in go/; adds its samples in nanoseconds."""
    root = subprocess.check_output(["go", "env", "GOROOT"], text=True).strip()
    added = {f"{root}/src/internal/fuzz/like_ours_test.go": str(BENCH / "go/like_ours_test.go")}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as overlay:
        json.dump({"Replace": added}, overlay)
        overlay.flush()
        command = ["go", "test", "-vet=off", f"-overlay={overlay.name}", "internal/fuzz"]
        command += ["-run=^$", "-bench=Worker|Mutator", f"-benchtime={seconds}s"]
        output = subprocess.check_output(command, text=True)
    sys.stderr.write(output)
    for name, time in re.findall(r"^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op", output, re.M):
        samples[name].append(float(time))


def show(nanoseconds):
    for unit, size in [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]:
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def show_all(sample):
    if not sample:
        return "–"
    return f"{show(statistics.median(sample))} ({show(min(sample))} to {show(max(sample))})"


def print_tables(ours, go):
    print("| benchmark | ours: median (best to worst) | Go | Go / ours |\n| --- | --- | --- | --- |")
    for name in sorted(ours, key=lambda name: (BENCHES.index(name.split("/")[0]), name)):
        other = go.get(SAME_WORK.get(name, ""), [])
        ratio = statistics.median(other) / statistics.median(ours[name]) if other else None
        ratio = f"{ratio:.2g}" if ratio else "–"
        print(f"| `{name}` | {show_all(ours[name])} | {show_all(other)} | {ratio} |")
    print("\n| Go's benchmark | median (best to worst) |\n| --- | --- |")
    for name in sorted(go):
        print(f"| `{name}` | {show_all(go[name])} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="of each benchmark and repeat")
    parser.add_argument("--only", action="append", choices=BENCHES)
    parser.add_argument("--no-go", action="store_true")
    options = parser.parse_args()
    ours, go = defaultdict(list), defaultdict(list)
    for _ in range(options.repeats):
        for bench in options.only or BENCHES:
            run_ours(bench, options.seconds, ours)
        if not options.no_go:
            run_go(min(options.seconds, 1), go)
    print_tables(ours, go)


if __name__ == "__main__":
    main()
