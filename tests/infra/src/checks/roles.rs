use crate::Finding;
use crate::bicep::{Expression, File, Kind, Resource};
use crate::infra::{Infra, MAIN};

/// The roles that the identity needs, each on a resource of one type. The ids are those of built-in roles.
const ROLES: [(&str, &str, &str); 3] = [
    // Storage Blob Data Owner: the host's own storage, and the deployed zip.
    (
        "Microsoft.Storage/storageAccounts",
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        AZURE,
    ),
    // Monitoring Metrics Publisher.
    (
        "Microsoft.Insights/components",
        "3913510d-42f4-4e42-8a64-420c390055eb",
        AZURE,
    ),
    // Cosmos DB Built-in Data Contributor.
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "00000000-0000-0000-0000-000000000002",
        COSMOS,
    ),
];

const AZURE: &str = "Microsoft.Authorization/roleAssignments";
const COSMOS: &str = "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments";

pub(super) fn assigned(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut needed = ROLES.to_vec();
    for (file, resource) in infra.resources_of(AZURE).chain(infra.resources_of(COSMOS)) {
        match assignment(file, resource) {
            Err(message) => found.push(Finding::new(&file.path, resource.line, message)),
            Ok((on, role)) => {
                let wanted = (on.as_str(), role.as_str(), resource.kind.as_str());
                let before = needed.len();
                needed.retain(|role| *role != wanted);
                if needed.len() == before {
                    let message = format!("role {role} on {on} is not needed, or given twice");
                    found.push(Finding::new(&file.path, resource.line, message));
                }
            }
        }
    }
    found.extend(
        needed.into_iter().map(|(on, role, _)| {
            Finding::new("infra", 0, format!("there is no role {role} on {on}"))
        }),
    );
    found.extend(after_roles(infra));
    found
}

/// The type of what the role is on, and its id; `Err` with what is wrong.
fn assignment(file: &File, resource: &Resource) -> Result<(String, String), String> {
    let body = &resource.body;
    let on = body.at("scope").or_else(|| body.at("parent"));
    let Some(Kind::Name(on)) = on.map(|on| &on.kind) else {
        return Err(format!("{} is on nothing", resource.name));
    };
    let target = file
        .resource(on)
        .ok_or_else(|| format!("there is no {on}"))?;
    let role = ROLES.iter().find_map(|(kind, id, _)| {
        let variables = file.variables.iter();
        let mut variables = variables.filter(|v| v.value.string() == Some(id));
        let variable = variables.find(|v| uses(body, &v.name))?;
        Some((*kind, *id, variable.name.as_str()))
    });
    let Some((_, id, variable)) = role else {
        return Err(format!("{} is of no role these checks know", resource.name));
    };
    let name = format!("guid({on}.id, principalId, {variable})");
    let definition = if resource.kind == COSMOS {
        format!("'${{{on}.id}}/sqlRoleDefinitions/${{{variable}}}'")
    } else {
        format!("subscriptionResourceId('Microsoft.Authorization/roleDefinitions', {variable})")
    };
    let mut expected = vec![
        ("name", name),
        ("properties.principalId", "principalId".to_owned()),
        ("properties.roleDefinitionId", definition),
    ];
    expected.push(if resource.kind == COSMOS {
        ("properties.scope", format!("{on}.id"))
    } else {
        ("properties.principalType", "'ServicePrincipal'".to_owned())
    });
    for (path, text) in expected {
        if body.at(path).map(|value| value.text.as_str()) != Some(&text) {
            return Err(format!("{path} of {} must be {text}", resource.name));
        }
    }
    Ok((target.kind.clone(), id.to_owned()))
}

fn uses(expression: &Expression, name: &str) -> bool {
    let all = expression.all().into_iter();
    all.into_iter()
        .any(|part| matches!(&part.kind, Kind::Name(found) if found == name))
}

/// The host reads its storage when it starts.
fn after_roles(infra: &Infra) -> Option<Finding> {
    let main = infra.file(MAIN)?;
    let app = main.module("app")?;
    let waits = app
        .body
        .at("dependsOn")
        .is_some_and(|list| uses(list, "roles"));
    (!waits).then(|| Finding::new(MAIN, app.line, "the app must come after its roles"))
}
