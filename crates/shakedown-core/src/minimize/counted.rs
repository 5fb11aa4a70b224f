//! A pass that deletes items while it lowers a number elsewhere that may be their count: a length
//! byte before a payload, a decimal number in a text, a field `len` next to a list.

use std::ops::Range;

use super::delete::Items;
use super::order::read_count;
use super::search::Search;
use crate::domain::trial::Stopped;
use crate::schema::{Int, Node};

/// Most sequences, and most possible counts for each, that are considered.
const MAX_SEQUENCES: usize = 32;
const MAX_COUNTERS: usize = 32;

/// How far into bytes and strings counts are looked for.
const MAX_REACH: usize = 256;

/// A number in the input that may be a count.
#[derive(Clone, Debug)]
struct Counter {
    /// Where it is, from the start of the input.
    range: Range<usize>,
    /// How it is written.
    form: Form,
    /// Its value.
    value: usize,
    /// Start of the bytes or string that it is part of.
    text: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Field(Int),
    LittleEndian,
    BigEndian,
    Decimal,
}

impl Counter {
    /// The number `by` lower, in as many bytes except for decimals.
    fn lowered(&self, by: usize) -> Option<Vec<u8>> {
        let value = self.value.checked_sub(by)?;
        let mut bytes = vec![0; self.range.len()];
        match self.form {
            Form::Field(int) => int.store(int.zero() + value as u128, &mut bytes),
            Form::LittleEndian => bytes.copy_from_slice(&value.to_le_bytes()[..self.range.len()]),
            Form::BigEndian => bytes.copy_from_slice(&value.to_be_bytes()[8 - self.range.len()..]),
            Form::Decimal => bytes = value.to_string().into_bytes(),
        }
        Some(bytes)
    }
}

/// For every sequence and every number that may count its items: deletes items, one less each time.
pub(super) fn delete_with_length(search: &mut Search<'_>) -> Result<(), Stopped> {
    let mut sequences = 0;
    let mut index = 1;
    while index < search.best().sites.list().len() && sequences < MAX_SEQUENCES {
        if Items::new(search, index).is_some_and(|items| items.can_spare_any()) {
            sequences += 1;
            delete_counted(search, index)?;
        }
        index += 1;
    }
    Ok(())
}

fn delete_counted(search: &mut Search<'_>, sequence: usize) -> Result<(), Stopped> {
    let mut tried = 0;
    while let Some((counter, after)) = candidates(search, sequence).into_iter().nth(tried) {
        tried += 1;
        search.work(search.best().bytes.len())?;
        // All items, the last one, the first one: only a number that then proves to be a count is
        // worth more questions.
        let all = counter.value;
        for (after_run, run) in [(after, all), (after, 1), (after + all - 1, 1)] {
            if let Some(counter) = delete(search, sequence, &counter, after_run, run)? {
                delete_chunks(search, sequence, counter, after)?;
                break;
            }
        }
    }
    Ok(())
}

/// Deletes ever smaller runs of the items that a count stands for, which end `after` items before
/// the end of their sequence.
fn delete_chunks(
    search: &mut Search<'_>,
    sequence: usize,
    mut counter: Counter,
    after: usize,
) -> Result<(), Stopped> {
    let mut size = counter.value;
    while size > 0 {
        let mut kept = 0;
        while kept < counter.value {
            let run = size.min(counter.value - kept);
            match delete(search, sequence, &counter, after + kept, run)? {
                Some(lowered) => counter = lowered,
                None => kept += run,
            }
        }
        size = (size / 2).min(counter.value);
    }
    Ok(())
}

/// The numbers that may be the count of items of a sequence, each with how many items follow those
/// that it may stand for; those first that leave the fewest items out.
fn candidates(search: &Search<'_>, sequence: usize) -> Vec<(Counter, usize)> {
    let Some(all) = Items::new(search, sequence) else { return Vec::new() };
    let start = search.best().site(sequence).start as usize;
    let mut found = Vec::new();
    for counter in counters(search) {
        // A count within the sequence stands for what follows it, at once or after a separator.
        let within = counter.text == Some(start);
        let first = if within { all.first_from(counter.range.end - start) } else { 0 };
        let left_out = (all.len() - first).checked_sub(counter.value);
        found.extend(left_out.map(|left_out| (counter, left_out)));
    }
    found.sort_by_key(|(_, left_out)| *left_out);
    let candidates = found.into_iter().flat_map(|(counter, left_out)| {
        let elsewhere = (left_out > 0).then_some(0);
        [left_out].into_iter().chain(elsewhere).map(move |after| (counter.clone(), after))
    });
    candidates.take(MAX_COUNTERS).collect()
}

