//! Every way in which an execution can end, and what becomes of it.

use crate::project::Project;

#[test]
fn every_kind_of_end_is_one_finding_and_the_campaign_goes_on() {
    let project = Project::copy("ends");
    for byte in 0..=12 {
        let text = format!("shakedown v1\nbyte: {byte}\n");
        project.write(format!("testdata/fuzz/every_end/{byte:02}"), text);
    }
    let run = project.shakedown(&[
        "fuzz", "every_end", "--json", "--seed=1", "--jobs=2", "--execs=13", "--timeout=300ms",
        "--memory-limit=200MiB",
    ]);
    println!("{}\n{}", run.stdout, run.stderr);
}
