//! Each rule, over instructions that were assembled by hand.

use super::super::image::{Processor, Section};
use super::*;

/// Where the code is, constants, a place in a source file, and a pointer to `bcmp`.
const CODE: u64 = 0x4000;
const CONSTANTS: u64 = 0x1000;
const PLACE: u64 = 0x2000;
const SLOT: u64 = 0x3000;

/// What code shows in a program with these constants.
fn clues(constants: &[u8], code: &[u8]) -> Clues {
    let mut place = [0; 24];
    (place[8], place[16], place[20]) = (6, 12, 5);
    let section = |address, bytes, is_constant| Section { address, bytes, is_constant };
    let sections = vec![
        section(CONSTANTS, constants, true),
        section(0x1800, b"lib.rs", true),
        section(PLACE, &place, false),
        section(CODE, code, false),
    ];
    let mut image = Image::new(Processor::X86_64, sections);
    image.pointers.insert(PLACE, 0x1800);
    image.imports.insert(SLOT, "bcmp");
    let mut clues = Clues::default();
    follow(&image, Function { address: CODE, code, name: "target" }, &mut clues);
    clues
}

fn constants(data: &[u8], code: &[u8]) -> Vec<Constant> {
    clues(data, code).constants.into_iter().collect()
}

fn bytes(bytes: &[u8]) -> Constant {
    Constant::Bytes(bytes.to_vec())
}

#[test]
fn three_bytes_are_compared_as_an_integer_that_was_put_together() {
    // movzx ecx, word [rbx]; movzx edx, byte [rbx+2]; shl edx, 16; or edx, ecx;
    // cmp edx, "Tea"; jne
    let code = b"\x0f\xb7\x0b\x0f\xb6\x53\x02\xc1\xe2\x10\x09\xca\x81\xfaTea\0\x75\0";
    assert_eq!(constants(b"", code), [bytes(b"Tea")]);
}

#[test]
fn five_bytes_are_compared_with_a_register() {
    // mov ecx, [rbx]; movzx edx, byte [rbx+4]; shl rdx, 32; or rdx, rcx; movabs rcx, ..;
    // cmp rdx, rcx; jne
    let code = b"\x8b\x0b\x0f\xb6\x53\x04\x48\xc1\xe2\x20\x48\x09\xca\
        \x48\xb9\x8fL3vX\0\0\0\x48\x39\xca\x75\0";
    assert_eq!(constants(b"", code), [bytes(b"\x8fL3vX")]);
}

#[test]
fn nine_bytes_are_compared_as_eight_and_one() {
    // movzx ecx, byte [rbx+8]; movabs rdx, "Nightfal"; xor rdx, [rbx]; xor rcx, "l";
    // or rcx, rdx; jne
    let code = b"\x0f\xb6\x4b\x08\x48\xbaNightfal\x48\x33\x13\x48\x83\xf1l\x48\x09\xd1\x75\0";
    assert_eq!(constants(b"", code), [bytes(b"Nightfall")]);
}

#[test]
fn seven_bytes_are_compared_as_two_that_overlap() {
    // mov ecx, "late"; xor ecx, [rbx]; mov edx, "eral"; xor edx, [rbx+3]; or edx, ecx; je
    let code = b"\xb9late\x33\x0b\xbaeral\x33\x53\x03\x09\xca\x74\0";
    assert_eq!(constants(b"", code), [bytes(b"lateral")]);
}

#[test]
fn what_is_combined_with_a_constant_for_a_hash_is_not_compared_with_it() {
    // movabs rdx, ..; xor rdx, [rbx]; add rdx, rcx; test rdx, rdx; je
    let code = b"\x48\xbaNightfal\x48\x33\x13\x48\x01\xca\x48\x85\xd2\x74\0";
    assert_eq!(constants(b"", code), []);
}

#[test]
fn sixteen_bytes_are_two_registers() {
    // mov rdi, [rdx]; mov r8, [rdx+8]; movabs rcx, ..; xor rcx, rdi; movabs rdx, ..;
    // xor rdx, r8; or rdx, rcx; jne
    let code = b"\x48\x8b\x3a\x4c\x8b\x42\x08\x48\xb9\x04\xad\xc7\x38\x95\x2f\xe6\xb1\x48\x31\xf9\
        \x48\xba\x83\x40\x7a\xd2\x9e\x1c\x5f\x6b\x4c\x31\xc2\x48\x09\xca\x75\0";
    let expected = Constant::Integer(0x6b5f_1c9e_d27a_4083_b1e6_2f95_38c7_ad04, 16);
    assert_eq!(constants(b"", code), [expected]);
}

