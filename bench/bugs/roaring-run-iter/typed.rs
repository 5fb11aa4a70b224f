/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_roaring_run_iter::Op")]
enum Op {
    Insert(u16),
    InsertRange(u16, u8),
    Optimize,
    Next,
    NextBack,
    Nth(u8),
    NthBack(u8),
    AdvanceTo(u16),
    AdvanceBackTo(u16),
}
