//! What instrumented code of x86-64 compares with.
//!
//! A function is followed in the order of its bytes, with what is known of each register: a constant,
//! an address of a constant, or where its value was loaded from. Compilers write a comparison in
//! few ways, which [`Walk::step`] lists. Code that they do not write gives no tokens, or useless
//! ones, which is no harm.

use std::mem::take;

use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register};

use super::fragments::{Fragment, Place, join};
use super::image::{Function, Image};
use super::worth::{SMALL, is_single_word};
use super::{Clues, Constant};

/// The registers of the first arguments of a function, in their order.
const ARGUMENTS: [Register; 6] =
    [Register::RDI, Register::RSI, Register::RDX, Register::RCX, Register::R8, Register::R9];

/// The registers that keep their value over a call.
const KEPT: [Register; 6] =
    [Register::RBX, Register::RBP, Register::R12, Register::R13, Register::R14, Register::R15];

/// The place of the stack pointer in [`Walk::held`].
const STACK: usize = 4;

/// Functions that compare bytes, as the linker names them.
const COMPARING: [&str; 2] = ["bcmp", "memcmp"];

/// Functions whose arguments are the engine's, or are for people, by a part of their name.
const SILENT: [&str; 5] = ["shakedown", "panicking", "debug_", "unwrap_failed", "expect_failed"];

/// Longest string that is looked for, in bytes.
const MAX_STRING: u64 = 64;

/// Places of general and of vector registers in [`Walk::held`].
const REGISTERS: usize = 16 + 32;

/// What is known of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Constant(u64),
    /// The address of something in the program.
    Address(u64),
    /// What is at this address of the program.
    At(u64),
    /// A value of so many bytes, from there if it is known.
    Value(Option<Place>, usize),
}

/// Adds what a function shows.
pub(super) fn follow(image: &Image<'_>, function: Function<'_>, clues: &mut Clues) {
    let name = demangled(function.name);
    if name.contains("shakedown") || name.contains(" as core::fmt::Debug>::fmt") {
        return;
    }
    let mut walk = Walk::new(image, clues);
    let options = DecoderOptions::NONE;
    for instruction in &mut Decoder::with_ip(64, function.code, function.address, options) {
        walk.step(&instruction);
    }
    walk.finish_block();
}

fn demangled(name: &str) -> String {
    addr2line::demangle_auto(name.into(), None).into_owned()
}

/// The state of following a function.
struct Walk<'w, 'd> {
    image: &'w Image<'d>,
    clues: &'w mut Clues,
    held: [Option<Held>; REGISTERS],
    /// How often each register was written.
    versions: [u32; REGISTERS],
    /// What was compared since the last branch.
    compared: Vec<Fragment>,
    /// What makes a comparison if a branch depends on it.
    combined: Vec<Fragment>,
    /// What was stored since the last branch.
    stored: Vec<(Place, Held)>,
    /// Whether the last instruction combined values bit by bit.
    is_combining: bool,
    /// The lower half of what a sum with a constant was compared by, until the upper one comes.
    summed: Option<Fragment>,
}

impl<'w, 'd> Walk<'w, 'd> {
    fn new(image: &'w Image<'d>, clues: &'w mut Clues) -> Self {
        let (compared, combined, stored, summed) = Default::default();
        let (held, versions) = ([None; REGISTERS], [0; REGISTERS]);
        let is_combining = false;
        Self { image, clues, held, versions, compared, combined, stored, is_combining, summed }
    }

