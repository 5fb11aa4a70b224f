/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_simple_slab_remove::Op")]
enum Op {
    Insert(u32),
    Remove(u8),
}
