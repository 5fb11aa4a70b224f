"""The command of this project, for the scripts beside: built, and run on the targets in targets/."""

import json
import os
import subprocess
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
TARGETS = BENCH / "targets"

# The longest input of each target, for every engine.
MAX_LEN = {
    "empty": 128,
    "httparse": 128,
    "url": 128,
    "json": 4096,
    "markdown": 16384,
    "diff": 4096,
}


def target_directory():
    command = ["cargo", "metadata", "--no-deps", "--format-version=1"]
    return Path(json.loads(subprocess.check_output(command, cwd=ROOT))["target_directory"])


def build():
    """Builds the command, and the targets with it; answers its path."""
    command = ["cargo", "build", "--quiet", "--release", "--locked", "-p", "cargo-shakedown"]
    subprocess.run(command, cwd=ROOT, check=True)
    program = target_directory() / "release/cargo-shakedown"
    subprocess.run([program, "shakedown", "list"], cwd=TARGETS, check=True, capture_output=True)
    return program


def start(program, target, jobs, limit, cache, core=None):
    """Starts a search; its standard output is lines of JSON."""
    command = ["taskset", "-c", str(core)] if core is not None else []
    command += [program, "shakedown", "fuzz", target, "--jobs", str(jobs), "--json"]
    command += ["--max-len", str(MAX_LEN[target]), *limit]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    return subprocess.Popen(command, cwd=TARGETS, env=environment, **pipes)
