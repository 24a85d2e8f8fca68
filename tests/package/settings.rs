//! The app settings that the Bicep files give the app, with what is on this machine in place of Azure's.

pub(crate) const CLIENT_ID: &str = "client-7";

/// What Azure would set, and nothing else.
pub(crate) fn deployed(cosmos: &str, identity: &str) -> Vec<(String, String)> {
    let by_bicep = infra_tests::app_settings().unwrap();
    let by_bicep = by_bicep
        .into_iter()
        .map(|(name, expression)| (name, value(&expression, cosmos)))
        // Empty ones are left out, as the Bicep file does.
        .filter(|(_, value)| !value.is_empty());
    let by_the_platform = [
        ("IDENTITY_ENDPOINT", identity),
        ("IDENTITY_HEADER", "of-this-instance"),
        ("WEBSITE_AUTH_ENABLED", "True"),
    ];
    let by_the_platform = by_the_platform.map(|(name, value)| (name.to_owned(), value.to_owned()));
    by_bicep.chain(by_the_platform).collect()
}

fn value(expression: &str, cosmos: &str) -> String {
    let value = match expression {
        "cosmosEndpoint" => cosmos,
        "databaseName" => "app",
        "containerName" => "items",
        "identityClientId" => CLIENT_ID,
        "authMode" => "easy-auth",
        "jwtIssuer" | "jwtAudience" | "jwtTenantId" | "otlpEndpoint" => "",
        "string(requestTimeoutSeconds)" => "30",
        "logFilter" => "info",
        "storageAccountName" => "storage",
        "applicationInsightsConnectionString" => "InstrumentationKey=0",
        literal => {
            let text = literal
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''));
            let text = text.unwrap_or_else(|| panic!("what is {literal} on this machine?"));
            return text.replace("${identityClientId}", CLIENT_ID);
        }
    };
    value.to_owned()
}
