//! A validator of WebAssembly.

pub fn target(data: &[u8]) {
    let _ = wasmparser::validate(data);
}
