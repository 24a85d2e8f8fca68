//! Whether one region alone takes writes.

use super::network::{PATIENCE, host, trusting};
use super::report::Check;
use cosmos_store::credential;
use cosmos_store::settings::CosmosSettings;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use serde_json::Value;

pub(super) const WRITES: &str = "write-region";

pub(super) async fn check(settings: &CosmosSettings) -> Check {
    match tokio::time::timeout(PATIENCE, account(settings)).await {
        Ok(Ok(Some(account))) => judge(&account),
        Ok(Ok(None)) => Check::ok(WRITES, "an emulator, which does not tell without its key"),
        Ok(Err(error)) => Check::failed(WRITES, format!("{error:#}"), AGAIN),
        Err(_elapsed) => Check::failed(WRITES, "the account does not tell in time", AGAIN),
    }
}

const AGAIN: &str = "Run this again. The identity needs a data role on the account or on something in it, which lets it read what the account says of itself.";

/// What the account says of itself; `None` where a key would have to sign the request.
async fn account(settings: &CosmosSettings) -> anyhow::Result<Option<Value>> {
    let endpoint = &settings.endpoint;
    let url = format!("{}://{}/", endpoint.scheme(), host(endpoint));
    let now = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now())?;
    let mut request = trusting(endpoint)?
        .get(url)
        .header("x-ms-date", now)
        .header("x-ms-version", "2020-07-15");
    let authorization = credential::authorization(settings).await?;
    if let Some(authorization) = &authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let answer = request.send().await?;
    if authorization.is_none() && answer.status() == StatusCode::UNAUTHORIZED {
        return Ok(None);
    }
    let answer = answer.error_for_status()?.bytes().await?;
    Ok(Some(serde_json::from_slice(&answer)?))
}

fn judge(account: &Value) -> Check {
    let regions = account["writableLocations"].as_array();
    let names = regions.into_iter().flatten();
    let names: Vec<_> = names.filter_map(|region| region["name"].as_str()).collect();
    let names = names.join(", ");
    if account["enableMultipleWriteLocations"] == true {
        return Check::failed(
            WRITES,
            format!("several regions may take writes: {names}"),
            "Turn multi-region writes off (`enableMultipleWriteLocations: false`): entity tags, batches and what must be unique need one region that decides.",
        );
    }
    Check::ok(WRITES, format!("{names} alone takes writes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_account_with_several_write_regions_fails() {
        let east = json!({"name": "East US"});
        let both = json!([east, {"name": "West US"}]);
        let one = json!({"enableMultipleWriteLocations": false, "writableLocations": [east]});
        assert!(judge(&one).is_ok());
        let several = json!({"enableMultipleWriteLocations": true, "writableLocations": both});
        let check = judge(&several);
        assert!(!check.is_ok());
        assert!(
            check.detail.ends_with("East US, West US"),
            "{}",
            check.detail
        );
    }
}
