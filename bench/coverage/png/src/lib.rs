//! A binary decoder: images in PNG.

use std::io::Cursor;

pub fn target(data: &[u8]) {
    let limits = png::Limits { bytes: 1 << 20 };
    let decoder = png::Decoder::new_with_limits(Cursor::new(data), limits);
    let Ok(mut reader) = decoder.read_info() else { return };
    let Some(size) = reader.output_buffer_size().filter(|size| *size <= 1 << 20) else { return };
    let mut image = vec![0; size];
    while reader.next_frame(&mut image).is_ok() {}
}
