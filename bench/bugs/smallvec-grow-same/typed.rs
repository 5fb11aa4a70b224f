/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_smallvec_grow_same::Op")]
enum Op {
    Push(u32),
    Pop,
    Insert(u8, u32),
    Remove(u8),
    Truncate(u8),
    Reserve(u8),
    Grow(u8),
    ShrinkToFit,
    Drain,
}
