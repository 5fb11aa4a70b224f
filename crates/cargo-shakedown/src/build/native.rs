//! Code in other languages that packages bring along. It runs as it is: the compiler's callbacks are
//! only in what rustc compiles.

use cargo_metadata::{BuildScript, Metadata};

/// A warning that names the packages whose build scripts link libraries of their own; nothing if
/// there are none.
pub(super) fn warning(metadata: &Metadata, scripts: &[BuildScript]) -> Option<String> {
    let is_native = |script: &&BuildScript| {
        script.linked_libs.iter().any(|library| library.as_str().starts_with("static"))
    };
    let name = |script: &BuildScript| {
        let package = metadata.packages.iter().find(|package| package.id == script.package_id);
        package.map(|package| format!("`{}`", package.name))
    };
    let mut names: Vec<_> = scripts.iter().filter(is_native).filter_map(name).collect();
    names.sort();
    names.dedup();
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        format!(
            "the native code of {names} is not instrumented: it runs, but does not guide the search"
        )
    })
}
