//! Random campaigns, with and without cold lines.

use std::sync::atomic::{AtomicU8, Ordering};

use shakedown_core::mutate::{Mutator, Recipe};
use shakedown_core::rng::Rng;
use shakedown_core::schema::{Bytes, Field, Node, Types};
use shakedown_core::wire::page::{PageCopy, SIZE, WORDS};

use super::*;
use crate::execute::Stage;
use crate::panics::Rejected;
use crate::target::{Target, Verdict};

const COUNTERS: usize = 8192;

static HITS: [AtomicU8; COUNTERS] = [const { AtomicU8::new(0) }; COUNTERS];
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Hits counters that lie the further back, the rarer they are; rejects some inputs, and fails
/// with others.
static TARGET: Target = Target {
    mark: "",
    program: None,
    manifest_dir: "",
    schema: || unreachable!("the batch has it"),
    call: |reader| {
        CALLS.fetch_add(1, Ordering::Relaxed);
        let hash = reader.bytes()?.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3).rotate_left(29)
        });
        let rarity = hash.trailing_zeros().min(15) as usize;
        for part in 0..=rarity {
            let at = part * 500 + (hash >> 50) as usize % 8;
            HITS[at].fetch_add(1 + (hash >> 40) as u8 % 4, Ordering::Relaxed);
        }
        match hash >> 30 & 0x3ff {
            0..20 => std::panic::resume_unwind(Box::new(Rejected)),
            20..100 => Ok(Verdict::Error("rare".into())),
            _ => Ok(Verdict::Passed),
        }
    },
    seeds: Vec::new,
    dictionary: Vec::new,
    max_len: None,
    timeout: None,
    parameters: &[],
    is_fallible: false,
};

fn copy(page: &[AtomicU64; WORDS]) -> PageCopy {
    let words = page.iter().flat_map(|word| word.load(Ordering::Relaxed).to_ne_bytes());
    PageCopy::new(words.collect::<Vec<_>>().try_into().unwrap_or([0; SIZE]))
}

/// What a coordinator hears of a batch.
#[derive(Debug, PartialEq)]
struct Report {
    execs: u64,
    rejected: u64,
    end: End,
    input: Vec<u8>,
    rng: Rng,
    snapshot: Vec<u8>,
}

/// The reports of a little campaign with cold lines if there are more than `few`, the number of
/// late failures, and the number of executions that were repeated.
fn campaign(seed: u64, few: usize) -> (Vec<Report>, u64, u64) {
    let mut types = Types::new();
    let node = types.add(Node::Bytes(Bytes::ANY));
    let schema = types.finish(vec![Field { name: "data".into(), node, default: None }]);
    let schema = schema.expect("a schema");
    let mut counters = Counters::of(&HITS, few);
    counters.reset();
    let seen: Vec<_> = (0..counters.len() / 8).map(|_| AtomicU64::new(0)).collect();
    let page = [const { AtomicU64::new(0) }; WORDS];
    let mut mutator = Mutator::new(Rng::new(0), Vec::new());
    let stage = Stage::new(&TARGET, 100).expect("memory");
    let mut runner = Runner { stage, isolation: None };
    let first = [&8u32.to_le_bytes()[..], &[0; 8]].concat();
    let mut entry = first.clone();
    let mut rng = Rng::new(seed);
    let mut undisturbed = 0;
    let (mut reports, mut late, mut repeated, mut execs) = (Vec::new(), 0, 0, 0);
    let before = CALLS.load(Ordering::Relaxed);
    while execs < 12_000 {
        let (mut input, mut snapshot) = (vec![0; 100], vec![0; counters.len()]);
        counters.reset();
        page.iter().for_each(|field| field.store(0, Ordering::Relaxed));
        let mut batch = Batch {
            runner: &mut runner,
            counters: &mut counters,
            seen: &seen,
            page: Page::new(&page),
            snapshot: &mut snapshot,
            undisturbed: &mut undisturbed,
            late: None,
            progress: Progress::default(),
        };
        let mut clock = Clock::new(Duration::MAX);
        let (mut end, mut len) = (End::Execs, 0);
        for (entry, execs) in [(&entry, 901), (&first, 300), (&entry, 799)] {
            mutator.rng = rng;
            let recipe = Recipe { entry, ..Recipe::default() };
            let variations = Variations::new(&mut mutator, &schema, recipe, &mut input, 64);
            let mut variations = variations.expect("inputs of the schema");
            end = batch.visit(&mut variations, execs, &mut clock).expect("no mistake");
            len = variations.last().len();
            rng = variations.position().rng;
            if end != End::Execs {
                break;
            }
        }
        let Progress { execs: done, rejected, repeated: again } = batch.progress;
        let words = copy(&page).last_words();
        assert_eq!([words.execs, words.rejected, words.repeated], [done, rejected, again]);
        repeated += again;
        execs += done;
        late += u64::from(batch.late.is_some());
        if end == End::Coverage {
            for (word, buckets) in seen.iter().zip(snapshot.chunks(8)) {
                let buckets = u64::from_le_bytes(buckets.try_into().expect("eight"));
                word.fetch_or(buckets, Ordering::Relaxed);
            }
            entry = input[..len].to_vec();
        } else {
            snapshot.clear();
        }
        input.truncate(len);
        reports.push(Report { execs: done, rejected, end, input, rng, snapshot });
    }
    assert_eq!(CALLS.load(Ordering::Relaxed) - before, execs + repeated, "each is counted");
    (reports, late, repeated)
}

/// The guarantee of this module, over random campaigns: what a look at everything after each
/// execution would report is reported, and nothing else.
#[test]
fn looking_at_cold_lines_now_and_then_changes_no_report() {
    let lock = crate::replay::ONE_AT_A_TIME.lock();
    let _guard = lock.unwrap_or_else(std::sync::PoisonError::into_inner);
    let (mut late, mut repeated) = (0, 0);
    for seed in 0..60 {
        let (expected, none, zero) = campaign(seed, usize::MAX);
        assert_eq!((none, zero), (0, 0), "nothing is cold");
        assert!(expected.iter().filter(|report| report.end == End::Coverage).count() > 30);
        let (reports, some, again) = campaign(seed, 0);
        assert_eq!(reports, expected, "seed {seed}");
        (late, repeated) = (late + some, repeated + again);
    }
    assert!(repeated > 0 && late > 0, "{repeated} repeated, {late} late");
}
