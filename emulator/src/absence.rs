//! Why something is not found, in the sub-status of the answer.

use crate::answer::{Answer, PARTITION_KEY_MISMATCH, Refusal};
use crate::gateway::Gateway;
use crate::limits;
use crate::request::CosmosRequest;
use crate::resource::Resource;
use serde_json::Value;

/// The sub-status with which the service says that what should hold the resource is not there: the
/// container of an item, the database of a container.
const OWNER_NOT_FOUND: u32 = 1_003;

impl Gateway {
    /// Says in a 404 whether its container or database is missing, or the partition key is none of this container.
    pub(crate) async fn explain_absence(
        &self,
        request: &CosmosRequest,
        answer: &mut Answer,
    ) -> anyhow::Result<()> {
        match self.owner(request).await? {
            None => answer.set_header("x-ms-substatus", &OWNER_NOT_FOUND.to_string()),
            Some(owner) if request.resource == Resource::Item => {
                let key = request.partition_key.as_deref().unwrap_or_default();
                if !limits::is_key_of(key, &owner) {
                    let (sub_status, message) = PARTITION_KEY_MISMATCH;
                    *answer = Refusal::bad_request(message).into();
                    answer.set_header("x-ms-substatus", sub_status);
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// What should hold the resource, as far as it is to be found by name.
    async fn owner(&self, request: &CosmosRequest) -> anyhow::Result<Option<Value>> {
        match (&request.database, &request.container) {
            (Some(database), _) if request.resource == Resource::Container => {
                let is_there = self.account.database_exists(database).await?;
                Ok(is_there.then_some(Value::Null))
            }
            (Some(database), Some(container)) => {
                self.account.read_container(database, container).await
            }
            _ => Ok(Some(Value::Null)),
        }
    }
}