#[test]
fn the_halves_of_an_order_of_sixteen_bytes_belong_together() {
    // movabs rax, ..; cmp rax, r12; sbb r14, 0; jb
    let code = b"\x48\xb8\x2b\xb6\xfa\x05\xd8\x71\x3e\x9c\x4c\x39\xe0\x49\x83\xde\0\x72\0";
    let half = 0x9c3e_71d8_05fa_b62b;
    let expected = [Constant::Integer(half, 16), Constant::Integer(half << 64, 16)];
    assert_eq!(constants(b"", code), expected);
}

#[test]
fn two_comparisons_are_two_constants() {
    // cmp qword [rbx], 0x12345; setb al; cmp qword [rbx+8], 0x23456; jne
    let code = b"\x48\x81\x3b\x45\x23\x01\0\x0f\x92\xc0\x48\x81\x7b\x08\x56\x34\x02\0\x75\0";
    let expected = [Constant::Integer(0x1_2345, 8), Constant::Integer(0x2_3456, 8)];
    assert_eq!(constants(b"", code), expected);
}

#[test]
fn the_constant_of_a_vector_is_data() {
    // movdqu xmm0, [rbx]; pcmpeqb xmm0, [rip+CONSTANTS]; pmovmskb ecx, xmm0; cmp ecx, 0xffff; jne
    let code = b"\xf3\x0f\x6f\x03\x66\x0f\x74\x05\xf4\xcf\xff\xff\x66\x0f\xd7\xc8\
        \x81\xf9\xff\xff\0\0\x75\0";
    let data = b"Incomprehensible";
    let expected = Constant::Integer(u128::from_le_bytes(*data), 16);
    assert!(constants(data, code).contains(&expected));
}

#[test]
fn a_vector_and_a_rest_belong_together() {
    // movdqu xmm0, [rax]; movzx eax, word [rax+16]; movd xmm1, eax; pcmpeqb xmm0, [..];
    // pcmpeqb xmm1, [..+16]; pand xmm1, xmm0; pmovmskb eax, xmm1; cmp eax, 0xffff; je
    let code = b"\xf3\x0f\x6f\0\x0f\xb7\x40\x10\x66\x0f\x6e\xc8\x66\x0f\x74\x05\xec\xcf\xff\xff\
        \x66\x0f\x74\x0d\xf4\xcf\xff\xff\x66\x0f\xdb\xc8\x66\x0f\xd7\xc1\x3d\xff\xff\0\0\x74\0";
    let data = b"medlar-fruit-jelly\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    assert!(constants(data, code).contains(&bytes(b"medlar-fruit-jelly")));
}

#[test]
fn floats_are_data() {
    // ucomisd xmm0, [rip+CONSTANTS]; jne
    let double = 2_718.281_25_f64.to_bits();
    let code = b"\x66\x0f\x2e\x05\xf8\xcf\xff\xff\x75\0";
    assert_eq!(constants(&double.to_le_bytes(), code), [Constant::Float(double, 8)]);
    // movss xmm1, [rip+CONSTANTS]; ucomiss xmm0, xmm1; jne
    let single = 1_414.213_5_f32.to_bits();
    let code = b"\xf3\x0f\x10\x0d\xf8\xcf\xff\xff\x0f\x2e\xc1\x75\0";
    assert_eq!(constants(&single.to_le_bytes(), code), [Constant::Float(single.into(), 4)]);
}

#[test]
fn an_integer_is_as_wide_as_what_it_is_compared_with() {
    // movzx eax, r13w; cmp eax, 0x3d91; jne
    let code = b"\x41\x0f\xb7\xc5\x3d\x91\x3d\0\0\x75\0";
    assert_eq!(constants(b"", code), [Constant::Integer(0x3d91, 2)]);
}

#[test]
fn compared_strings_have_their_length_behind_both() {
    // lea rsi, [rip+CONSTANTS]; mov edx, 6; mov rdi, r12; call [rip+SLOT]
    let code = b"\x48\x8d\x35\xf9\xcf\xff\xff\xba\x06\0\0\0\x4c\x89\xe7\xff\x15\xeb\xef\xff\xff";
    assert_eq!(constants(b"a word", code), [bytes(b"a word")]);
    // mov rbp, [rip+SLOT]; lea rdi, [rip+CONSTANTS]; mov edx, 6; mov rsi, r12; call rbp
    let code = b"\x48\x8b\x2d\xf9\xef\xff\xff\x48\x8d\x3d\xf2\xcf\xff\xff\xba\x06\0\0\0\
        \x4c\x89\xe6\xff\xd5";
    assert_eq!(constants(b"a word", code), [bytes(b"a word")]);
}

