//! Passes that make bytes, strings and chars readable.

use super::order::{char_rank, read_count};
use super::rank::{of_code, to_code};
use super::search::{Copies, Outcome, Search, largest};
use crate::schema::Node;

/// Most items of one text that are lowered one by one; runs are for the larger ones.
const SINGLES: usize = 256;

/// What the items of a text are changed to, as long as that is simpler.
const SIMPLER: &[fn(u32) -> u32] = &[
    |_| u32::from(b'0'),
    |_| u32::from(b'a'),
    |code| to_lower(code),
    |_| u32::from(b'A'),
    |_| u32::from(b' '),
];

fn to_lower(code: u32) -> u32 {
    u8::try_from(code).map_or(code, |byte| byte.to_ascii_lowercase().into())
}

/// Changes ever smaller runs of bytes or chars to simpler ones.
pub(super) fn simplify_runs(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    SIMPLER.iter().try_for_each(|simpler| simplify_runs_to(search, copies, *simpler))
}

fn simplify_runs_to(
    search: &mut Search<'_>,
    copies: &mut Copies,
    simpler: fn(u32) -> u32,
) -> Outcome {
    let Some(mut codes) = read_codes(search, copies) else { return Ok(()) };
    let mut size = usize::MAX;
    while size > 0 {
        let changing: Vec<usize> = (0..codes.len())
            .filter(|&at| of_code(simpler(codes[at])) < of_code(codes[at]))
            .collect();
        size = size.min(changing.len());
        for run in changing.chunks(size.max(1)) {
            let mut changed = codes.clone();
            run.iter().for_each(|&at| changed[at] = simpler(codes[at]));
            if write_codes(search, copies, &changed)? {
                codes = changed;
            }
        }
        size /= 2;
    }
    Ok(())
}

/// Spells chars of several bytes out as that many zeros: where only the length in bytes counts,
/// that is what a person would have written.
pub(super) fn spell_out(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    let Some(mut codes) = read_codes(search, copies) else { return Ok(()) };
    let mut at = 0;
    while at < codes.len().min(SINGLES) {
        let bytes = char::from_u32(codes[at]).map_or(1, char::len_utf8);
        if bytes > 1 && matches!(search.node(copies), Node::Str(_)) {
            let mut changed = codes.clone();
            changed.splice(at..=at, std::iter::repeat_n(u32::from(b'0'), bytes));
            if write_codes(search, copies, &changed)? {
                codes = changed;
                at += bytes - 1;
            }
        }
        at += 1;
    }
    Ok(())
}

/// Lowers the rank of single bytes or chars.
pub(super) fn lower_items(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    let Some(codes) = read_codes(search, copies) else { return Ok(()) };
    let complex = (0..codes.len()).filter(|&at| of_code(codes[at]) > 0);
    complex.take(SINGLES).try_for_each(|at| lower_at(search, copies, &[at]))
}

/// Lowers the rank of all bytes or chars of one kind together.
pub(super) fn lower_equal_items(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    let mut at = 0;
    while let Some(codes) = read_codes(search, copies).filter(|codes| at < codes.len().min(SINGLES))
    {
        let equal: Vec<usize> = (0..codes.len()).filter(|&i| codes[i] == codes[at]).collect();
        if equal.len() > 1 && equal[0] == at {
            lower_at(search, copies, &equal)?;
        }
        at += 1;
    }
    Ok(())
}

/// Lowers the rank of the equal items at some positions.
fn lower_at(search: &mut Search<'_>, copies: &mut Copies, positions: &[usize]) -> Outcome {
    let Some(mut codes) = read_codes(search, copies) else { return Ok(()) };
    let rank = of_code(codes[positions[0]]);
    let mut set = |search: &mut Search<'_>, rank: u32| {
        positions.iter().for_each(|&at| codes[at] = to_code(rank));
        write_codes(search, copies, &codes)
    };
    for simpler in SIMPLER.iter().map(|simpler| of_code(simpler(to_code(rank)))) {
        if simpler < rank && positions.len() > 1 && set(search, simpler)? {
            return Ok(());
        }
    }
    largest(|n| match below(rank, n) {
        Some(rank) => set(search, rank),
        None => Ok(false),
    })?;
    Ok(())
}

/// Lowers the rank of a single `char` argument, field or element.
pub(super) fn lower_char(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    if !matches!(search.node(copies), Node::Char) {
        return Ok(());
    }
    let code = read_count(search.value(copies));
    for simpler in SIMPLER.iter().map(|simpler| simpler(code)) {
        if char_rank(simpler) < char_rank(code) && search.replace(copies, &simpler.to_le_bytes())? {
            break;
        }
    }
    let code = read_count(search.value(copies));
    if code == 0 {
        return Ok(());
    }
    largest(|n| match below(of_code(code), n) {
        Some(rank) => search.replace(copies, &to_code(rank).to_le_bytes()),
        None => Ok(false),
    })?;
    Ok(())
}

fn below(rank: u32, by: u128) -> Option<u32> {
    u32::try_from(by).ok().and_then(|by| rank.checked_sub(by))
}

/// The bytes, or the codes of the chars, of a text; `None` if it is none.
fn read_codes(search: &Search<'_>, copies: &Copies) -> Option<Vec<u32>> {
    let content = |value: &'_ [u8]| -> Vec<u32> { value[4..].iter().map(|&b| b.into()).collect() };
    match search.node(copies) {
        Node::Bytes(_) => Some(content(search.value(copies))),
        Node::Str(_) => {
            let text = std::str::from_utf8(&search.value(copies)[4..]).ok()?;
            Some(text.chars().map(u32::from).collect())
        }
        _ => None,
    }
}

/// Considers a text of these bytes or chars.
fn write_codes(search: &mut Search<'_>, copies: &mut Copies, codes: &[u32]) -> Outcome<bool> {
    let content: Option<Vec<u8>> = match search.node(copies) {
        Node::Str(_) => {
            let text: Option<String> = codes.iter().map(|&code| char::from_u32(code)).collect();
            text.map(String::into_bytes)
        }
        _ => codes.iter().map(|&code| u8::try_from(code).ok()).collect(),
    };
    let Some(content) = content else { return Ok(false) };
    let mut value = (content.len() as u32).to_le_bytes().to_vec();
    value.extend_from_slice(&content);
    search.replace(copies, &value)
}
