//! How callers are known.

use cosmos_store::settings::{endpoint_is_loopback_or_missing, is_loopback};
use custom_handler::settings::Reader;
use url::Url;
use uuid::Uuid;

/// The way that callers are known by, `AUTH_MODE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthMode {
    /// The caller is who the `x-dev-user` header says.
    Dev,
    /// App Service Authentication checks callers.
    EasyAuth(Permissions),
    /// Callers bring Entra access tokens.
    Jwt(JwtSettings),
}

/// Conditions that an access token must fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// What tokens say in `iss`.
    pub issuer: String,
    /// Where the issuer's discovery document is; `None`: below the issuer.
    pub metadata_url: Option<String>,
    /// What tokens may say in `aud`.
    pub audiences: Vec<String>,
    /// What tokens may say in `tid`; none: anything.
    pub tenants: Vec<Uuid>,
    /// Permissions that a token must grant.
    pub permissions: Permissions,
}

/// What callers must have been given, beside their identity: the scope, or one of the roles. Neither is set:
/// nothing particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    pub(crate) scope: Option<String>,
    pub(crate) roles: Vec<String>,
}

const METADATA_URL: &str = "AUTH_METADATA_URL";

/// Stands for the tenant's id in the issuer of an app registration for several tenants.
pub const ANY_TENANT: &str = "{tenantid}";
/// What Entra ID's addresses have in place of a tenant's id.
const SEVERAL_TENANTS: [&str; 4] = [ANY_TENANT, "organizations", "common", "consumers"];
/// Entra ID, in all its clouds. People do not choose their own sign-in names there.
const ENTRA_HOSTS: [&str; 4] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "sts.windows.net",
];