#[test]
fn words_are_passed_with_their_length_and_sentences_are_for_people() {
    // lea rsi, [rip+CONSTANTS]; mov edx, 6; call
    let code = b"\x48\x8d\x35\xf9\xcf\xff\xff\xba\x06\0\0\0\xe8\xfb\0\0\0";
    assert_eq!(constants(b"zephyr", code), [bytes(b"zephyr")]);
    assert_eq!(constants(b"a word", code), []);
}

#[test]
fn what_is_passed_with_a_place_is_the_message_of_a_panic() {
    // lea rdi, [rip+CONSTANTS]; mov esi, 6; lea rdx, [rip+PLACE]; call
    let code = b"\x48\x8d\x3d\xf9\xcf\xff\xff\xbe\x06\0\0\0\x48\x8d\x15\xed\xdf\xff\xff\
        \xe8\xfb\0\0\0";
    assert_eq!(constants(b"zephyr", code), []);
}

#[test]
fn words_are_stored_with_their_length() {
    // lea rax, [rip+CONSTANTS]; mov [rsp+16], rax; mov qword [rsp+24], 6; jmp
    let code = b"\x48\x8d\x05\xf9\xcf\xff\xff\x48\x89\x44\x24\x10\
        \x48\xc7\x44\x24\x18\x06\0\0\0\xeb\0";
    assert_eq!(constants(b"zephyr", code), [bytes(b"zephyr")]);
}

#[test]
fn a_jump_table_is_no_string() {
    // lea rsi, [rip+CONSTANTS]; movsxd rsi, [rsi+rdx*4]; mov edx, 6; call
    let code = b"\x48\x8d\x35\xf9\xcf\xff\xff\x48\x63\x34\x96\xba\x06\0\0\0\xe8\xfb\0\0\0";
    assert_eq!(constants(b"zephyr", code), []);
}

#[test]
fn the_size_of_a_frame_is_no_constant_and_data_is_noted() {
    // sub rsp, 0x12345; ret
    assert_eq!(constants(b"", b"\x48\x81\xec\x45\x23\x01\0\xc3"), []);
    // lea rax, [rip+PLACE]; ret
    assert_eq!(clues(b"", b"\x48\x8d\x05\xf9\xdf\xff\xff\xc3").data, [PLACE].into());
}

#[test]
fn functions_of_the_engine_and_for_people_are_left_out() {
    // cmp eax, 0x7be4a65d; jne
    let code = b"\x3d\x5d\xa6\xe4\x7b\x75\0";
    for (name, count) in [
        ("target", 1),
        ("_ZN14shakedown_core5codec4read17h0123456789abcdefE", 0),
        ("_ZN41_$LT$a..B$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE", 0),
    ] {
        let image = Image::new(Processor::X86_64, Vec::new());
        let mut clues = Clues::default();
        follow(&image, Function { address: CODE, code, name }, &mut clues);
        assert_eq!(clues.constants.len(), count, "{name}");
    }
}

#[test]
fn the_lower_bound_of_a_range_of_sixteen_bytes_is_added_as_what_it_lacks() {
    let bound = u128::from_le_bytes(*b"Nightfalls slow!");
    let lacking = bound.wrapping_neg().to_le_bytes();
    // movabs rax, ..; add rax, [rdi]; movabs rcx, ..; adc rcx, [rdi+8]; cmp rax, 4096; sbb rcx, 0; jb
    let code = [
        b"\x48\xb8",
        &lacking[..8],
        b"\x48\x03\x07\x48\xb9",
        &lacking[8..],
        b"\x48\x13\x4f\x08\x48\x3d\0\x10\0\0\x48\x83\xd9\0\x72\0",
    ];
    let found = constants(b"", &code.concat());
    assert!(found.contains(&Constant::Integer(bound, 16)), "{found:?}");
}

#[test]
fn keys_are_written_beside_small_values() {
    // movabs rax, ..; mov [rsp], rax; movdqa xmm0, [rip+..]; movaps [rsp+16], xmm0
    let entries = [7_u32.to_le_bytes(), *b"keys", *b"more", [9, 0, 0, 0]].concat();
    let code = [
        b"\x48\xb8",
        &entries[..8],
        b"\x48\x89\x04\x24\x66\x0f\x6f\x05",
        &(CONSTANTS as i32 - (CODE as i32 + 22)).to_le_bytes(),
        b"\x0f\x29\x44\x24\x10",
    ];
    let integer = |bytes: &[u8; 4]| Constant::Integer(u32::from_le_bytes(*bytes).into(), 4);
    assert_eq!(constants(&entries, &code.concat()), [integer(b"more"), integer(b"keys")]);
}
