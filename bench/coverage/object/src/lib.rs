//! A reader of object files: ELF, Mach-O, PE and others.

use object::{Object, ObjectSection, ObjectSymbol};

pub fn target(data: &[u8]) {
    let Ok(file) = object::File::parse(data) else { return };
    let _ = (file.architecture(), file.entry(), file.build_id(), file.imports(), file.exports());
    for section in file.sections().take(100) {
        let _ = (section.name(), section.data(), section.relocations().take(100).count());
    }
    for symbol in file.symbols().chain(file.dynamic_symbols()).take(100) {
        let _ = (symbol.name(), symbol.section());
    }
}
