//! Coverage that does not depend on the input alone guides nothing, and is told.

use crate::project::Project;

fn stability(summary: &serde_json::Value) -> f64 {
    summary["targets"][0]["stability"].as_f64().expect("a number")
}

#[test]
fn a_moody_target_does_not_flood_its_corpus_and_is_told_of() {
    let project = Project::copy("values");
    for jobs in ["--jobs=1", "--jobs=2"] {
        let fuzz = ["fuzz", "moody", "--json", "--seed=1", jobs, "--execs=20000"];
        let run = project.shakedown(&fuzz).exits(0);
        assert_eq!(run.number("execs"), 20_000);
        let stability = stability(&run.summary());
        assert!((0.05..0.9).contains(&stability), "{stability}");
        // One for the door, and few that were taken for stable by chance.
        let entries = project.entries("moody").len();
        assert!((1..=10).contains(&entries), "{entries} entries");
        let told = run.of_type("warning").into_iter().filter_map(|line| {
            line["message"].as_str().filter(|text| text.contains("--isolate")).map(str::to_owned)
        });
        assert_eq!(told.count(), 1, "told once");
        std::fs::remove_dir_all(project.cache()).expect("it can be removed");
    }
    let fuzz = ["fuzz", "moody", "--seed=1", "--jobs=1", "--execs=2000"];
    project.shakedown(&fuzz).exits(0).says("moody: stability ");
}

#[test]
fn a_target_that_depends_on_its_input_alone_is_stable() {
    let project = Project::copy("values");
    for target in ["recorded::curious", "discounts"] {
        let fuzz = ["fuzz", target, "--json", "--seed=1", "--jobs=2", "--execs=3000"];
        let summary = project.shakedown(&fuzz).summary();
        assert_eq!(stability(&summary).to_string(), "1", "{target}");
    }
}
