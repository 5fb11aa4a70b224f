//! A disk that is full from some write on, whichever that is: nothing that was announced is lost,
//! and the next campaign goes on from there.

use std::path::{Path, PathBuf};

use crate::mount::Mount;
use crate::project::{Project, Run, files};

/// Pages that are left on the disk when a campaign begins. What it writes takes one each, for files
/// and folders.
const LEFT: [usize; 6] = [0, 1, 2, 3, 5, 8];

const PAGE: usize = 4096;

#[test]
fn a_disk_may_be_full_at_any_write() {
    let project = Project::copy("values");
    let disk = project.path("disk");
    std::fs::create_dir(&disk).expect("a folder can be made");
    for left in LEFT {
        let Some(_disk) = Mount::tiny(&disk) else { return };
        let filler = fill_but(&disk, left);
        let run = fuzz(&project, "--execs=1500");
        assert!(matches!(run.status.code(), Some(1 | 2)), "{left}: {}{}", run.stdout, run.stderr);
        assert!(!run.stderr.contains("panicked at"), "{left}: {}", run.stderr);
        let written = check_findings(&run);

        std::fs::remove_file(filler).expect("it is there");
        let mut saved = entries(&disk);
        let again = fuzz(&project, "--execs=40");
        assert_eq!(again.of_type("warning"), Vec::<serde_json::Value>::new(), "{left}");
        let again = again.exits(1);
        let prepared = &again.of_type("prepared")[0];
        if prepared["seeds"] == 0 {
            // It starts from the empty input anyway, which is an entry of a target that shows
            // something else each time, as this one does: it writes to files.
            saved.retain(|path| path.metadata().is_ok_and(|metadata| metadata.len() > 0));
        }
        let cached = prepared["cached"].as_u64().unwrap_or(0);
        assert_eq!(cached, saved.len() as u64, "{left}: {saved:?}: {}", again.stdout);
        let names = written.iter().filter_map(|path| path.to_str());
        let arguments: Vec<&str> =
            ["replay", "recorded::failing"].into_iter().chain(names).collect();
        if !written.is_empty() {
            let replay = project.shakedown(&arguments).exits(1);
            assert!(!replay.stdout.contains(": ok"), "{left}: {}", replay.stdout);
        }
    }
}

/// A campaign whose files are all on the disk.
fn fuzz(project: &Project, execs: &str) -> Run {
    let link = project.path("testdata");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink("disk", &link).expect("a link can be made");
    let target = ["fuzz", "recorded::failing", "--json", "--jobs=2", "--seed=1"];
    project.shakedown(&[&target[..], &["--corpus=disk/corpus", execs]].concat())
}

/// Every finding is in the file that it names, or its input is told. Returns the files.
fn check_findings(run: &Run) -> Vec<PathBuf> {
    let findings = run.of_type("finding");
    // Nothing is found where the campaign could not even begin.
    if run.status.code() == Some(2) && findings.is_empty() {
        return Vec::new();
    }
    let warnings: String = run.of_type("warning").iter().map(ToString::to_string).collect();
    let mut written = Vec::new();
    for finding in &findings {
        // What could not be written when it was found may find room at the end.
        let summary = run.summary();
        let in_the_end = summary["findings"].as_array().into_iter().flatten();
        let in_the_end = in_the_end.filter(|found| found["key"] == finding["key"]);
        let files = std::iter::once(finding).chain(in_the_end);
        match files.filter_map(|found| found["file"].as_str()).next_back() {
            Some(file) => written.push(PathBuf::from(file)),
            None => assert!(warnings.contains("save it by hand"), "{}", run.stdout),
        }
    }
    // A smaller input may have taken the place of one that was announced.
    let replaced = run.of_type("replaced");
    written.retain(|path| path.exists() || replaced.is_empty());
    assert!(written.iter().all(|path| path.exists()), "{written:?}");
    written
}

/// Leaves so many pages free; returns the file that takes the rest.
fn fill_but(disk: &Path, left: usize) -> PathBuf {
    let filler = disk.join(".filler");
    let room = vec![0; left * PAGE];
    std::fs::write(disk.join(".room"), room).expect("there is room");
    std::fs::write(&filler, vec![0; 1 << 20]).expect_err("the disk is full");
    std::fs::remove_file(disk.join(".room")).expect("it is there");
    filler
}

/// The entries on the disk: what is neither hidden nor in a folder of another meaning.
fn entries(disk: &Path) -> Vec<PathBuf> {
    let is_entry = |path: &PathBuf| {
        let name = path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'));
        name && path.parent().is_some_and(|folder| folder.ends_with("recorded.failing"))
    };
    files(&disk.join("corpus")).into_iter().filter(is_entry).collect()
}
