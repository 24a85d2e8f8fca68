//! `function.json`, and which function a path belongs to.

use super::template::Template;
use anyhow::{Context, ensure};
use serde::Deserialize;

/// A function of an app: its name and what its `function.json` says.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its folder's name.
    pub name: String,
    bindings: Vec<Binding>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Binding {
    #[serde(rename = "type")]
    kind: String,
    pub(crate) name: String,
    direction: String,
    route: Option<Template>,
    methods: Option<Vec<String>>,
}

/// The function that the host calls for a path below the route prefix. The host knows no precedence:
/// of the functions whose template matches, it is the first by name.
pub fn route<'a>(functions: &'a [Function], path: &str) -> Option<&'a Function> {
    functions
        .iter()
        .filter(|function| function.parameters(path).is_some())
        .min_by_key(|function| function.name.to_lowercase())
}

impl Function {
    /// Reads a `function.json`; `name` is that of its folder. Errors say what is wrong, or not known here.
    pub fn parse(name: String, json: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct FunctionJson {
            bindings: Vec<Binding>,
        }

        let FunctionJson { mut bindings } = serde_json::from_str(json)?;
        let mut triggers = bindings.iter_mut().filter(|binding| binding.is_trigger());
        let trigger = triggers.next().context("no trigger")?;
        ensure!(triggers.next().is_none(), "more than one trigger");
        if trigger.is_http() && trigger.route.is_none() {
            trigger.route = Some(name.parse()?);
        }
        Ok(Self { name, bindings })
    }

    /// The template of its route; `None` unless HTTP triggers it.
    pub fn template(&self) -> Option<&Template> {
        self.trigger()?.route.as_ref()
    }

    /// The parameters of a path below the route prefix that its template matches, by name.
    pub fn parameters(&self, path: &str) -> Option<Vec<(String, String)>> {
        self.template()?.parameters(path)
    }

    /// Whether its `methods`, if it has any, name this one.
    pub(crate) fn takes(&self, method: &str) -> bool {
        let listed = self.trigger().and_then(|trigger| trigger.methods.as_ref());
        listed.is_none_or(|listed| listed.iter().any(|name| name.eq_ignore_ascii_case(method)))
    }

    pub(crate) fn trigger(&self) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.is_trigger())
    }

    pub(crate) fn http_output(&self) -> Option<&Binding> {
        let mut bindings = self.bindings.iter();
        bindings.find(|binding| binding.kind == "http" && binding.direction == "out")
    }

    pub(crate) fn has_input(&self, name: &str) -> bool {
        let mut bindings = self.bindings.iter();
        bindings.any(|binding| binding.name == name && binding.direction == "in")
    }

    pub(crate) fn is_http_only(&self) -> bool {
        let triggered = self.trigger().is_some_and(Binding::is_http);
        triggered && self.http_output().is_some() && self.bindings.len() == 2
    }
}

impl Binding {
    pub(crate) fn is_http(&self) -> bool {
        self.kind == "httpTrigger"
    }

    fn is_trigger(&self) -> bool {
        self.kind.ends_with("Trigger")
    }

    /// Whether a timer is the trigger.
    pub(crate) fn is_timer(&self) -> bool {
        self.kind == "timerTrigger"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Function {
        pub(crate) fn http(name: &str, route: &str) -> Self {
            let json = format!(
                r#"{{"bindings": [
                    {{"type": "httpTrigger", "direction": "in", "name": "req",
                      "authLevel": "anonymous", "route": "{route}"}},
                    {{"type": "http", "direction": "out", "name": "res"}}
                ]}}"#
            );
            Self::parse(name.to_owned(), &json).unwrap()
        }
    }

    fn routed<'a>(functions: &'a [Function], path: &str) -> Option<&'a str> {
        route(functions, path).map(|function| function.name.as_str())
    }

    #[test]
    fn the_first_by_name_wins_however_exact_another_is() {
        let functions = [
            Function::http("openapi", "docs/openapi.json"),
            Function::http("Docs", "docs/{*asset}"),
        ];
        assert_eq!(routed(&functions, "docs/openapi.json"), Some("Docs"));
    }

    #[test]
    fn each_path_goes_to_the_function_whose_template_matches() {
        let functions = [
            Function::http("workspaces", "workspaces/{workspaceId?}"),
            Function::http("notes", "workspaces/{workspaceId}/notes/{*rest}"),
        ];
        assert_eq!(routed(&functions, "workspaces"), Some("workspaces"));
        assert_eq!(routed(&functions, "workspaces/1"), Some("workspaces"));
        assert_eq!(routed(&functions, "workspaces/1/notes"), Some("notes"));
        assert_eq!(
            routed(&functions, "workspaces/1/notes/2/tags"),
            Some("notes")
        );
        assert_eq!(routed(&functions, "workspaces/1/members"), None);
    }

    #[test]
    fn only_http_triggers_are_routed() {
        let json =
            r#"{"bindings": [{"type": "timerTrigger", "direction": "in", "name": "timer"}]}"#;
        let timer = Function::parse("sweep".to_owned(), json).unwrap();
        assert_eq!(routed(&[timer], "sweep"), None);
    }

    #[test]
    fn without_a_route_the_name_is_the_route() {
        let json = r#"{"bindings": [
            {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous"}
        ]}"#;
        let function = Function::parse("users".to_owned(), json).unwrap();
        assert_eq!(routed(&[function], "users"), Some("users"));
    }

    #[test]
    fn a_method_that_is_not_listed_is_not_taken() {
        let json = r#"{"bindings": [{"type": "httpTrigger", "direction": "in", "name": "req",
            "authLevel": "anonymous", "methods": ["get"]}]}"#;
        let users = Function::parse("users".to_owned(), json).unwrap();
        assert!(users.takes("GET") && !users.takes("POST"));
        assert!(Function::http("users", "users").takes("POST"));
    }
}
