/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_string_interner_clone::Op")]
enum Op {
    Intern(String),
    Get(String),
    Fork,
    DropOldest,
}
