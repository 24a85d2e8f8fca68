//! The machine, and who of the processes gets which of its cores.

use std::fmt;
use std::fs;
use std::thread::available_parallelism;

/// What the numbers depend on.
#[derive(Debug)]
pub(super) struct Machine {
    processor: String,
    cores: usize,
    system: String,
    /// Processes that wanted to run in the last minute; what others do beside us.
    busy: Option<String>,
}

impl Machine {
    pub(super) fn this() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").ok();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
        let busy = fs::read_to_string("/proc/loadavg").ok();
        let system = std::env::consts::OS;
        let kernel = kernel.as_deref().map(str::trim).unwrap_or_default();
        Self {
            processor: processor
                .and_then(|text| field(&text, "model name"))
                .unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: cores(),
            system: format!("{system} {kernel}").trim().to_owned(),
            busy: busy.and_then(|text| Some(text.split_whitespace().next()?.to_owned())),
        }
    }
}

/// Cores that this process may use.
pub(super) fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            processor,
            cores,
            system,
            busy,
        } = self;
        write!(f, "{processor}, {cores} cores, {system}")?;
        match busy {
            Some(busy) => write!(f, ", load average before {busy}"),
            None => Ok(()),
        }
    }
}

/// The value of a field in a file of `/proc`.
pub(super) fn field(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines();
    lines.find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim().to_owned())
    })
}

/// Which cores processes are kept to. What is measured has one for itself: an instance on which it would run in
/// Azure has not more, and contenders that use one core alone are compared fairly.
#[derive(Debug)]
pub(super) struct Cores {
    measured: Option<usize>,
    beside: Option<usize>,
    load: Option<usize>,
}

impl Cores {
    pub(super) fn of_this_machine() -> Self {
        let usable = pinning::usable();
        let from_the_end = |place: usize| usable.iter().rev().nth(place).copied();
        if usable.len() < 2 {
            return Self::shared();
        }
        Self {
            measured: usable.first().copied(),
            beside: from_the_end(0),
            load: from_the_end(usize::from(usable.len() > 2)),
        }
    }

    /// Everything on any core.
    pub(super) fn shared() -> Self {
        Self {
            measured: None,
            beside: None,
            load: None,
        }
    }

    /// Starts what is measured.
    pub(super) fn measured<T>(&self, start: impl FnOnce() -> T) -> T {
        pinning::kept_to(self.measured, start)
    }

    /// Starts the gateway.
    pub(super) fn beside<T>(&self, start: impl FnOnce() -> T) -> T {
        pinning::kept_to(self.beside, start)
    }

    /// Starts load.
    pub(super) fn loading<T>(&self, start: impl FnOnce() -> T) -> T {
        pinning::kept_to(self.load, start)
    }

    /// For load on the gateway itself, while nothing else is measured.
    pub(super) fn for_the_gateway(&self) -> Self {
        Self {
            load: self.measured,
            ..*self
        }
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.measured, self.beside, self.load) {
            (Some(measured), Some(beside), Some(load)) => write!(
                f,
                "what is measured on core {measured}, the gateway on {beside}, the load on {load}"
            ),
            _ => f.write_str("processes on any core"),
        }
    }
}

#[cfg(target_os = "linux")]
mod pinning {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    const THIS_THREAD: Pid = Pid::from_raw(0);

    pub(super) fn usable() -> Vec<usize> {
        let set = sched_getaffinity(THIS_THREAD).unwrap_or_default();
        (0..CpuSet::count())
            .filter(|core| set.is_set(*core).unwrap_or(false))
            .collect()
    }

    /// A process starts on the cores of the thread that starts it.
    pub(super) fn kept_to<T>(core: Option<usize>, start: impl FnOnce() -> T) -> T {
        let (Some(core), Ok(before)) = (core, sched_getaffinity(THIS_THREAD)) else {
            return start();
        };
        let mut one = CpuSet::new();
        // Where it fails, processes run on any core: less exact, not wrong.
        let _pinned = one
            .set(core)
            .and_then(|()| sched_setaffinity(THIS_THREAD, &one));
        let started = start();
        let _restored = sched_setaffinity(THIS_THREAD, &before);
        started
    }
}

#[cfg(not(target_os = "linux"))]
mod pinning {
    pub(super) fn usable() -> Vec<usize> {
        Vec::new()
    }

    pub(super) fn kept_to<T>(_core: Option<usize>, start: impl FnOnce() -> T) -> T {
        start()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "model\t\t: 85\nmodel name\t: Some Processor\n";
        assert_eq!(field(text, "model name").as_deref(), Some("Some Processor"));
        assert_eq!(field(text, "name"), None);
    }
}
