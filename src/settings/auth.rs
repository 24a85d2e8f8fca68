//! How callers are known.

use super::Reader;
use super::storage::is_loopback;
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

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    /// `None` recognises nobody: a mode that is not set, or cannot be used.
    pub(super) fn auth_mode(&mut self) -> Option<AuthMode> {
        match self.value("AUTH_MODE").as_deref() {
            None => self.refuse("AUTH_MODE is missing: protected routes answer 401"),
            Some("dev") if self.endpoint_is_loopback_or_missing() => Some(AuthMode::Dev),
            Some("dev") => self.refuse(
                "AUTH_MODE `dev` is refused: it works only with a COSMOS_ENDPOINT on loopback, or with none",
            ),
            Some("easy-auth") if self.app_service_checks_callers() => Some(AuthMode::EasyAuth),
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
        let audiences = self.needed("AUTH_AUDIENCE");
        let issuer = issuer.and_then(|issuer| self.issuer(issuer));
        let audiences = audiences?
            .split(',')
            .map(|one| one.trim().to_owned())
            .collect();
        Some(JwtSettings {
            issuer: issuer?,
            audiences,
            tenant: self.value("AUTH_TENANT_ID"),
        })
    }

    fn issuer(&mut self, text: String) -> Option<String> {
        let usable = Url::parse(&text).is_ok_and(|url| {
            url.has_host()
                && url.query().is_none()
                && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url))
        });
        if !usable {
            self.problem(
                "AUTH_ISSUER",
                "the https:// URL that tokens have in `iss`, such as https://login.microsoftonline.com/<tenant id>/v2.0",
            );
        }
        usable.then_some(text)
    }

    fn refuse<T>(&mut self, problem: &str) -> Option<T> {
        self.problems.push(problem.to_owned());
        None
    }
}