    fn step(&mut self, code: &Instruction) {
        use Mnemonic as M;
        let was_combining = take(&mut self.is_combining);
        match code.mnemonic() {
            M::Mov | M::Movsd | M::Movss | M::Movups | M::Movaps | M::Movdqu | M::Movdqa => {
                self.copy(code);
            }
            M::Movzx | M::Movd | M::Movq => self.copy(code),
            M::Lea => self.address(code),
            // A shift moves one of several values that will be one, but makes another constant.
            M::Shl if matches!(self.read(code.op0_register()), Some(Held::Value(..))) => {}
            M::Or => self.or(code),
            M::Xor => self.xor(code),
            M::Cmp | M::Sbb => self.compare(code),
            M::Sub if code.op0_register() != Register::RSP => self.compare(code),
            M::Add | M::Adc => self.add(code),
            M::Pcmpeqb | M::Pcmpeqw | M::Pcmpeqd | M::Pcmpeqq => self.compare_vectors(code),
            M::Ucomisd | M::Comisd | M::Cmpsd => self.compare_float(code, 8),
            M::Ucomiss | M::Comiss | M::Cmpss => self.compare_float(code, 4),
            M::Test | M::Push | M::Nop => {}
            M::Call => self.call(code),
            M::Jmp | M::Ret | M::Ud2 | M::Int3 => {
                self.finish_block();
                self.held = [None; REGISTERS];
            }
            _ if code.is_jcc_short_or_near() => {
                if was_combining {
                    self.compared.append(&mut self.combined);
                }
                self.finish_block();
            }
            _ => self.write(code.op0_register(), None),
        }
    }

    /// Ends what belongs together.
    fn finish_block(&mut self) {
        self.clues.constants.extend(join(&mut self.compared));
        self.combined.clear();
        self.stored.clear();
    }

    fn write(&mut self, register: Register, held: Option<Held>) {
        if let Some(index) = index(register) {
            self.held[index] = held;
            self.versions[index] += 1;
        }
    }

    fn read(&self, register: Register) -> Option<Held> {
        self.held[index(register)?]
    }

    /// The place of the memory that an instruction uses, unless it is in the program or an index is
    /// part of its address.
    fn place(&self, code: &Instruction) -> Option<Place> {
        let base = index(code.memory_base()).filter(|_| !code.is_ip_rel_memory_operand())?;
        let is_plain = code.memory_index() == Register::None;
        let offset = code.memory_displacement64().cast_signed();
        is_plain.then(|| Place { base: (base, self.versions[base]), offset })
    }

    /// What is known of an operand.
    fn operand(&self, code: &Instruction, operand: u32) -> Option<Held> {
        match code.op_kind(operand) {
            OpKind::Register => {
                let (register, size) = (code.op_register(operand), width(code, operand));
                match self.read(register) {
                    Some(Held::Value(place, len)) => Some(Held::Value(place, len.min(size))),
                    None => Some(Held::Value(None, size)),
                    held => held,
                }
            }
            OpKind::Memory if code.is_ip_rel_memory_operand() => {
                Some(Held::At(code.ip_rel_memory_address()))
            }
            OpKind::Memory => Some(Held::Value(self.place(code), width(code, operand))),
            OpKind::NearBranch64 | OpKind::NearBranch32 | OpKind::NearBranch16 => None,
            _ => Some(Held::Constant(code.immediate(operand))),
        }
    }

    fn copy(&mut self, code: &Instruction) {
        let held = self.operand(code, 1);
        match code.op0_kind() {
            OpKind::Register => self.write(code.op0_register(), held),
            _ => self.store(code, held),
        }
    }

    /// Takes a string whose address and length are stored beside each other, and what is stored beside
    /// a small number.
    fn store(&mut self, code: &Instruction, held: Option<Held>) {
        let (Some(place), Some(held)) = (self.place(code), held) else { return };
        match (held, width(code, 0)) {
            (Held::Constant(constant), 8) => self.entries(&constant.to_le_bytes()),
            (Held::At(address), 16) => {
                let bytes = self.image.constant(address, 16).map(<[u8]>::to_vec);
                self.entries(&bytes.unwrap_or_default());
            }
            _ => {}
        }
        self.stored.push((place, held));
        let beside = |distance| {
            let other = Place { offset: place.offset + distance, ..place };
            let mut stored = self.stored.iter().rev();
            stored.find(|(place, _)| *place == other).map(|(_, held)| *held)
        };
        let pair = match held {
            Held::Address(text) => (Some(text), beside(8)),
            _ => match beside(-8) {
                Some(Held::Address(text)) => (Some(text), Some(held)),
                _ => return,
            },
        };
        if let (Some(text), Some(Held::Constant(len))) = pair {
            self.string(text, len, is_single_word);
        }
    }

