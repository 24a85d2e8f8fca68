//! What a process has used, as Linux tells it; elsewhere nothing is known.

use super::machine::field;
use std::fs;
use std::time::Duration;

/// Linux counts processor time in hundredths of a second (`USER_HZ`), on every architecture.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of a process and of those that it started, of all threads.
pub(super) fn processor_time(process: u32) -> Option<Duration> {
    let family = family(process, &parents());
    let ticks = family.iter().filter_map(|process| ticks(&stat(*process)?));
    let ticks: u32 = ticks.sum();
    (ticks > 0).then(|| TICK * ticks)
}

/// Resident memory, in KiB.
pub(super) fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    field(&status, "VmRSS")?.split(' ').next()?.parse().ok()
}

fn stat(process: u32) -> Option<String> {
    fs::read_to_string(format!("/proc/{process}/stat")).ok()
}

/// All processes, each with the one that started it.
fn parents() -> Vec<(u32, u32)> {
    let names = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = names.filter_map(|name| name.file_name().to_str()?.parse().ok());
    processes
        .filter_map(|process| Some((process, parent(&stat(process)?)?)))
        .collect()
}

fn family(process: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(member) = family.get(next).copied() {
        let children = parents.iter().filter(|(_, parent)| *parent == member);
        family.extend(children.map(|(child, _)| *child));
        next += 1;
    }
    family
}

/// `ppid`: the 4th field. The second is the name, which may have anything in it.
fn parent(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

/// `utime` and `stime`: the 14th and 15th field.
fn ticks(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11);
    let mut next = || times.next()?.parse::<u32>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added() {
        let stat = "7 (a) name) S 1 7 7 0 -1 4194304 100 0 0 0 25 17 0 0 20 0 4 0 999";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(parent(stat), Some(1));
    }

    #[test]
    fn a_family_is_what_one_process_started() {
        let parents = [(5, 1), (6, 5), (7, 1), (8, 6)];
        assert_eq!(family(5, &parents), [5, 6, 8]);
    }
}
