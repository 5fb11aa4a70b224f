//! tiff=0.2.2: slice index out of range expanding a strip (image-rs/image-tiff#28).

use std::io::Cursor;
pub fn target(data: &[u8]) {
    if let Ok(mut d) = tiff::decoder::Decoder::new(Cursor::new(data)) {
        // keep the legitimate memory small: the crate of that time had no limits
        match d.dimensions() {
            Ok((w, h)) if w as u64 * h as u64 <= 1 << 22 => {}
            _ => return,
        }
        let _ = d.read_image();
    }
}
