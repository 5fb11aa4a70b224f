//! tiff=0.10.2: assertion when LZW data have no end code (image-rs/image-tiff (commit edd260f)).

use std::io::Cursor;
pub fn target(data: &[u8]) {
    if let Ok(d) = tiff::decoder::Decoder::new(Cursor::new(data)) {
        let mut l = tiff::decoder::Limits::default();
        l.decoding_buffer_size = 1 << 22;
        l.intermediate_buffer_size = 1 << 22;
        l.ifd_value_size = 1 << 16;
        let mut d = d.with_limits(l);
        match d.dimensions() {
            Ok((w, h)) if w as u64 * h as u64 <= 1 << 22 => {}
            _ => return,
        }
        let _ = d.read_image();
        while d.more_images() && d.next_image().is_ok() {
            let _ = d.read_image();
        }
    }
}
