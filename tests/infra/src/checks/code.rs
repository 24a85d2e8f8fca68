use crate::Finding;
use crate::bicep::{Expression, File, Kind};
use crate::infra::{APP, Infra, MAIN};
use cosmos_functions::app;
use cosmos_functions::settings::SETTINGS;
use std::collections::BTreeSet;

/// Triggers that are provided for, each with what it needs in Azure.
const TRIGGERS: [(&str, &str); 2] = [
    ("httpTrigger", "nothing"),
    (
        "timerTrigger",
        "a lease in the host's blobs, which the role Storage Blob Data Owner is for",
    ),
];

const HEALTH: &str = "/api/health/";

pub(super) fn limits(infra: &Infra) -> Vec<Finding> {
    let Some(main) = infra.file(MAIN) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    // The range is the one that `REQUEST_TIMEOUT_SECONDS` says it has.
    default(
        main,
        "requestTimeoutSeconds",
        "REQUEST_TIMEOUT_SECONDS",
        &mut found,
    );
    default(main, "logFilter", "RUST_LOG", &mut found);
    for (name, decorator, limit) in [
        ("requestTimeoutSeconds", "minValue", 1),
        ("requestTimeoutSeconds", "maxValue", 220),
        ("maximumInstanceCount", "minValue", 40),
        ("maximumInstanceCount", "maxValue", 1000),
        ("httpConcurrency", "maxValue", 1000),
        ("cosmosMaxThroughput", "minValue", 1000),
    ] {
        let parameter = main.parameter(name);
        if parameter.and_then(|parameter| parameter.number(decorator)) != Some(limit) {
            let line = parameter.map_or(0, |parameter| parameter.line);
            let message = format!("@{decorator} of {name} must be {limit}");
            found.push(Finding::new(MAIN, line, message));
        }
    }
    let memory = main.parameter("instanceMemoryMB");
    let sizes = memory.and_then(|memory| memory.decorator("allowed"));
    let sizes = sizes.and_then(|sizes| sizes.arguments.first());
    if sizes.map(|sizes| sizes.text.as_str()) != Some("[512, 2048, 4096]") {
        let message = "Flex Consumption has instances of 512, 2048 and 4096 MB";
        found.push(Finding::new(
            MAIN,
            memory.map_or(0, |memory| memory.line),
            message,
        ));
    }
    let about = SETTINGS
        .iter()
        .find(|setting| setting.name == "REQUEST_TIMEOUT_SECONDS");
    if !about.is_some_and(|setting| setting.about.contains("1 to 220")) {
        found.push(Finding::new(
            MAIN,
            0,
            "the handler's deadline has other limits",
        ));
    }
    found.extend(open_paths(infra));
    found
}

fn default(main: &File, parameter: &str, setting: &str, found: &mut Vec<Finding>) {
    let of_setting = SETTINGS
        .iter()
        .find(|one| one.name == setting)
        .map(|one| one.default);
    let declared = main.parameter(parameter);
    let value = declared.and_then(|p| p.default.as_ref());
    let value = value.map(|value| value.text.trim_matches('\''));
    if value != of_setting {
        let line = declared.map_or(0, |declared| declared.line);
        let message = format!("the default of {parameter} must be the one of {setting}");
        found.push(Finding::new(MAIN, line, message));
    }
}

/// What App Service Authentication lets through is health alone, and all of it.
fn open_paths(infra: &Infra) -> Option<Finding> {
    let routes = app::routes().into_iter().map(|(path, _)| path);
    let health: BTreeSet<_> = routes.filter(|path| path.starts_with(HEALTH)).collect();
    let (_, config) = infra.resources_of("Microsoft.Web/sites/config").next()?;
    let excluded = config.body.at("properties.globalValidation.excludedPaths");
    let open = excluded.into_iter().flat_map(|paths| match &paths.kind {
        Kind::Array(paths) => paths.iter().filter_map(Expression::string).collect(),
        _ => Vec::new(),
    });
    let same = open.collect::<BTreeSet<_>>() == health;
    let line = excluded.map_or(config.line, |excluded| excluded.line);
    (!same).then(|| Finding::new(APP, line, format!("excludedPaths must be {health:?}")))
}

/// A trigger that nobody provided for would find no storage, no lease or no role.
pub(super) fn triggers(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in infra.repository.paths_to("/function.json") {
        let function = infra.repository.json(path).unwrap_or_default();
        let bindings = function["bindings"].as_array().into_iter().flatten();
        let kinds = bindings.filter_map(|binding| binding["type"].as_str());
        for kind in kinds.filter(|kind| kind.ends_with("Trigger")) {
            if TRIGGERS.iter().all(|(known, _)| *known != kind) {
                let line = infra.repository.line(path, kind);
                let message = format!("infra/ does not provide for a {kind}");
                found.push(Finding::new(path, line, message));
            }
        }
    }
    found
}
