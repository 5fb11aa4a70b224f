//! What there is to read in an executable: code, constants, pointers, and the names of functions.

use std::collections::HashMap;

use object::read::elf::ElfFile64;
use object::{
    Architecture, Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationTarget,
    SectionKind, SymbolKind,
};

/// Section of pairs that the compiler's pass writes: the address of the code that a counter counts,
/// and 1 if it is the beginning of a function.
const PC_TABLE: &str = "__sancov_pcs";

/// Bytes of a pair in it.
const PAIR: usize = 16;

/// What executes the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Processor {
    X86_64,
    Other,
}

/// Part of the memory of a program, as the file has it.
#[derive(Clone, Debug)]
pub(super) struct Section<'d> {
    pub(super) address: u64,
    pub(super) bytes: &'d [u8],
    pub(super) is_constant: bool,
}

/// A function, with the name that the linker knows it by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function<'d> {
    pub(super) address: u64,
    pub(super) code: &'d [u8],
    pub(super) name: &'d str,
}

/// An executable.
#[derive(Debug)]
pub(super) struct Image<'d> {
    pub(super) processor: Processor,
    pub(super) sections: Vec<Section<'d>>,
    /// What the loader writes: addresses to addresses.
    pub(super) pointers: HashMap<u64, u64>,
    /// What the loader links: addresses to names.
    pub(super) imports: HashMap<u64, &'d str>,
    /// The functions by address.
    pub(super) functions: HashMap<u64, Function<'d>>,
    /// Beginnings of instrumented functions.
    starts: Vec<u64>,
}

impl<'d> Image<'d> {
    /// Reads an executable; nothing if it is none that is understood, or not instrumented.
    pub(super) fn parse(bytes: &'d [u8]) -> Option<Self> {
        let file = ElfFile64::<object::Endianness>::parse(bytes).ok()?;
        let table = file.section_by_name(PC_TABLE)?.address();
        let processor = match file.architecture() {
            Architecture::X86_64 => Processor::X86_64,
            _ => Processor::Other,
        };
        let mut image = Self::new(processor, file.sections().filter_map(section).collect());
        image.link(&file);
        image.functions = image.functions_of(&file);
        image.starts = image.starts_in(table);
        Some(image)
    }

    /// One without functions and pointers.
    pub(super) fn new(processor: Processor, sections: Vec<Section<'d>>) -> Self {
        let (pointers, imports, functions) = Default::default();
        Self { processor, sections, pointers, imports, functions, starts: Vec::new() }
    }

    fn link(&mut self, file: &ElfFile64<'d>) {
        let symbols = file.dynamic_symbol_table();
        for (address, relocation) in file.dynamic_relocations().into_iter().flatten() {
            match relocation.target() {
                RelocationTarget::Absolute => {
                    self.pointers.insert(address, relocation.addend().cast_unsigned());
                }
                RelocationTarget::Symbol(index) => {
                    let symbol = symbols.as_ref().and_then(|all| all.symbol_by_index(index).ok());
                    let name = symbol.and_then(|symbol| symbol.name().ok());
                    self.imports.extend(name.map(|name| (address, name)));
                }
                _ => {}
            }
        }
    }

    fn functions_of(&self, file: &ElfFile64<'d>) -> HashMap<u64, Function<'d>> {
        let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
        let function = |symbol: object::read::elf::ElfSymbol64<'d, '_>| {
            let (address, name) = (symbol.address(), symbol.name().ok()?);
            let code = self.bytes(address, symbol.size().try_into().ok()?)?;
            Some((address, Function { address, code, name }))
        };
        functions.filter_map(function).collect()
    }

    fn starts_in(&self, table: u64) -> Vec<u64> {
        let len = self.section(table).map_or(0, |section| section.bytes.len());
        let pairs = (table..).step_by(PAIR).take(len / PAIR);
        pairs.filter(|at| self.word(at + 8) == Some(1)).filter_map(|at| self.pointer(at)).collect()
    }

    /// The functions that count what is executed.
    pub(super) fn instrumented(&self) -> impl Iterator<Item = Function<'d>> {
        self.starts.iter().filter_map(|start| self.functions.get(start)).copied()
    }

    fn section(&self, address: u64) -> Option<&Section<'d>> {
        let end = |section: &Section<'_>| section.address + section.bytes.len() as u64;
        self.sections.iter().find(|s| (s.address..end(s)).contains(&address))
    }

    /// What the file has for these addresses.
    fn bytes(&self, address: u64, len: usize) -> Option<&'d [u8]> {
        let section = self.section(address)?;
        section.bytes[(address - section.address) as usize..].get(..len)
    }

    /// What can never be anything else, and is no code.
    pub(super) fn constant(&self, address: u64, len: usize) -> Option<&'d [u8]> {
        self.section(address).filter(|section| section.is_constant)?;
        self.bytes(address, len)
    }

    /// The eight bytes at this address as a number, which is no address.
    pub(super) fn word(&self, address: u64) -> Option<u64> {
        let word = self.bytes(address, 8)?.try_into().ok()?;
        (!self.pointers.contains_key(&address)).then(|| u64::from_le_bytes(word))
    }

    /// The address that is at this address.
    pub(super) fn pointer(&self, address: u64) -> Option<u64> {
        // A program that is never moved, or whose relocations are packed, has it in the file.
        let in_place = || self.word(address).filter(|word| self.section(*word).is_some());
        self.pointers.get(&address).copied().or_else(in_place)
    }

    /// The name of the function that is called through the pointer at this address.
    pub(super) fn name_behind(&self, slot: u64) -> Option<&'d str> {
        self.imports.get(&slot).copied().or_else(|| self.name(self.pointer(slot)?))
    }

    /// The name of the function that begins here.
    pub(super) fn name(&self, address: u64) -> Option<&'d str> {
        self.functions.get(&address).map(|function| function.name)
    }

    /// Whether the string at `pointer`, and the two numbers behind it, are the place of a panic in a
    /// source file: `&str, u32, u32`.
    pub(super) fn is_place(&self, pointer: u64) -> bool {
        let text = || {
            let len = self.word(pointer + 8)?.try_into().ok().filter(|len| *len < 4096)?;
            self.constant(self.pointer(pointer)?, len)
        };
        text().is_some_and(|text| text.ends_with(b".rs") || text.ends_with(b".rs\0"))
    }
}

/// A section that is in memory and in the file.
fn section<'d>(section: object::read::elf::ElfSection64<'d, '_>) -> Option<Section<'d>> {
    let kind = section.kind();
    let is_constant = matches!(kind, SectionKind::ReadOnlyData | SectionKind::ReadOnlyString);
    let bytes = section.data().ok()?;
    let is_there = section.address() > 0 && !bytes.is_empty();
    is_there.then(|| Section { address: section.address(), bytes, is_constant })
}
