//! The faults in force, and which of them a request meets.

use crate::fault::{Fault, FaultId, FaultState};
use crate::lock::lock;
use crate::request::CosmosRequest;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;

#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Rules>);

#[derive(Debug, Default)]
struct Rules {
    last_id: u64,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    id: FaultId,
    fault: Fault,
    met: u32,
    /// Closed when the rule is removed, which ends all waiting for it.
    fired: watch::Sender<u32>,
}

/// What a fault does to one request.
#[derive(Debug)]
pub(crate) struct FiredFault {
    pub(crate) fault: Fault,
    rule: watch::Receiver<u32>,
}

impl Faults {
    /// Adds a rule that has been checked.
    pub(crate) fn add(&self, fault: Fault) -> FaultState {
        let mut rules = lock(&self.0);
        rules.last_id += 1;
        let rule = Rule {
            id: FaultId(rules.last_id),
            fault,
            met: 0,
            fired: watch::Sender::new(0),
        };
        let state = rule.state();
        rules.rules.push(rule);
        state
    }

    pub(crate) fn states(&self) -> Vec<FaultState> {
        lock(&self.0).rules.iter().map(Rule::state).collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).rules.clear();
    }

    /// Returns whether there was such a rule.
    pub(crate) fn remove(&self, id: FaultId) -> bool {
        let rules = &mut lock(&self.0).rules;
        let before = rules.len();
        rules.retain(|rule| rule.id != id);
        rules.len() < before
    }

    /// Waits until the rule has fired `times` times. Returns `None` once it is removed.
    pub(crate) async fn fired(&self, id: FaultId, times: u32) -> Option<FaultState> {
        let mut fired = self.find(id, |rule| rule.fired.subscribe())?;
        fired.wait_for(|fired| *fired >= times).await.ok()?;
        self.find(id, Rule::state)
    }

    /// Whether a batch may have to know what was there when it arrived.
    pub(crate) fn need_snapshots(&self) -> bool {
        let rules = &lock(&self.0).rules;
        rules.iter().any(|rule| rule.fault.stale_reads)
    }

    /// What happens to `request`, if a rule is for it.
    pub(crate) fn fire(&self, request: &CosmosRequest) -> Option<FiredFault> {
        lock(&self.0)
            .rules
            .iter_mut()
            .find_map(|rule| rule.fire(request))
    }

    fn find<T>(&self, id: FaultId, read: impl Fn(&Rule) -> T) -> Option<T> {
        lock(&self.0)
            .rules
            .iter()
            .find(|rule| rule.id == id)
            .map(read)
    }
}

impl Rule {
    fn state(&self) -> FaultState {
        FaultState {
            id: self.id,
            fault: self.fault.clone(),
            fired: *self.fired.borrow(),
        }
    }

    fn fire(&mut self, request: &CosmosRequest) -> Option<FiredFault> {
        let is_spent = self
            .fault
            .times
            .is_some_and(|times| *self.fired.borrow() >= times);
        if is_spent || !self.fault.meets(request) {
            return None;
        }
        self.met = self.met.saturating_add(1);
        if self.met <= self.fault.skip {
            return None;
        }
        let rule = self.fired.subscribe();
        self.fired
            .send_modify(|fired| *fired = fired.saturating_add(1));
        Some(FiredFault {
            fault: self.fault.clone(),
            rule,
        })
    }
}

impl FiredFault {
    /// Takes as long as the fault keeps a request waiting.
    pub(crate) async fn wait(&mut self) {
        if self.fault.hold {
            while self.rule.changed().await.is_ok() {}
        }
        if let Some(delay) = self.fault.delay_ms {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
    }
}