/// All numbers in the input that may be counts.
fn counters(search: &Search<'_>) -> Vec<Counter> {
    let best = search.best();
    let mut found = Vec::new();
    for site in best.sites.list() {
        let value = &best.bytes[site.range()];
        match *search.order().schema.node(site.node) {
            Node::Int(int) => {
                let value = int.key(value).checked_sub(int.zero());
                let value = value.and_then(|value| usize::try_from(value).ok());
                let form = Form::Field(int);
                found.extend(value.map(|value| Counter {
                    range: site.range(),
                    form,
                    value,
                    text: None,
                }));
            }
            Node::Bytes(_) => {
                binary_counters(&best.bytes, site.content(), &mut found);
                decimal_counters(&best.bytes, site.content(), &mut found);
            }
            Node::Str(_) => decimal_counters(&best.bytes, site.content(), &mut found),
            Node::Bool
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Seq { .. }
            | Node::Array { .. }
            | Node::Record(_)
            | Node::Choice { .. } => {}
        }
    }
    found.retain(|counter| counter.value > 0);
    found
}

/// Single bytes, and wider numbers where a single byte would not do.
fn binary_counters(bytes: &[u8], content: Range<usize>, found: &mut Vec<Counter>) {
    let text = Some(content.start - 4);
    for start in content.clone().take(MAX_REACH) {
        for width in [1, 2, 4] {
            let range = start..start + width;
            if range.end > content.end {
                break;
            }
            let little =
                bytes[range.clone()].iter().rev().fold(0, |sum, &b| sum << 8 | usize::from(b));
            let big = bytes[range.clone()].iter().fold(0, |sum, &b| sum << 8 | usize::from(b));
            for (form, value) in [(Form::LittleEndian, little), (Form::BigEndian, big)] {
                let least = if width == 1 { 0 } else { 1 << (4 * width) };
                let repeated = width == 1 && matches!(form, Form::BigEndian);
                if value >= least && !repeated {
                    found.push(Counter { range: range.clone(), form, value, text });
                }
            }
        }
    }
}

/// Runs of decimal digits.
fn decimal_counters(bytes: &[u8], content: Range<usize>, found: &mut Vec<Counter>) {
    let text = Some(content.start - 4);
    let mut at = content.start;
    while at < content.end.min(content.start + MAX_REACH) {
        let digits = bytes[at..content.end].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&bytes[at..at + digits]).ok();
        if let Some(value) = number.and_then(|number| number.parse().ok()) {
            found.push(Counter { range: at..at + digits, form: Form::Decimal, value, text });
        }
        at += digits.max(1);
    }
}

/// Considers the input without `run` items, those before the last `after` ones, and with the
/// counter lowered by as much; on success the counter as it then is.
fn delete(
    search: &mut Search<'_>,
    sequence: usize,
    counter: &Counter,
    after: usize,
    run: usize,
) -> Result<Option<Counter>, Stopped> {
    let Some(items) = Items::new(search, sequence) else { return Ok(None) };
    let Some(end) = items.len().checked_sub(after).filter(|&end| end >= run) else {
        return Ok(None);
    };
    if !items.can_spare(end - run..end) {
        return Ok(None);
    }
    let start = search.best().site(sequence).start as usize;
    let range = items.range(end - run..end);
    let deleted = start + range.start..start + range.end;
    let overlap = deleted.start < counter.range.end && counter.range.start < deleted.end;
    let Some(number) = counter.lowered(run).filter(|_| !overlap) else { return Ok(None) };

    let width = number.len();
    let shorter = counter.range.len() - width;
    let mut counts = vec![(start, items.counted(end - run..end))];
    match counter.text {
        Some(text) if text == start => counts[0].1 += shorter,
        Some(text) => counts.push((text, shorter)),
        None => {}
    }
    let bytes = &search.best().bytes;
    let mut edits = vec![(deleted.clone(), Vec::new()), (counter.range.clone(), number)];
    edits.extend(counts.into_iter().map(|(at, gone)| {
        let count = read_count(&bytes[at..]) - gone as u32;
        (at..at + 4, count.to_le_bytes().to_vec())
    }));
    if !search.consider(edited(bytes, edits))? {
        return Ok(None);
    }
    let moved = |at: usize| if at > deleted.start { at - deleted.len() } else { at };
    let at = moved(counter.range.start);
    Ok(Some(Counter {
        range: at..at + width,
        form: counter.form,
        value: counter.value - run,
        text: counter.text.map(moved),
    }))
}

/// The bytes with some ranges, which do not overlap, replaced.
fn edited(bytes: &[u8], mut edits: Vec<(Range<usize>, Vec<u8>)>) -> Vec<u8> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (range, with) in edits {
        out.extend_from_slice(&bytes[at..range.start]);
        out.extend_from_slice(&with);
        at = range.end;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}
