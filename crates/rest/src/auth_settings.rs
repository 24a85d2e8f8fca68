//! How callers are known.

use cosmos_store::settings::{endpoint_is_loopback_or_missing, is_loopback};
use custom_handler::settings::Reader;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthMode {
    /// The caller is who the `x-dev-user` header says.
    Dev,
    /// App Service Authentication checks callers.
    EasyAuth,
    /// Callers bring Entra access tokens.
    Jwt(JwtSettings),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// What tokens say in `iss`.
    pub issuer: String,
    /// What tokens may say in `aud`.
    pub audiences: Vec<String>,
    /// What tokens must say in `tid`; `None`: anything.
    pub tenant: Option<String>,
}

impl AuthMode {
    /// `None` recognises nobody: a mode that is not set, or cannot be used.
    #[must_use]
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.value("AUTH_MODE").as_deref() {
            None => refuse(reader, "AUTH_MODE is missing: protected routes answer 401"),
            Some("dev") if endpoint_is_loopback_or_missing(reader) => Some(Self::Dev),
            Some("dev") => refuse(
                reader,
                "AUTH_MODE `dev` is refused: it works only with a COSMOS_ENDPOINT on loopback, or with none",
            ),
            Some("easy-auth") if app_service_checks_callers(reader) => Some(Self::EasyAuth),
            Some("easy-auth") => refuse(
                reader,
                "AUTH_MODE `easy-auth` is refused: WEBSITE_AUTH_ENABLED is not `True`, so App Service Authentication is not on",
            ),
            Some("jwt") => jwt(reader).map(Self::Jwt),
            Some(_) => {
                reader.must_be("AUTH_MODE", "`easy-auth`, `jwt` or `dev`");
                None
            }
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
    let audiences = reader.needed("AUTH_AUDIENCE");
    let issuer = issuer.and_then(|issuer| read_issuer(reader, issuer));
    let audiences = audiences?
        .split(',')
        .map(|one| one.trim().to_owned())
        .collect();
    Some(JwtSettings {
        issuer: issuer?,
        audiences,
        tenant: reader.value("AUTH_TENANT_ID"),
    })
}

fn read_issuer(reader: &mut Reader<'_>, text: String) -> Option<String> {
    let usable = Url::parse(&text).is_ok_and(|url| {
        url.has_host()
            && url.query().is_none()
            && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url))
    });
    if !usable {
        reader.must_be(
            "AUTH_ISSUER",
            "the https:// URL that tokens have in `iss`, such as https://login.microsoftonline.com/<tenant id>/v2.0",
        );
    }
    usable.then_some(text)
}

fn refuse<T>(reader: &mut Reader<'_>, problem: &str) -> Option<T> {
    reader.refuse(problem);
    None
}
