//! The options of libFuzzer, `-name=value`, in our words. Pure.

use std::path::Path;

/// What a command line of libFuzzer asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Options of ours that mean the same.
    pub(super) words: Vec<String>,
    /// What has no meaning here, and why.
    pub(super) remarks: Vec<String>,
    /// Files and folders of inputs.
    pub(super) inputs: Vec<String>,
    /// What is for the target itself.
    pub(super) arguments: Vec<String>,
    /// `-runs`: how many executions there are to be.
    pub(super) runs: Option<u64>,
    /// How many processes there are to be, by whatever option.
    pub(super) jobs: Option<u64>,
    /// Whether the first of the folders is to get what the others reach.
    pub(super) is_merge: bool,
    /// Whether an input is to be made smaller.
    pub(super) is_minimization: bool,
    /// Whether findings are no reason to stop.
    pub(super) goes_on: bool,
}

/// What an option means.
enum Meaning {
    /// A number that is the value of this option; 0 is the same as nothing.
    Number(&'static str),
    /// Seconds for this option; 0 means no limit.
    Seconds(&'static str),
    /// A file or folder for this option.
    Path(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// Nothing that a user would miss: it steers the inside of libFuzzer, or what it prints.
    Inner,
}

use Meaning::{Inner, Nothing, Number, Path as PathOf, Seconds};

/// The options whose meaning is a word of ours or nothing.
const MEANINGS: [(&str, Meaning); 43] = [
    ("max_total_time", Seconds("--time")),
    ("timeout", Seconds("--timeout")),
    ("max_len", Number("--max-len")),
    ("seed", Number("--seed")),
    ("dict", PathOf("--dict")),
    ("only_ascii", Nothing("inputs may have any bytes; a target of type `&str` gets UTF-8")),
    ("use_value_profile", Nothing("what inputs are compared with guides the search anyway")),
    ("malloc_limit_mb", Nothing("the limit of all memory holds for each allocation, too")),
    ("detect_leaks", Nothing("leaks are told where a worker grows from execution to execution")),
    ("stop_file", Nothing("end the process by ^C or SIGTERM")),
    ("exact_artifact_path", Nothing("findings are named by their content: see --findings")),
    ("save_coverage_summary", Nothing("see `cargo shakedown coverage`")),
    ("print_coverage", Nothing("see `cargo shakedown coverage`")),
    ("data_flow_trace", Nothing("there are no traces of data flow")),
    ("collect_data_flow", Nothing("there are no traces of data flow")),
    ("focus_function", Nothing("the search is for all of the code")),
    ("error_exitcode", Nothing("the exit status is 1 where something is found")),
    ("timeout_exitcode", Nothing("the exit status is 1 where something is found")),
    ("abort_on_timeout", Nothing("a timeout is a finding, and ends only its worker")),
    ("handle_segv", Nothing("every end of a worker is noticed from outside")),
    ("handle_abrt", Nothing("every end of a worker is noticed from outside")),
    ("len_control", Inner),
    ("mutate_depth", Inner),
    ("cross_over", Inner),
    ("shuffle", Inner),
    ("prefer_small", Inner),
    ("reload", Inner),
    ("report_slow_units", Inner),
    ("reduce_inputs", Inner),
    ("shrink", Inner),
    ("entropic", Inner),
    ("use_counters", Inner),
    ("use_cmp", Inner),
    ("use_memmem", Inner),
    ("trace_pc", Inner),
    ("keep_seed", Inner),
    ("print_final_stats", Inner),
    ("print_corpus_stats", Inner),
    ("print_pcs", Inner),
    ("print_new_cov_pcs", Inner),
    ("print_funcs", Inner),
    ("verbosity", Inner),
    ("close_fd_mask", Inner),
];

/// Reads what stands after the `--` of cargo-fuzz.
pub(super) fn read(words: &[String]) -> Asked {
    let mut asked = Asked::default();
    for word in words {
        match word.strip_prefix('-').and_then(|rest| rest.split_once('=')) {
            Some((name, value)) if !name.starts_with('-') => asked.take(word, name, value),
            None if !word.starts_with('-') => asked.inputs.push(word.clone()),
            // As libFuzzer does: what begins with two is for the target.
            _ if word.starts_with("--") => asked.arguments.push(word.clone()),
            _ => asked.remark(word, "options are written `-name=value`"),
        }
    }
    asked
}

impl Asked {
    fn take(&mut self, word: &str, name: &str, value: &str) {
        if let Some((_, meaning)) = MEANINGS.iter().find(|(known, _)| *known == name) {
            return self.take_plain(word, value, meaning);
        }
        match (name, value.parse::<i64>()) {
            // A negative number means no limit.
            ("runs", Ok(runs)) => self.runs = u64::try_from(runs).ok(),
            ("jobs" | "workers" | "fork", Ok(jobs)) => {
                let jobs = u64::try_from(jobs).ok().filter(|jobs| *jobs > 0);
                self.jobs = self.jobs.max(jobs);
            }
            ("rss_limit_mb", Ok(0)) => self.say("--memory-limit", "0"),
            ("rss_limit_mb", Ok(size)) => self.say("--memory-limit", &format!("{size}MiB")),
            ("ignore_crashes" | "ignore_timeouts" | "ignore_ooms", Ok(is_on)) => {
                self.goes_on |= name == "ignore_crashes" && is_on != 0;
            }
            ("merge" | "set_cover_merge", Ok(is_on)) => self.is_merge = is_on != 0,
            ("minimize_crash", Ok(is_on)) => self.is_minimization = is_on != 0,
            ("artifact_prefix", _) => self.take_prefix(word, value),
            ("seed_inputs", _) => self.take_inputs(word, value),
            ("runs" | "jobs" | "workers" | "fork" | "rss_limit_mb" | "merge", Err(_)) => {
                self.remark(word, "that is no number");
            }
            _ => self.remark(word, "there is no such option here"),
        }
    }

    fn take_plain(&mut self, word: &str, value: &str, meaning: &Meaning) {
        match (meaning, value.parse::<u64>()) {
            (Inner, _) => {}
            (Nothing(reason), _) => self.remark(word, reason),
            (PathOf(option), _) => self.say(option, value),
            (Number(_) | Seconds(_), Ok(0)) => {}
            (Number(option), Ok(number)) => self.say(option, &number.to_string()),
            (Seconds(option), Ok(seconds)) => self.say(option, &format!("{seconds}s")),
            (Number(_) | Seconds(_), Err(_)) => self.remark(word, "that is no number"),
        }
    }

    /// A folder, and how the names of findings in it begin.
    fn take_prefix(&mut self, word: &str, value: &str) {
        match value.rsplit_once('/') {
            Some(("", "")) => self.say("--findings", "/"),
            Some((folder, "")) => self.say("--findings", folder),
            split => {
                let folder = split.map_or(".", |(folder, _)| folder);
                self.say("--findings", folder);
                self.remark(word, "only its folder counts: findings are named by their content");
            }
        }
    }

    /// Files with inputs, or the file that lists them.
    fn take_inputs(&mut self, word: &str, value: &str) {
        match value.starts_with('@') {
            true => self.remark(word, "give the folder of the files instead"),
            false => value.split(',').for_each(|file| self.say("--seeds", file)),
        }
    }

    fn say(&mut self, option: &str, value: &str) {
        self.words.extend([option.to_owned(), value.to_owned()]);
    }

    fn remark(&mut self, word: &str, reason: &str) {
        self.remarks.push(format!("`{word}` has no meaning here: {reason}"));
    }

    /// Whether all inputs are files, each to be run alone.
    pub(super) fn is_only_files(&self, is_folder: impl Fn(&Path) -> bool) -> bool {
        let is_file = |input: &String| !is_folder(Path::new(input));
        !self.inputs.is_empty() && self.inputs.iter().all(is_file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Asked {
        read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_become_ours() {
        for (line, ours) in [
            ("-max_total_time=60", "--time 60s"),
            ("-max_total_time=0 -seed=0 -max_len=0", ""),
            ("-timeout=5 -rss_limit_mb=2048", "--timeout 5s --memory-limit 2048MiB"),
            ("-rss_limit_mb=0", "--memory-limit 0"),
            ("-max_len=1500 -seed=7", "--max-len 1500 --seed 7"),
            ("-dict=fuzz/tiff.dict", "--dict fuzz/tiff.dict"),
            ("-artifact_prefix=out/", "--findings out"),
            ("-seed_inputs=a,b", "--seeds a --seeds b"),
            ("-print_final_stats=1 -len_control=0", ""),
        ] {
            let asked = asked(line);
            assert_eq!((asked.words.join(" "), asked.remarks), (ours.to_owned(), vec![]), "{line}");
        }
    }

    #[test]
    fn what_has_no_meaning_is_said_once_each() {
        for (line, remark) in [
            ("-use_value_profile=1", "guides the search anyway"),
            ("-only_ascii=1", "any bytes"),
            ("-artifact_prefix=out/x-", "only its folder counts"),
            ("-seed_inputs=@list", "give the folder"),
            ("-max_len=x", "that is no number"),
            ("-runs=x", "that is no number"),
            ("-made_up=1", "there is no such option here"),
            ("-help", "written `-name=value`"),
        ] {
            let remarks = asked(line).remarks;
            assert_eq!(remarks.len(), 1, "{line}");
            assert!(remarks[0].contains(remark), "{line}: {remarks:?}");
            assert!(remarks[0].contains(line), "{remarks:?}");
        }
    }

    #[test]
    fn the_rest_is_for_the_target_or_input() {
        let all = asked("--fuel=3 seeds -runs=100 -jobs=2 -workers=4 -fork=3 --verbose in/x");
        assert_eq!(all.arguments, ["--fuel=3", "--verbose"]);
        assert_eq!(all.inputs, ["seeds", "in/x"]);
        assert_eq!((all.runs, all.jobs), (Some(100), Some(4)));
        assert!(!all.is_only_files(|path| path == Path::new("seeds")));
        assert!(all.is_only_files(|_| false) && !asked("").is_only_files(|_| false));
        assert_eq!(asked("-runs=-1 -jobs=0").runs, None);
        let modes = asked("-merge=1 -minimize_crash=1 -ignore_crashes=1 -ignore_ooms=1");
        assert!(modes.is_merge && modes.is_minimization && modes.goes_on);
        assert!(!asked("-ignore_ooms=1 -merge=0").goes_on);
    }

    #[test]
    fn no_option_has_two_meanings() {
        let mut names: Vec<_> = MEANINGS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), MEANINGS.len());
    }
}
