/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_im_vector::Op")]
enum Op {
    PushFront(u16),
    PushBack(u16),
    PopFront(u16),
    PopBack(u16),
    InsertAt(u16, u8),
    RemoveAt(u16),
    JoinLeft(u16),
    JoinRight(u16),
    SplitLeft(u16),
    SplitRight(u16),
}
