//! The code of a program for x86-64: its functions, what instructions lead to, and which functions
//! never return.

use std::cell::RefCell;
use std::collections::HashMap;

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, OpKind};
use object::read::elf::ElfFile64;
use object::{
    Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationTarget, SymbolKind,
};

/// Functions of other libraries that never return.
const FINAL: [&str; 6] =
    ["_Unwind_Resume", "abort", "exit", "_exit", "__stack_chk_fail", "__assert_fail"];

/// Most calls that are followed to see whether a function returns.
const MAX_DEPTH: usize = 8;

/// The code.
pub(super) struct Code<'d> {
    /// What is in memory and in the file.
    sections: Vec<(u64, &'d [u8])>,
    /// How long functions are, by their addresses.
    sizes: HashMap<u64, u64>,
    /// What the loader writes: addresses to addresses.
    pointers: HashMap<u64, u64>,
    /// What the loader links: addresses to names.
    imports: HashMap<u64, &'d str>,
    /// Whether functions return, as far as that was asked.
    returns: RefCell<HashMap<u64, bool>>,
}

impl<'d> Code<'d> {
    pub(super) fn new(file: &ElfFile64<'d>) -> Self {
        let section = |section: object::read::elf::ElfSection64<'d, '_>| {
            Some((section.address(), section.data().ok()?))
        };
        let sections = file.sections().filter_map(section).filter(|(address, _)| *address > 0);
        let symbols = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
        let sizes = symbols.map(|symbol| (symbol.address(), symbol.size())).collect();
        let (mut pointers, mut imports) = (HashMap::new(), HashMap::new());
        let named = file.dynamic_symbol_table();
        for (address, relocation) in file.dynamic_relocations().into_iter().flatten() {
            match relocation.target() {
                RelocationTarget::Absolute => {
                    pointers.insert(address, relocation.addend().cast_unsigned());
                }
                RelocationTarget::Symbol(index) => {
                    let symbol = named.as_ref().and_then(|all| all.symbol_by_index(index).ok());
                    imports.extend(symbol.and_then(|s| s.name().ok()).map(|name| (address, name)));
                }
                _ => {}
            }
        }
        Self { sections: sections.collect(), sizes, pointers, imports, returns: RefCell::default() }
    }

    /// The address that the loader writes at an address.
    pub(super) fn pointer(&self, address: u64) -> Option<u64> {
        self.pointers.get(&address).copied()
    }

    /// The instructions of the function that begins here; none if that is unknown.
    pub(super) fn function(&self, start: u64) -> Vec<Instruction> {
        let len = self.sizes.get(&start).copied().unwrap_or(0);
        self.decoder(start, len).map(|mut decoder| decoder.iter().collect()).unwrap_or_default()
    }