impl JwtSettings {
    /// What tokens have in `iss`, with [`ANY_TENANT`] where the issuer is one for several tenants.
    pub fn issuer_template(&self) -> String {
        let parts = self.issuer.split('/');
        let parts = parts.map(|part| match part {
            part if SEVERAL_TENANTS.contains(&part) => ANY_TENANT,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Whether the sign-in names in tokens are given by a directory. An issuer on loopback is a stand-in.
    pub(crate) fn is_directory(&self) -> bool {
        Url::parse(&self.issuer).is_ok_and(|url| is_entra(&url) || is_loopback(&url))
    }
}

fn is_entra(url: &Url) -> bool {
    url.host_str()
        .is_some_and(|host| ENTRA_HOSTS.contains(&host))
}

impl AuthMode {
    /// `None` recognises nobody: a mode that is not set, or cannot be used.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.value("AUTH_MODE").as_deref() {
            None => reader.refuse("AUTH_MODE is missing: protected routes answer 401"),
            Some("dev") if endpoint_is_loopback_or_missing(reader) => Some(Self::Dev),
            Some("dev") => reader.refuse(
                "AUTH_MODE `dev` is refused: it works only with a COSMOS_ENDPOINT on loopback, or with none",
            ),
            Some("easy-auth") if app_service_checks_callers(reader) => {
                read_permissions(reader).map(Self::EasyAuth)
            }
            Some("easy-auth") => reader.refuse(
                "AUTH_MODE `easy-auth` is refused: WEBSITE_AUTH_ENABLED is not `True`, so App Service Authentication is not on",
            ),
            Some("jwt") => jwt(reader).map(Self::Jwt),
            Some(_) => reader.must_be("AUTH_MODE", "`easy-auth`, `jwt` or `dev`"),
        }
    }
}

/// The platform sets this, and nobody else can: documented as read-only.
fn app_service_checks_callers(reader: &Reader<'_>) -> bool {
    reader
        .value("WEBSITE_AUTH_ENABLED")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn jwt(reader: &mut Reader<'_>) -> Option<JwtSettings> {
    let issuer = reader.needed("AUTH_ISSUER");
    let audiences = reader
        .needed("AUTH_AUDIENCE")
        .map(|_| read_audiences(reader));
    let tenants = read_tenants(reader);
    let permissions = read_permissions(reader);
    let metadata_url = reader
        .is_set(METADATA_URL)
        .then(|| read_metadata_url(reader));
    let issuer = issuer.and_then(|issuer| read_issuer(reader, &issuer));
    Some(JwtSettings {
        issuer: issuer?,
        metadata_url: metadata_url.map_or(Some(None), |url| url.map(Some))?,
        audiences: audiences??,
        tenants: tenants?,
        permissions: permissions?,
    })
}

fn read_audiences(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let audiences = reader.list("AUTH_AUDIENCE");
    if audiences.is_empty() || audiences.iter().any(|one| is_unfinished(one)) {
        return reader.must_be(
            "AUTH_AUDIENCE",
            "what tokens have in `aud`, such as the client id of the API's app registration",
        );
    }
    Some(audiences)
}

/// What restricts who gets in, separated by commas. Empty: no restriction, which must not come of one that cannot be read.
fn restriction<T>(
    reader: &mut Reader<'_>,
    name: &str,
    parse: impl Fn(&String) -> Option<T>,
    should_be: &str,
) -> Option<Vec<T>> {
    let values: Option<Vec<_>> = reader.list(name).iter().map(parse).collect();
    let values = values.filter(|values| !values.is_empty() || !reader.is_set(name));
    values.or_else(|| reader.must_be(name, should_be))
}

/// `tid` is always a GUID, whatever else a tenant is called.
fn read_tenants(reader: &mut Reader<'_>) -> Option<Vec<Uuid>> {
    let id = |id: &String| Uuid::parse_str(id).ok();
    let should_be = "a tenant's id, which is a GUID, not its domain";
    restriction(reader, "AUTH_TENANT_ID", id, should_be)
}

fn read_permissions(reader: &mut Reader<'_>) -> Option<Permissions> {
    let finished = |one: &String| (!is_unfinished(one)).then(|| one.clone());
    let should_be = "one scope as it is in `scp`, without the API's URI";
    let mut scopes = restriction(reader, "AUTH_REQUIRED_SCOPE", finished, should_be)?;
    if scopes.len() > 1 {
        return reader.must_be("AUTH_REQUIRED_SCOPE", should_be);
    }
    let should_be = "roles as they are in `roles`, separated by commas";
    let roles = restriction(reader, "AUTH_REQUIRED_ROLES", finished, should_be)?;
    Some(Permissions {
        scope: scopes.pop(),
        roles,
    })
}

/// Ids of tenants are written in lower case, as tokens have them.
fn read_issuer(reader: &mut Reader<'_>, text: &str) -> Option<String> {
    let url = Url::parse(text)
        .ok()
        .filter(|_| !is_unfinished(&text.replace(ANY_TENANT, "")));
    let names_tenants = |url: &Url| {
        let tenant = url.path_segments().and_then(|mut path| path.next());
        let tenant = tenant
            .unwrap_or_default()
            .replace("%7B", "{")
            .replace("%7D", "}");
        SEVERAL_TENANTS.contains(&tenant.as_str()) || Uuid::parse_str(&tenant).is_ok()
    };
    let url = url
        .filter(|url| is_secure(url) && url.query().is_none())
        .filter(|url| !is_entra(url) || names_tenants(url));
    if url.is_none() {
        return reader.must_be(
            "AUTH_ISSUER",
            "the https:// URL that tokens have in `iss`, such as https://login.microsoftonline.com/<tenant id>/v2.0, where the tenant id is a GUID",
        );
    }
    let parts = text.split('/').map(|part| match Uuid::parse_str(part) {
        Ok(_) => part.to_lowercase(),
        Err(_) => part.to_owned(),
    });
    Some(parts.collect::<Vec<_>>().join("/"))
}

/// B2C's has its policy in the query, Entra's the application with keys of its own.
fn read_metadata_url(reader: &mut Reader<'_>) -> Option<String> {
    let url = reader
        .value(METADATA_URL)
        .filter(|url| !is_unfinished(url) && Url::parse(url).is_ok_and(|url| is_secure(&url)));
    url.or_else(|| reader.must_be(METADATA_URL, "the https:// URL of the issuer's discovery document, which ends in /.well-known/openid-configuration"))
}

/// Whether a placeholder is left in it.
fn is_unfinished(text: &str) -> bool {
    text.contains(['<', '>', '{', '}']) || text.contains(char::is_whitespace)
}

fn is_secure(url: &Url) -> bool {
    url.has_host()
        && url.fragment().is_none()
        && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_directories_give_the_sign_in_names_in_tokens() {
        let is_directory = |issuer: &str| {
            let settings = JwtSettings {
                issuer: issuer.to_owned(),
                metadata_url: None,
                audiences: Vec::new(),
                tenants: Vec::new(),
                permissions: Permissions::default(),
            };
            settings.is_directory()
        };
        assert!(is_directory(
            "https://login.microsoftonline.com/organizations/v2.0"
        ));
        assert!(is_directory(
            "https://sts.windows.net/7a1c9d3e-0000-4000-8000-000000000000/"
        ));
        for other in [
            "https://contoso.b2clogin.com/7a1c9d3e-0000-4000-8000-000000000000/v2.0/",
            "https://login.microsoftonline.com.example.com/organizations/v2.0",
            "https://accounts.google.com",
            "https://contoso.eu.auth0.com/",
        ] {
            assert!(!is_directory(other), "{other}");
        }
    }
}
