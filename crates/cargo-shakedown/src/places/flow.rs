//! How the blocks of instrumented code follow one another, read from the code itself. On other
//! processors than x86-64 nothing is known of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use iced_x86::FlowControl;
use object::read::elf::ElfFile64;
use object::{Architecture, Object};

use super::code::Code;
use crate::coverage::{Block, Flow};

/// Reads the code of the functions that count. `pairs` are the addresses of the counters, and whether a
/// function begins there.
pub(super) fn flow(file: &ElfFile64<'_>, pairs: &[(u64, bool)]) -> Flow {
    if file.architecture() != Architecture::X86_64 {
        return Flow::default();
    }
    let code = Code::new(file);
    let mut counters: BTreeMap<u64, usize> = BTreeMap::new();
    for (at, (address, _)) in pairs.iter().enumerate() {
        counters.entry(*address).or_insert(at);
    }
    let starts = pairs.iter().filter(|(_, is_entry)| *is_entry).map(|(start, _)| *start);
    let functions = starts.filter_map(|start| Function::read(&code, start, &counters)).collect();
    join(functions, &counters)
}

/// A function, as the blocks that it is made of.
struct Function {
    start: u64,
    /// Where blocks begin, and what comes after each, in this function or another.
    blocks: BTreeMap<u64, BTreeSet<u64>>,
}

impl Function {
    fn read(code: &Code<'_>, start: u64, counters: &BTreeMap<u64, usize>) -> Option<Self> {
        let instructions = code.function(start);
        let end = instructions.last()?.next_ip();
        let mut begins: BTreeSet<u64> = counters.range(start..end).map(|(at, _)| *at).collect();
        begins.insert(start);
        for instruction in instructions.iter().filter(|one| code.ends_block(one)) {
            let to = [code.target(instruction), Some(instruction.next_ip())];
            begins.extend(to.into_iter().flatten().filter(|to| (start..end).contains(to)));
        }
        let mut blocks: BTreeMap<u64, BTreeSet<u64>> =
            begins.iter().map(|begin| (*begin, BTreeSet::new())).collect();
        let mut block = start;
        // Where the code jumps to a place that it computes.
        let mut computed = BTreeSet::new();
        for instruction in &instructions {
            if begins.contains(&instruction.ip()) {
                block = instruction.ip();
            }
            let after = blocks.entry(block).or_default();
            after.extend(code.target(instruction));
            let next = Some(instruction.next_ip()).filter(|next| begins.contains(next));
            after.extend(next.filter(|_| code.goes_on(instruction)));
            if instruction.flow_control() == FlowControl::IndirectBranch {
                computed.insert(block);
            }
        }
        // What nothing leads to is where a switch leads to, or the unwinder.
        let reached: BTreeSet<u64> = blocks.values().flatten().copied().collect();
        let lost: Vec<u64> =
            begins.iter().copied().filter(|at| *at != start && !reached.contains(at)).collect();
        if computed.is_empty() {
            computed.insert(start);
        }
        for block in computed {
            blocks.entry(block).or_default().extend(&lost);
        }
        Some(Self { start, blocks })
    }
}

/// All functions as one graph.
fn join(functions: Vec<Function>, counters: &BTreeMap<u64, usize>) -> Flow {
    let begins = functions.iter().flat_map(|function| function.blocks.keys());
    let numbers: HashMap<u64, u32> = begins.copied().zip(0..).collect();
    let mut called = BTreeSet::new();
    let mut blocks = Vec::with_capacity(numbers.len());
    for function in &functions {
        for (begin, after) in &function.blocks {
            let next: Vec<u32> = after.iter().filter_map(|to| numbers.get(to).copied()).collect();
            called.extend(next.iter().copied());
            blocks.push(Block { counter: counters.get(begin).copied(), next, is_open: false });
        }
    }
    for function in &functions {
        let first = numbers[&function.start];
        blocks[first as usize].is_open = !called.contains(&first);
    }
    Flow { blocks }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 0x1000;

    /// A function that only ends the process, 0x100 behind the one that is read.
    const FINAL: (u64, &[u8]) = (START + 0x100, &[0x0f, 0x0b]);

    /// The blocks of a function by their places in it; `counted` have counters.
    fn blocks(bytes: &[u8], counted: &[u64]) -> Vec<(u64, Vec<u64>)> {
        let counters = counted.iter().copied().map(|at| START + at).zip(0..).collect();
        let code = Code::of(&[(START, bytes), FINAL], &[(0x2000, 0x9000)]);
        let function = Function::read(&code, START, &counters).unwrap();
        let relative = |at: &u64| at - START;
        let of =
            |(at, to): (&u64, &BTreeSet<u64>)| (relative(at), to.iter().map(relative).collect());
        function.blocks.iter().map(of).collect()
    }

    #[test]
    fn jumps_divide_code_into_blocks() {
        // 0: je 4; 2: jmp 5; 4: nop; 5: ret
        let code = [0x74, 0x02, 0xeb, 0x01, 0x90, 0xc3];
        let expected = [(0, vec![2, 4]), (2, vec![5]), (4, vec![5]), (5, vec![])];
        assert_eq!(blocks(&code, &[]), expected);
    }

    #[test]
    fn calls_lead_to_functions_and_end_no_block_unless_nothing_comes_back() {
        // 0: call [rip+..], which is 0x2000; 6: call 0x1100; 11: nop (has a counter)
        let code = [0xff, 0x15, 0xfa, 0x0f, 0x00, 0x00, 0xe8, 0xf5, 0x00, 0x00, 0x00, 0x90];
        assert_eq!(blocks(&code, &[0, 11]), [(0, vec![11, 0x100, 0x8000]), (11, vec![])]);
        // The same with a jump to its end, which nothing else leads to.
        let code = [0xeb, 0x05, 0xe8, 0xf9, 0x00, 0x00, 0x00, 0x90];
        assert_eq!(blocks(&code, &[]), [(0, vec![2, 7]), (2, vec![0x100]), (7, vec![])]);
    }

    #[test]
    fn a_switch_leads_to_what_nothing_else_leads_to() {
        // 0: nop; 1: je 5; 3: jmp rax; 5: ret; 6: ret (has a counter)
        let code = [0x90, 0x74, 0x02, 0xff, 0xe0, 0xc3, 0xc3];
        assert_eq!(blocks(&code, &[6]), [(0, vec![3, 5]), (3, vec![6]), (5, vec![]), (6, vec![])]);
    }
}
