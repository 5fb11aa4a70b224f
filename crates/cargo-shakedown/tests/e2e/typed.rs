//! A typed finding reads well, can be edited by hand, and outlives changes of its types.

use crate::project::Project;

#[test]
fn a_typed_finding_is_the_simplest_literal_and_outlives_changes_of_its_types() {
    let project = Project::copy("values");
    let fuzz = ["fuzz", "discounts", "--json", "--jobs=1", "--seed=1", "--execs=200000"];
    project.shakedown(&[&fuzz[..], &["--fail-fast"]].concat()).exits(1);
    let files = project.testdata("discounts");
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(&files[0]).expect("it is there");
    assert_eq!(
        text,
        "shakedown v1\n\
         // panic at src/lib.rs:25:9: a discount of 1 on 0\n\
         order: Order { quantity: 4, price: 0, discount: 1, note: \"\" }\n"
    );

    let edited = "shakedown v1\n// by hand\n\norder: Order {\n    quantity: 1_000, // many\n    \
                  discount: 0xffff, price: 2,\n}\n";
    std::fs::write(&files[0], edited).expect("it can be edited");
    replay_fails(&project, "a discount of 65535 on 2000");

    let source = project.read("src/lib.rs");
    let source = source
        .replace("    note: String,", "    note: String,\n    express: Option<bool>,")
        .replace(
            "discounts(order: Order)",
            "discounts(order: Order, #[input(default = false)] dry_run: bool)",
        )
        .replace("{ quantity: 2, price: 30, discount: 10, note: \"gift\".into() }]", "]")
        .replace("seeds = [Order ]", "max_len = 100")
        .replace(
            "    let sum =",
            "    assert!(!dry_run && order.express.is_none());\n    let sum =",
        );
    project.write("src/lib.rs", source);
    let recorded = project.read("src/recorded.rs");
    let recorded =
        recorded.replace("note: String::new() }", "note: String::new(), express: None }");
    project.write("src/recorded.rs", recorded);
    replay_fails(&project, "a discount of 65535 on 2000");
}

/// Both ways to run the one known input of `discounts` fail with this message.
fn replay_fails(project: &Project, message: &str) {
    let file = &project.testdata("discounts")[0];
    let path = file.to_str().expect("a readable path");
    project.shakedown(&["replay", "discounts", path]).exits(1).says(message);
    let name = file.file_name().expect("a name").to_string_lossy();
    project.cargo_test().exits(101).says(message).says(&name);
}
