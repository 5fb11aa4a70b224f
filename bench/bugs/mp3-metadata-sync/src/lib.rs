//! mp3-metadata=0.3.4: index out of bounds undoing the unsynchronisation (RUSTSEC-2025-0027).

pub fn target(data: &[u8]) {
    let _ = mp3_metadata::read_from_slice(data);
}