    /// Takes the keys of the entries of a map that are written as a whole: an integer beside a small one.
    fn entries(&mut self, stored: &[u8]) {
        for width in [4, 8] {
            for pair in stored.chunks_exact(2 * width) {
                let number = |bytes: &[u8]| {
                    bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
                };
                let (one, other) = (number(&pair[..width]), number(&pair[width..]));
                if (one < SMALL) != (other < SMALL) {
                    let key = Constant::Integer(one.max(other), width as u8);
                    self.clues.constants.insert(key);
                }
            }
        }
    }

    /// Takes the lower bound of a range of integers of sixteen bytes: it is subtracted, by adding what it
    /// lacks to zero, and the difference is compared.
    fn add(&mut self, code: &Instruction) {
        let fragment = self.fragment(code);
        let lower = self.summed.take();
        self.write(code.op0_register(), None);
        let Some(mut fragment) = fragment else { return };
        let is_upper = code.mnemonic() == Mnemonic::Adc;
        let carries = !is_upper || lower.as_ref().is_some_and(|lower| is_zero(&lower.bytes));
        negate(&mut fragment.bytes, carries);
        match lower {
            Some(lower) if is_upper => self.compared.extend([lower, fragment]),
            _ if !is_upper => self.summed = Some(fragment),
            _ => {}
        }
    }

    fn address(&mut self, code: &Instruction) {
        let address = code.is_ip_rel_memory_operand().then(|| code.ip_rel_memory_address());
        if let Some(address) = address {
            self.clues.data.insert(address);
        }
        self.write(code.op0_register(), address.map(Held::Address));
    }

    /// Joins two values from neighbouring places, one of which was shifted.
    fn or(&mut self, code: &Instruction) {
        let joined = match (self.operand(code, 0), self.operand(code, 1)) {
            (Some(Held::Value(Some(a), a_len)), Some(Held::Value(Some(b), b_len)))
                if a.base == b.base =>
            {
                let first = a.min(b);
                let end = (a.offset + a_len as i64).max(b.offset + b_len as i64);
                usize::try_from(end - first.offset)
                    .ok()
                    .filter(|len| *len <= 8)
                    .map(|len| (first, len))
            }
            _ => None,
        };
        self.is_combining = true;
        self.write(code.op0_register(), joined.map(|(first, len)| Held::Value(Some(first), len)));
    }

    fn xor(&mut self, code: &Instruction) {
        let is_zeroing = code.op1_kind() == OpKind::Register
            && code.op0_kind() == OpKind::Register
            && code.op0_register() == code.op1_register();
        if let Some(fragment) = self.fragment(code).filter(|_| !is_zeroing) {
            self.combined.push(fragment);
        }
        self.is_combining = true;
        self.write(code.op0_register(), is_zeroing.then_some(Held::Constant(0)));
    }

    fn compare(&mut self, code: &Instruction) {
        // Only what carries into the next comparison belongs to it.
        if code.mnemonic() != Mnemonic::Sbb {
            self.clues.constants.extend(join(&mut self.compared));
        }
        self.compared.extend(self.fragment(code));
        if code.mnemonic() != Mnemonic::Cmp && code.op0_kind() == OpKind::Register {
            self.write(code.op0_register(), None);
        }
    }

    /// The constant of two operands, and where the other one is from.
    fn fragment(&self, code: &Instruction) -> Option<Fragment> {
        let size = width(code, 0);
        let (constant, other) = match (self.operand(code, 0)?, self.operand(code, 1)?) {
            (Held::Constant(constant), other) | (other, Held::Constant(constant)) => {
                (constant, other)
            }
            _ => return None,
        };
        let (place, len) = match other {
            // What does not fit is no comparison of all that was loaded.
            Held::Value(Some(place), len) => (Some(place), len.min(size)),
            Held::Value(None, len) => (None, len.min(size)),
            _ => return None,
        };
        let bytes = constant.to_le_bytes();
        let len = if bytes[len..size].iter().any(|byte| *byte != 0) { size } else { len };
        Some(Fragment { place, bytes: bytes[..len].to_vec() })
    }

