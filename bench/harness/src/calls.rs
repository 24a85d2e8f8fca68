//! What an operation asks of storage: counted at the gateway, so that nothing asks twice unseen.

use super::contender::Contender;
use super::operation::Operation;
use anyhow::Context;
use serde_json::{Value, json};
use xtask::local::agent;

/// What one operation asked, and what it should ask.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) operation: String,
    pub(super) expected: Value,
    pub(super) found: Value,
    /// Request units, as the handler tells its caller.
    pub(super) charge: Option<f64>,
}

/// The handler must have been asked nothing about projects yet. Who is a member is remembered for 10 s, and this
/// takes less.
pub(super) fn count(gateway: &Contender, handler: &Contender) -> anyhow::Result<Vec<Calls>> {
    // The project, and the caller's own item as a member.
    let first = calls(gateway, handler, Operation::PointRead, json!({ "read": 2 }));
    let mut all = vec![Calls {
        operation: "point read, the first".to_owned(),
        ..first?
    }];
    // The first project in another workspace also reads the caller's item there.
    handler.target(Operation::Create)?.ask(&agent())?;
    for (operation, expected) in [
        (Operation::PointRead, json!({ "read": 1 })),
        (Operation::NotModified, json!({ "read": 1 })),
        (Operation::List, json!({ "query": 1 })),
        // The workspace is read after the batch: a deletion may have overtaken it.
        (Operation::Create, json!({ "batch": 1, "read": 1 })),
        (Operation::Patch, json!({ "read": 1, "write": 1 })),
    ] {
        all.push(calls(gateway, handler, operation, expected)?);
    }
    Ok(all)
}

fn calls(
    gateway: &Contender,
    handler: &Contender,
    operation: Operation,
    expected: Value,
) -> anyhow::Result<Calls> {
    let target = handler.target(operation)?;
    take(gateway)?;
    let charge = target.ask(&agent())?;
    Ok(Calls {
        operation: operation.name(),
        expected,
        found: take(gateway)?,
        charge,
    })
}

/// What was asked since the last time.
fn take(gateway: &Contender) -> anyhow::Result<Value> {
    let url = format!("{}/_bench/requests", gateway.base);
    let mut answer = agent().get(&url).call()?;
    let text = answer.body_mut().read_to_string()?;
    serde_json::from_str(&text).with_context(|| format!("{url} answered {text}"))
}
