/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_slice_deque_mirror::Op")]
enum Op {
    PushBack([u8; 3]),
    PushFront([u8; 3]),
    PopBack,
    PopFront,
    Rotate(bool, u16),
}
