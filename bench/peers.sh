#!/bin/sh
# Executions a second of this project and of cargo-fuzz (libFuzzer, no sanitizer, stable Rust) on the
# same targets, in turn, each engine with its target on one processor.
#
#     bench/peers.sh [REPEATS] [SECONDS]      default: 3 10;  CORE=1 picks the processor
#
# Prints: repeat, target, engine, executions a second of the run, executions a second of processor
# time (user and system, of all processes of the engine: the figure to compare where other programs
# are at work), edges by the engine's own count.
# Needs cargo-fuzz (cargo install cargo-fuzz), a C++ compiler, jq, taskset and GNU time.
set -eu
repeats=${1:-3} seconds=${2:-10} core=${CORE:-1}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache"

cargo build --quiet --release --manifest-path "$here/../Cargo.toml" -p cargo-shakedown
programs=$(cd "$here/.." && cargo metadata --no-deps --format-version 1 | jq -r .target_directory)
cp "$programs/release/cargo-shakedown" "$work/"
libfuzzer="$programs/libfuzzer"
(cd "$here/libfuzzer" && cargo fuzz build --fuzz-dir . -s none --target-dir "$libfuzzer") >&2
host=$(rustc -vV | sed -n 's/^host: //p')

# Runs a command on the processor, and leaves its processor time in seconds behind.
on_core() {
    taskset -c "$core" /usr/bin/time -o "$work/cpu" -f '%U %S' "$@"
}

# report EXECS SECONDS EDGES
report() {
    awk -v execs="$1" -v seconds="$2" -v edges="$3" \
        '{ printf "%.0f\t%.0f\t%d\n", execs / seconds, execs / ($1 + $2), edges }' "$work/cpu"
}

# Nothing is kept between runs.
run_ours() {
    rm -rf "$XDG_CACHE_HOME"
    (cd "$here/targets" && on_core "$work/cargo-shakedown" shakedown fuzz "$1" --jobs 1 \
        --max-len 128 --time "${seconds}s" --json >"$work/out" 2>"$work/log")
    # The three words are arguments of their own.
    # shellcheck disable=SC2046
    report $(jq -r 'select(.type == "summary").targets[0] |
        "\(.execs) \(.elapsed_ms / 1000) \(.edges)"' "$work/out")
}

run_libfuzzer() {
    rm -rf "$work/corpus" && mkdir "$work/corpus"
    [ "$1" = empty ] || printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' >"$work/corpus/seed"
    on_core "$libfuzzer/$host/release/$1" -max_len=128 -max_total_time="$seconds" \
        -print_final_stats=1 -artifact_prefix="$work/" "$work/corpus" >"$work/out" 2>&1
    execs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/out")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$work/out" | tail -1)
    report "$execs" "$seconds" "$edges"
}

(cd "$here/targets" && "$work/cargo-shakedown" shakedown list >/dev/null 2>&1)
for repeat in $(seq "$repeats"); do
    for target in empty httparse; do
        for engine in ours libfuzzer; do
            printf '%s\t%s\t%s\t%s\n' "$repeat" "$target" "$engine" "$(run_$engine $target)"
        done
    done
done