    fn compare_vectors(&mut self, code: &Instruction) {
        let operands = (self.operand(code, 0), self.operand(code, 1));
        let fragment = match operands {
            (Some(Held::Value(place, len)), Some(Held::At(address)))
            | (Some(Held::At(address)), Some(Held::Value(place, len))) => {
                let bytes = self.image.constant(address, len.min(16));
                bytes.map(|bytes| Fragment { place, bytes: bytes.to_vec() })
            }
            _ => None,
        };
        self.compared.extend(fragment);
        self.write(code.op0_register(), None);
    }

    fn compare_float(&mut self, code: &Instruction, len: u8) {
        for operand in [0, 1] {
            if let Some(Held::At(address)) = self.operand(code, operand)
                && let Some(bytes) = self.image.constant(address, len.into())
            {
                let bits = bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
                self.clues.constants.insert(Constant::Float(bits, len));
            }
        }
    }

    fn call(&mut self, code: &Instruction) {
        let held = ARGUMENTS.map(|register| self.read(register));
        let name = self.callee(code).map(demangled).unwrap_or_default();
        let is_place = |held: &Option<Held>| match held {
            Some(Held::Address(address)) => self.image.is_place(*address),
            _ => false,
        };
        let is_silent = SILENT.iter().any(|part| name.contains(part));
        if !is_silent && !held.iter().any(is_place) {
            self.strings(&held, COMPARING.contains(&&*name));
        }
        self.finish_block();
        self.lose();
    }

    /// Forgets what a call may write.
    fn lose(&mut self) {
        let kept = KEPT.map(index);
        for register in (0..REGISTERS).filter(|register| !kept.contains(&Some(*register))) {
            self.held[register] = None;
            self.versions[register] += u32::from(register != STACK);
        }
    }

    /// The name of the function that is called, as the linker knows it.
    fn callee(&self, code: &Instruction) -> Option<&'d str> {
        match code.op0_kind() {
            OpKind::NearBranch64 => self.image.name(code.near_branch_target()),
            _ => match self.operand(code, 0)? {
                Held::At(slot) => self.image.name_behind(slot),
                _ => None,
            },
        }
    }

    /// Takes strings among arguments. Two that are compared may have one length behind both.
    fn strings(&mut self, arguments: &[Option<Held>; 6], is_comparing: bool) {
        for (index, argument) in arguments.iter().enumerate() {
            let Some(Held::Address(text)) = *argument else { continue };
            let behind = if is_comparing { 2 } else { index + 1 };
            let len = arguments.get(behind).copied().flatten();
            let Some(Held::Constant(len)) = len else { continue };
            self.string(text, len, if is_comparing { |_| true } else { is_single_word });
        }
    }

    fn string(&mut self, address: u64, len: u64, is_wanted: fn(&[u8]) -> bool) {
        if let Some(bytes) = self.image.constant(address, len.min(MAX_STRING + 1) as usize)
            && bytes.len() as u64 <= MAX_STRING
            && is_wanted(bytes)
        {
            self.clues.constants.insert(Constant::Bytes(bytes.to_vec()));
        }
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// What a number lacks to zero; one less if nothing is carried from below it.
fn negate(bytes: &mut [u8], mut carries: bool) {
    for byte in bytes {
        let (new, is_over) = (!*byte).overflowing_add(u8::from(carries));
        *byte = new;
        carries = is_over;
    }
}

/// The bytes of an operand.
fn width(code: &Instruction, operand: u32) -> usize {
    match code.op_kind(operand) {
        OpKind::Register => code.op_register(operand).size(),
        OpKind::Memory => code.memory_size().size(),
        _ => 8,
    }
}

/// The place of a register, whatever part of it is named.
fn index(register: Register) -> Option<usize> {
    let full = register.full_register();
    match () {
        () if full.is_gpr() => Some(full.number()),
        () if full.is_vector_register() => Some(16 + full.number()),
        () => None,
    }
}

#[cfg(test)]
mod tests;
