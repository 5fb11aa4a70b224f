//! kamadak-exif=0.5.2: infinite loop on a truncated PNG chunk (RUSTSEC-2021-0143).

pub fn target(data: &[u8]) {
    let _ = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(data));
}
