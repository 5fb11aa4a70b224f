#!/usr/bin/env python3
"""What the page costs a campaign: executions per second of processor time while a browser has it open,
beside those without it. Prints a table of Markdown.

    bench/page.py [--pairs 7] [--execs N] [--core 0] [TARGET..]

Both runs of a pair make the same executions, one after the other, on one processor, in alternating
order. The processor time is that of the command and its workers, from the start of the campaign to its
end; the browser has the other processors. It is Chromium without a screen, or, where there is none, a
reader of the same events. Needs Linux, taskset, and two processors.

The ratio needs a machine with nothing else to do. The last two columns do not: what the threads of the
page take of a processor, and what the thread that decides takes of it, for each second by the clock,
alone and with the page.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections import namedtuple
from pathlib import Path

import jobs
import ours

# Executions of each run: ten seconds or more.
EXECS = {"httparse": 60_000_000, "url": 6_000_000}

BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]


class Reader:
    """Reads the events as a browser does, and counts them."""

    def __init__(self, url, _cores):
        page, _, token = url.partition("#")
        self.count = 0
        self.stream = urllib.request.urlopen(f"{page}api/v1/events?token={token}")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream:
            self.count += line.startswith(b"data: ")

    def is_open(self):
        return self.count > 0

    def close(self):
        pass


class Browser:
    """A browser that has the page open."""

    def __init__(self, url, cores):
        self.port = int(url.split(":")[2].split("/")[0])
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        name = next(filter(shutil.which, BROWSERS))
        command = ["taskset", "-c", cores, name, "--headless", "--no-sandbox", "--disable-gpu"]
        command += ["--remote-debugging-port=0", f"--user-data-dir={self.folder.name}", url]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, start_new_session=True, **quiet)

    def is_open(self):
        """Whether it listens to the campaign."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(row[2].endswith(f":{self.port:04X}") and row[3] == "01" for row in rows)

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


Run = namedtuple("Run", "rate by_clock page main")


def threads(pid):
    """Seconds of processor time of the page's threads and of the one that decides; nothing if one of
    them has just ended."""
    page, main = 0, 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            seconds = int((task / "schedstat").read_text().split()[0]) / 1e9
            page += seconds if (task / "comm").read_text().strip() == "page" else 0
            main += seconds if task.name == str(pid) else 0
    except OSError:
        return None
    return page, main


def measure(program, target, execs, core, reader, cores):
    """One run: how it went."""
    with tempfile.TemporaryDirectory() as cache:
        limit = ["--seed", "1", "--execs", str(execs), *(["--ui"] if reader else [])]
        process = ours.start(program, target, 1, limit, cache, core)
        before, was_open, page, parts, summary = None, not reader, None, (0, 0), None
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == "page":
                page = reader(event["url"], cores)
            elif event["type"] == "start":
                before = jobs.stat(process.pid)
            elif event["type"] == "status":
                parts = threads(process.pid) or parts
                if page and event["execs"] >= execs * 0.8:
                    was_open = was_open or page.is_open()
            elif event["type"] == "summary":
                summary = event
        status, usage = os.wait4(process.pid, 0)[1:]
    if page:
        page.close()
    if status or not was_open:
        sys.exit(f"{target} could not be measured, status {status}, page open: {was_open}")
    seconds = usage.ru_utime + usage.ru_stime - sum(before) / os.sysconf("SC_CLK_TCK")
    made = summary["targets"][0]
    clock = made["elapsed_ms"] / 1000
    return Run(made["execs"] / seconds, made["execs_per_sec"], *(part / clock for part in parts))


def row(target, pairs):
    """One row of the table."""

    def median(value):
        return statistics.median(map(value, pairs))

    ratios = [page.rate / alone.rate for alone, page in pairs]
    cells = [target, str(len(pairs)), *(f"{median(lambda pair: pair[at].rate):,.0f}" for at in [0, 1])]
    cells.append(f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    cells.append(f"{median(lambda pair: pair[1].by_clock / pair[0].by_clock):.3f}")
    cells.append(f"{median(lambda pair: pair[1].page):.2%}")
    cells.append(" / ".join(f"{median(lambda pair: pair[at].main):.2%}" for at in [0, 1]))
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--execs", type=int, help="of each run")
    parser.add_argument("--core", type=int, default=0, help="processor of the campaign")
    parser.add_argument("--program", help="the command, if it is not to be built")
    parser.add_argument("--no-browser", action="store_true", help="read the events only")
    parser.add_argument("targets", nargs="*", default=list(EXECS), metavar="TARGET")
    options = parser.parse_args()
    program = options.program or ours.build()
    has_browser = any(map(shutil.which, BROWSERS)) and not options.no_browser
    reader = Browser if has_browser else Reader
    cores = ",".join(str(core) for core in range(os.cpu_count()) if core != options.core)
    columns = ["target", "pairs", "alone: executions/s of processor time", "with the page open"]
    columns += ["ratio", "by the clock", "threads of the page", "the one that decides"]
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|")
    for target in options.targets:
        execs = options.execs or EXECS[target]
        pairs = []
        for number in range(options.pairs):
            order = [None, reader] if number % 2 == 0 else [reader, None]
            pair = {it: measure(program, target, execs, options.core, it, cores) for it in order}
            pairs.append((pair[None], pair[reader]))
        print(row(target, pairs), flush=True)


if __name__ == "__main__":
    main()
