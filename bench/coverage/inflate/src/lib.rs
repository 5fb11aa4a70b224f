//! A compressor: what it packs it must unpack, and what it unpacks may be anything.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

const LIMIT: usize = 1 << 16;

pub fn target(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    match kind % 3 {
        0 => drop(decompress_to_vec_with_limit(data, LIMIT)),
        1 => drop(decompress_to_vec_zlib_with_limit(data, LIMIT)),
        _ => {
            let packed = compress_to_vec_zlib(data, kind / 3 % 11);
            let again = decompress_to_vec_zlib_with_limit(&packed, LIMIT);
            assert_eq!(again.expect("what was packed"), data);
        }
    }
}
