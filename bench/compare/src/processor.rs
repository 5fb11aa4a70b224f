//! Processor time of a process and all that it has started, so that what is measured does not depend
//! on what else the machine does.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::param::clock_ticks_per_second;
use rustix::process::{Pid, Signal, kill_process};

/// The processor time that a process and its descendants have used, with those that have ended and
/// whose parents know it. `None` once the process has ended.
pub fn time(process: u32) -> Result<Option<Duration>> {
    let all = processes()?;
    if all.get(&process).is_none_or(|root| root.has_ended) {
        return Ok(None);
    }
    let ticks: u64 = family(process, &all).iter().map(|id| all[id].ticks).sum();
    Ok(Some(Duration::from_millis(ticks * 1000 / clock_ticks_per_second())))
}

/// Asks a process to stop, as ^C does.
pub fn interrupt(process: u32) -> Result<()> {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw).context("a process id")?;
    kill_process(id, Signal::INT).context("kill")
}

struct Process {
    parent: u32,
    has_ended: bool,
    ticks: u64,
}

fn processes() -> Result<HashMap<u32, Process>> {
    let names = std::fs::read_dir("/proc")?.flatten().map(|entry| entry.file_name());
    let ids = names.filter_map(|name| name.to_str()?.parse().ok());
    let read = |id: u32| {
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        Some((id, parse(&text)?))
    };
    Ok(ids.filter_map(read).collect())
}

/// Reads a line of `/proc/ID/stat`, see proc(5).
fn parse(text: &str) -> Option<Process> {
    let (_, fields) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let has_ended = fields[0] == "Z";
    let own_and_of_ended_children = fields.get(11..15)?;
    let ticks = own_and_of_ended_children.iter().filter_map(|field| field.parse::<u64>().ok());
    Some(Process { parent: fields[1].parse().ok()?, has_ended, ticks: ticks.sum() })
}

/// The process and all its descendants.
fn family(process: u32, all: &HashMap<u32, Process>) -> HashSet<u32> {
    let mut family = HashSet::from([process]);
    loop {
        let of_family = |(id, process): (&u32, &Process)| {
            (family.contains(&process.parent) && !family.contains(id)).then_some(*id)
        };
        let more: Vec<u32> = all.iter().filter_map(of_family).collect();
        if more.is_empty() {
            return family;
        }
        family.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_proc_is_read_also_if_a_name_has_brackets() {
        let line = "7 (a ) b) S 3 7 7 0 -1 4194560 1 2 0 0 10 20 30 40 20 0 1 0 5";
        let process = parse(line).unwrap();
        assert_eq!((process.parent, process.has_ended, process.ticks), (3, false, 100));
    }

    #[test]
    fn the_time_of_this_process_is_known_and_that_of_none_is_not() {
        assert!(time(std::process::id()).unwrap().is_some());
        assert!(time(u32::MAX).unwrap().is_none());
    }
}
