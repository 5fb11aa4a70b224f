/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_im_ordset_range::Op")]
enum Op {
    Insert(u16),
    Remove(u16),
    RemoveMin,
    RemoveMax,
    InsertRun(u16, u16),
    RemoveRun(u16, u16),
    Range(u16, u16),
}
