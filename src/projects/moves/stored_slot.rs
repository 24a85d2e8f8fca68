//! The slot of a mark as it is stored.

use cosmos_store::idempotency::RecordSlot;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    id: Cow<'a, str>,
    workspace_id: Cow<'a, str>,
    fingerprint: Cow<'a, str>,
}

pub(super) fn serialize<S: Serializer>(
    slot: &RecordSlot,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let stored = Stored {
        id: (&slot.id).into(),
        workspace_id: (&slot.partition).into(),
        fingerprint: (&slot.fingerprint).into(),
    };
    stored.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(json: D) -> Result<RecordSlot, D::Error> {
    let stored = Stored::deserialize(json)?;
    Ok(RecordSlot {
        id: stored.id.into_owned(),
        partition: stored.workspace_id.into_owned(),
        fingerprint: stored.fingerprint.into_owned(),
    })
}