    fn decoder(&self, start: u64, len: u64) -> Option<Decoder<'d>> {
        let end = |(address, bytes): &&(u64, &[u8])| address + bytes.len() as u64;
        let is_around = |section: &&(u64, &[u8])| (section.0..end(section)).contains(&start);
        let (address, bytes) = self.sections.iter().find(is_around)?;
        let bytes = &bytes[(start - address) as usize..];
        let bytes = &bytes[..bytes.len().min(len as usize)];
        Some(Decoder::with_ip(64, bytes, start, DecoderOptions::NONE))
    }

    /// Where an instruction leads to, besides to the next one, if it says so.
    pub(super) fn target(&self, instruction: &Instruction) -> Option<u64> {
        match instruction.flow_control() {
            FlowControl::Next | FlowControl::Return => None,
            _ if instruction.op0_kind() == OpKind::NearBranch64 => {
                Some(instruction.near_branch64())
            }
            // Through a slot of the table that the loader fills.
            _ if instruction.is_ip_rel_memory_operand() => {
                self.pointer(instruction.ip_rel_memory_address())
            }
            _ => None,
        }
    }

    /// Whether what comes after an instruction is another block.
    pub(super) fn ends_block(&self, instruction: &Instruction) -> bool {
        match instruction.flow_control() {
            FlowControl::Next => false,
            FlowControl::Call | FlowControl::IndirectCall => !self.is_returned_to(instruction, 0),
            _ => true,
        }
    }

    /// Whether what comes after an instruction may be executed next.
    pub(super) fn goes_on(&self, instruction: &Instruction) -> bool {
        match instruction.flow_control() {
            FlowControl::Call | FlowControl::IndirectCall => self.is_returned_to(instruction, 0),
            FlowControl::Next | FlowControl::ConditionalBranch | FlowControl::XbeginXabortXend => {
                true
            }
            FlowControl::IndirectBranch
            | FlowControl::UnconditionalBranch
            | FlowControl::Return
            | FlowControl::Exception
            | FlowControl::Interrupt => false,
        }
    }

    /// Whether what an instruction calls, or jumps to as the last thing in its function, may return.
    fn is_returned_to(&self, instruction: &Instruction, depth: usize) -> bool {
        if instruction.is_ip_rel_memory_operand() {
            let slot = instruction.ip_rel_memory_address();
            if let Some(name) = self.imports.get(&slot) {
                return !FINAL.contains(name);
            }
        }
        self.target(instruction).is_none_or(|function| self.may_return(function, depth))
    }

    fn may_return(&self, start: u64, depth: usize) -> bool {
        if let Some(known) = self.returns.borrow().get(&start) {
            return *known;
        }
        if depth == MAX_DEPTH {
            return true;
        }
        // A circle of calls is taken to return.
        self.returns.borrow_mut().insert(start, true);
        let may_return = match self.sizes.get(&start) {
            Some(len) => self.has_way_out(start, start + len, depth),
            None => self.stub(start).is_none_or(|jump| self.is_returned_to(&jump, depth)),
        };
        self.returns.borrow_mut().insert(start, may_return);
        may_return
    }

    /// Whether a function has an instruction that returns, or that jumps to what may.
    fn has_way_out(&self, start: u64, end: u64, depth: usize) -> bool {
        let is_inside = |to: Option<u64>| to.is_some_and(|to| (start..end).contains(&to));
        let function = self.function(start);
        function.is_empty()
            || function.iter().any(|instruction| match instruction.flow_control() {
                FlowControl::Return => true,
                FlowControl::IndirectBranch
                | FlowControl::UnconditionalBranch
                | FlowControl::ConditionalBranch => {
                    !is_inside(self.target(instruction))
                        && self.is_returned_to(instruction, depth + 1)
                }
                _ => false,
            })
    }

    /// The jump of the linker's to a function of another library.
    fn stub(&self, start: u64) -> Option<Instruction> {
        let mut decoder = self.decoder(start, 16)?;
        decoder.iter().take(2).find(|code| code.flow_control() == FlowControl::IndirectBranch)
    }

    /// Made-up code, a function each, for tests.
    #[cfg(test)]
    pub(super) fn of(functions: &[(u64, &'d [u8])], pointers: &[(u64, u64)]) -> Self {
        let sizes = functions.iter().map(|(start, code)| (*start, code.len() as u64)).collect();
        let pointers = pointers.iter().copied().collect();
        let (imports, returns) = Default::default();
        Self { sections: functions.to_vec(), sizes, pointers, imports, returns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_without_a_way_out_never_returns() {
        let functions: [(u64, &[u8]); 5] = [
            (0x1000, &[0xe8, 0xfb, 0x00, 0x00, 0x00, 0x90]), // call 0x1100; nop
            (0x1100, &[0xe9, 0xfb, 0x00, 0x00, 0x00]),       // jmp 0x1200
            (0x1200, &[0x0f, 0x0b]),                         // ud2
            (0x1300, &[0xe9, 0xfb, 0x00, 0x00, 0x00]),       // jmp 0x1400
            (0x1400, &[0x74, 0x00, 0xc3]),                   // je; ret
        ];
        let code = Code::of(&functions, &[]);
        let returns = [0x1000, 0x1100, 0x1200, 0x1300, 0x1400].map(|at| code.may_return(at, 0));
        assert_eq!(returns, [false, false, false, true, true]);
        let call = code.function(0x1000)[0];
        assert!(code.ends_block(&call) && !code.goes_on(&call));
        assert!(code.may_return(0x9000, 0), "of others nothing is known");
    }
}
