//! What a process has used, as Linux tells it; elsewhere nothing is known.

use super::machine::field;
use std::fs;
use std::time::Duration;

/// Linux counts processor time in hundredths of a second (`USER_HZ`), on every architecture.
const TICK: Duration = Duration::from_millis(10);

/// Processor time, of all threads.
pub(super) fn processor_time(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    ticks(&stat).map(|ticks| TICK * ticks)
}

/// Resident memory, in KiB.
pub(super) fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    field(&status, "VmRSS")?.split(' ').next()?.parse().ok()
}

/// `utime` and `stime`: the 14th and 15th field. The second is the name, which may have anything in it.
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
    }
}
