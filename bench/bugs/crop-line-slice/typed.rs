/// The operations of the target, as this engine sees them.
#[derive(shakedown::Input)]
#[input(remote = "bug_crop_line_slice::Op")]
enum Op {
    Insert(u16, u8, u8),
    Delete(u16, u16),
    LineSlice(u8, u8),
    ByteThenLineSlice(u16, u16, u8, u8),
}
