// Go's fuzzing engine on the workloads of crates/cargo-shakedown/benches/worker.rs, where its own
// benchmarks measure something else: inputs of 32 bytes, and minimizing through a real worker.
// bench/run.sh adds this file to the package internal/fuzz for one run, by an overlay.

package fuzz

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
)

const likeOursVariable = "LIKE_OURS_WORKER"

// In a worker process, init serves calls with the function that the benchmark named.
func init() {
	fails, ok := map[string]func([]byte) bool{
		"contains":      containsAll,
		"is_1024_zeros": func(data []byte) bool { return bytes.Equal(data, make([]byte, 1024)) },
	}[os.Getenv(likeOursVariable)]
	if !ok || !isWorker() {
		return
	}
	fn := func(entry CorpusEntry) error {
		if fails(entry.Values[0].([]byte)) {
			return errors.New("it fails")
		}
		return nil
	}
	if err := RunFuzzWorker(context.Background(), fn); err != nil {
		panic(err)
	}
	os.Exit(0)
}

func isWorker() bool {
	for _, arg := range os.Args {
		if arg == "-benchmarkworker" {
			return true
		}
	}
	return false
}

func containsAll(data []byte) bool {
	for _, wanted := range []byte{3, 1, 4, 15, 92} {
		if bytes.IndexByte(data, wanted) < 0 {
			return false
		}
	}
	return true
}

func BenchmarkLikeOursWorkerExecute(b *testing.B) {
	for name, size := range map[string]int{"0_bytes": 0, "32_bytes": 32} {
		b.Run(name, func(b *testing.B) {
			w := newWorkerForTest(b)
			entry := CorpusEntry{Values: []any{make([]byte, size)}}
			entry.Data = marshalCorpusFile(entry.Values...)
			b.ResetTimer()
			for left := int64(b.N); left > 0; {
				args := fuzzArgs{Limit: left, Timeout: workerFuzzDuration}
				_, resp, _, err := w.client.fuzz(context.Background(), entry, args)
				if err != nil || resp.Err != "" || resp.Count == 0 {
					b.Fatal(err, resp.Err, resp.Count)
				}
				left -= resp.Count
			}
		})
	}
}

func BenchmarkLikeOursWorkerMinimize(b *testing.B) {
	scattered := make([]byte, 1024)
	for at := range scattered {
		scattered[at] = byte(at * 7)
	}
	inputs := map[string][]byte{"contains": scattered, "is_1024_zeros": make([]byte, 1024)}
	for name, input := range inputs {
		b.Run(name, func(b *testing.B) {
			b.Setenv(likeOursVariable, name)
			w := newWorkerForTest(b)
			entry := CorpusEntry{Values: []any{input}}
			entry.Data = marshalCorpusFile(entry.Values...)
			var execs int64
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				_, resp, err := w.client.minimize(context.Background(), entry, minimizeArgs{})
				if err != nil || !resp.WroteToMem {
					b.Fatal(err, resp.WroteToMem)
				}
				execs = resp.Count
			}
			b.ReportMetric(float64(execs), "execs")
		})
	}
}
