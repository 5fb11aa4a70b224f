//! The archive of empty instrumentation callbacks, for binaries that do not link the runtime.
//!
//! An instrumented program without them (a `[[bin]]`, an example, a test file without targets)
//! does not link. The archive is searched last, so it is only used where they are missing; it is
//! built by the user's own rustc and needs no C compiler.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::BuildError;
use super::toolchain::Toolchain;

/// The source of the archive: the callbacks that LLVM emits calls of under
/// [`super::flags::INSTRUMENTATION`]. The parameters are left out: an empty function reads none.
///
/// The runtime defines exactly these: with one missing there, the linker would take it from the
/// archive, and with it all others a second time.
pub(super) const SOURCE: &str = r#"#![no_std]
#[no_mangle] pub extern "C" fn __sanitizer_cov_8bit_counters_init() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_pcs_init() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_cmp1() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_cmp2() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_cmp4() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_cmp8() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_const_cmp1() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_const_cmp2() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_const_cmp4() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_const_cmp8() {}
#[no_mangle] pub extern "C" fn __sanitizer_cov_trace_switch() {}
"#;

/// Returns the path of the archive in `directory`, which is created, and builds it if need be.
///
/// # Errors
/// If the directory cannot be written, or rustc does not compile the source.
pub(super) fn archive(directory: &Path, toolchain: &Toolchain) -> Result<PathBuf, BuildError> {
    let path = directory.join(format!("libshakedown_stubs-{}.rlib", toolchain.platform));
    if path.exists() {
        return Ok(path);
    }
    std::fs::create_dir_all(directory).map_err(BuildError::file("create", directory))?;
    // Another build may be at the same point: each works in a folder of its own (rustc puts its
    // temporary files next to its output), then renames the archive.
    let workshop = tempfile::tempdir_in(directory)
        .map_err(BuildError::file("create a folder in", directory))?;
    let unfinished = workshop.path().join("libshakedown_stubs.rlib");
    compile(&unfinished, toolchain)?;
    std::fs::rename(&unfinished, &path).map_err(BuildError::file("create", &path))?;
    Ok(path)
}

fn compile(output: &Path, toolchain: &Toolchain) -> Result<(), BuildError> {
    let mut child = Command::new(&toolchain.rustc)
        .args(["--crate-name=shakedown_stubs", "--crate-type=rlib", "--edition=2021"])
        .args(["-Copt-level=3", "-Ccodegen-units=1", "-Cpanic=abort", "-Cembed-bitcode=no"])
        .args(["--target", &toolchain.platform, "-o"])
        .arg(output)
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(BuildError::spawn(&toolchain.rustc))?;
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    // Where rustc ends without reading all of it, its own message says more than the broken pipe.
    let _ = stdin.write_all(SOURCE.as_bytes());
    drop(stdin);
    let outcome = child.wait_with_output().map_err(BuildError::spawn(&toolchain.rustc))?;
    if outcome.status.success() {
        Ok(())
    } else {
        Err(BuildError::Stubs(String::from_utf8_lossy(&outcome.stderr).trim().to_owned()))
    }
}
