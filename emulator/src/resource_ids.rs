//! Paths by resource ids (`_rid`), as in the `_self` of what the account answers.

use crate::account::{Account, found};
use azure_core::http::Method;
use serde_json::Value;

impl Account {
    /// `path` with names in place of resource ids; as it is when nothing has these.
    pub(crate) async fn by_names(&self, path: Vec<String>) -> anyhow::Result<Vec<String>> {
        let is_by_id = path.first().is_some_and(|first| first == "dbs")
            && path
                .get(1)
                .is_some_and(|database| database.len() == 8 && database.ends_with("=="));
        if !is_by_id || self.database_exists(&path[1]).await? {
            return Ok(path);
        }
        let mut named = path.clone();
        let feeds = [
            ("dbs", "Databases"),
            ("colls", "DocumentCollections"),
            ("docs", "Documents"),
        ];
        for (level, (segment, feed)) in feeds.into_iter().enumerate() {
            let place = 2 * level + 1;
            if path.get(place - 1).is_none_or(|kind| kind != segment) {
                break;
            }
            let Some(id) = path.get(place) else { break };
            let parent: Vec<&str> = named[..place].iter().map(String::as_str).collect();
            match self.name_of(&parent, feed, id).await? {
                Some(name) => named[place] = name,
                None => break,
            }
        }
        Ok(named)
    }

    async fn name_of(&self, path: &[&str], feed: &str, id: &str) -> anyhow::Result<Option<String>> {
        let Some(mut all) = found(&self.call(Method::Get, path, &[], None).await?)? else {
            return Ok(None);
        };
        let all = all[feed]
            .as_array_mut()
            .map(std::mem::take)
            .unwrap_or_default();
        let named = all.into_iter().find(|resource| resource["_rid"] == id);
        Ok(named.and_then(|named: Value| Some(named["id"].as_str()?.to_owned())))
    }
}
