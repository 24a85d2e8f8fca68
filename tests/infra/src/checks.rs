//! The checks, by name. Each returns what is wrong.

mod syntax;
mod names;
mod modules;
mod parameters;
mod properties;
mod references;
mod fixed;
mod policies;
mod secrets;
mod roles;
mod azd;
mod settings;
mod container;
mod code;

use crate::Finding;
use crate::infra::Infra;

pub type Check = fn(&Infra) -> Vec<Finding>;

pub const CHECKS: [(&str, Check); 28] = [
    ("Bicep files parse", syntax::parses),
    ("every name is declared", names::declared),
    ("every name is declared once", names::declared_once),
    ("everything declared is used", names::used),
    ("modules are there and used", modules::files),
    ("modules get what they ask for", modules::arguments),
    ("modules give what is asked of them", modules::outputs),
    (
        "parameters and outputs are described",
        parameters::described,
    ),
    ("defaults are within their limits", parameters::defaults),
    ("azd gives every parameter", parameters::file),
    (
        "the production set is made of parameters",
        parameters::production,
    ),
    ("the table of parameters is right", parameters::table),
    ("types and versions are known", properties::types),
    ("properties are known and fit", properties::properties),
    ("what is read of resources is there", references::read),
    ("children have the right parents", references::parents),
    ("what must be so is so", fixed::fixed),
    (
        "Flex Consumption takes the site's configuration",
        policies::site,
    ),
    ("there are alerts", policies::alerts),
    ("there are no keys and secrets", secrets::none),
    ("roles are the ones needed", roles::assigned),
    ("everything is tagged", azd::tags),
    ("what people read afterwards is there", azd::outputs),
    ("azd deploys what is packaged", azd::service),
    ("the handler and the host get their settings", settings::all),
    ("the container is the one of the code", container::same),
    ("the limits are those of the code", code::limits),
    ("triggers have what they need", code::triggers),
];

/// Everything that any check finds, in the order of the files.
#[must_use]
pub fn run(infra: &Infra) -> Vec<Finding> {
    let mut found: Vec<_> = CHECKS.iter().flat_map(|(_, check)| check(infra)).collect();
    found.sort();
    found.dedup();
    found
}
