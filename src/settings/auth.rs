//! How callers are known.

use super::Reader;
use super::storage::is_loopback;
use url::Url;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthMode {
    /// The caller is who the `x-dev-user` header says.
    Dev,
    /// App Service Authentication checks callers.
    EasyAuth(Permissions),
    /// Callers bring Entra access tokens.
    Jwt(JwtSettings),
}

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
    pub permissions: Permissions,
}

/// What callers must have been given, beside their identity: the scope, or one of the roles. Neither is set:
/// nothing particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    pub scope: Option<String>,
    pub roles: Vec<String>,
}

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
    #[must_use]
    pub fn issuer_template(&self) -> String {
        let parts = self.issuer.split('/');
        let parts = parts.map(|part| match part {
            part if SEVERAL_TENANTS.contains(&part) => ANY_TENANT,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Whether the sign-in names in tokens are given by a directory. An issuer on loopback is a stand-in.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        Url::parse(&self.issuer).is_ok_and(|url| is_entra(&url) || is_loopback(&url))
    }
}

fn is_entra(url: &Url) -> bool {
    url.host_str()
        .is_some_and(|host| ENTRA_HOSTS.contains(&host))
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    /// `None` recognises nobody: a mode that is not set, or cannot be used.
    pub(super) fn auth_mode(&mut self) -> Option<AuthMode> {
        match self.value("AUTH_MODE").as_deref() {
            None => self.refuse("AUTH_MODE is missing: protected routes answer 401"),
            Some("dev") if self.endpoint_is_loopback_or_missing() => Some(AuthMode::Dev),
            Some("dev") => self.refuse(
                "AUTH_MODE `dev` is refused: it works only with a COSMOS_ENDPOINT on loopback, or with none",
            ),
            Some("easy-auth") if self.app_service_checks_callers() => {
                Some(AuthMode::EasyAuth(self.permissions()))
            }
            Some("easy-auth") => self.refuse(
                "AUTH_MODE `easy-auth` is refused: WEBSITE_AUTH_ENABLED is not `True`, so App Service Authentication is not on",
            ),
            Some("jwt") => self.jwt().map(AuthMode::Jwt),
            Some(_) => {
                self.problem("AUTH_MODE", "`easy-auth`, `jwt` or `dev`");
                None
            }
        }
    }

    /// The platform sets this, and nobody else can: documented as read-only.
    fn app_service_checks_callers(&self) -> bool {
        self.value("WEBSITE_AUTH_ENABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn jwt(&mut self) -> Option<JwtSettings> {
        let issuer = self.needed("AUTH_ISSUER");
        let audiences = self.needed("AUTH_AUDIENCE").map(|_| self.audiences());
        let tenants = self.tenants();
        let metadata_url = self.value("AUTH_METADATA_URL");
        let metadata_url = metadata_url.map(|url| self.metadata_url(url));
        let issuer = issuer.and_then(|issuer| self.issuer(&issuer));
        Some(JwtSettings {
            issuer: issuer?,
            metadata_url: metadata_url.map_or(Some(None), |url| url.map(Some))?,
            audiences: audiences??,
            tenants: tenants?,
            permissions: self.permissions(),
        })
    }

    fn audiences(&mut self) -> Option<Vec<String>> {
        let audiences = self.list("AUTH_AUDIENCE");
        if audiences.is_empty() || audiences.iter().any(|one| is_unfinished(one)) {
            self.problem(
                "AUTH_AUDIENCE",
                "what tokens have in `aud`, such as the client id of the API's app registration",
            );
            return None;
        }
        Some(audiences)
    }

    /// `tid` is always a GUID, whatever else a tenant is called.
    fn tenants(&mut self) -> Option<Vec<Uuid>> {
        let ids = self.list("AUTH_TENANT_ID");
        let ids: Result<_, _> = ids.iter().map(|id| Uuid::parse_str(id)).collect();
        if ids.is_err() {
            self.problem(
                "AUTH_TENANT_ID",
                "a tenant's id, which is a GUID, not its domain",
            );
        }
        ids.ok()
    }

    fn permissions(&self) -> Permissions {
        Permissions {
            scope: self.value("AUTH_REQUIRED_SCOPE"),
            roles: self.list("AUTH_REQUIRED_ROLES"),
        }
    }

    /// Ids of tenants are written in lower case, as tokens have them.
    fn issuer(&mut self, text: &str) -> Option<String> {
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
            .filter(is_secure)
            .filter(|url| !is_entra(url) || names_tenants(url));
        if url.is_none() {
            self.problem(
                "AUTH_ISSUER",
                "the https:// URL that tokens have in `iss`, such as https://login.microsoftonline.com/<tenant id>/v2.0, where the tenant id is a GUID",
            );
        }
        let parts = text.split('/').map(|part| match Uuid::parse_str(part) {
            Ok(_) => part.to_lowercase(),
            Err(_) => part.to_owned(),
        });
        url.map(|_| parts.collect::<Vec<_>>().join("/"))
    }

    fn metadata_url(&mut self, text: String) -> Option<String> {
        let usable = !is_unfinished(&text) && Url::parse(&text).is_ok_and(|url| is_secure(&url));
        if !usable {
            self.problem("AUTH_METADATA_URL", "the https:// URL of the issuer's discovery document, which ends in /.well-known/openid-configuration");
        }
        usable.then_some(text)
    }

    fn refuse<T>(&mut self, problem: &str) -> Option<T> {
        self.problems.push(problem.to_owned());
        None
    }
}

/// Whether a placeholder is left in it.
fn is_unfinished(text: &str) -> bool {
    text.contains(['<', '>', '{', '}']) || text.contains(char::is_whitespace)
}

fn is_secure(url: &Url) -> bool {
    let is_plain = url.query().is_none() && url.fragment().is_none();
    url.has_host()
        && is_plain
        && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
}
