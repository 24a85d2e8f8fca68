use crate::Repository;

/// `main.bicep`, what azd reads, the table in the README and the production set have the same parameters.
pub(super) fn parameters(repository: &Repository) -> Vec<String> {
    let values = repository.json("infra/main.parameters.json");
    let production = repository.text("infra/production.env");
    let evaluated = repository
        .text("infra/snapshots/production.bicepparam")
        .replace('\'', "");
    let (mut found, mut variables, mut about) = (Vec::new(), Vec::new(), "");
    for line in repository.text("infra/main.bicep").lines() {
        if let Some(text) = line.strip_prefix("@description('") {
            about = text.trim_end_matches("')");
        }
        let Some((name, rest)) = line
            .strip_prefix("param ")
            .and_then(|rest| rest.split_once(' '))
        else {
            continue;
        };
        let default = rest.split_once(" = ").map_or("", |(_, default)| default);
        let variable = variable(name);
        let given = format!("${{{variable}={}}}", default.trim_matches('\'')).replace("=}", "}");
        let set = production
            .lines()
            .find_map(|line| line.strip_prefix(&variable)?.strip_prefix('='));
        let row = format!(
            "| `{variable}` | `{default}` | `{}` | {about} |",
            set.unwrap_or_default()
        )
        .replace("``", "");
        let is_evaluated =
            set.is_none_or(|value| evaluated.contains(&format!("param {name} = {value}\n")));
        let agrees = values["parameters"][name]["value"] == given
            && repository.text("infra/README.md").contains(&row)
            && is_evaluated;
        found.extend((!agrees).then(|| {
            format!("{given} in main.parameters.json, production.bicepparam; README: {row}")
        }));
        variables.push(variable);
    }
    let set = production.lines().filter_map(|line| line.split_once('='));
    let unknown = set.filter(|(name, _)| !variables.iter().any(|known| known == name));
    found.extend(unknown.map(|(name, _)| format!("production.env: {name}")));
    let given = values["parameters"].as_object().unwrap().len();
    found.extend((given != variables.len()).then(|| "main.parameters.json".to_owned()));
    found
}

/// `instanceMemoryMB` is `INSTANCE_MEMORY_MB` in azd's environment, which itself has three.
fn variable(parameter: &str) -> String {
    match parameter {
        "environmentName" => return "AZURE_ENV_NAME".to_owned(),
        "location" => return "AZURE_LOCATION".to_owned(),
        "principalId" => return "AZURE_PRINCIPAL_ID".to_owned(),
        _ => {}
    }
    let (mut name, mut after_small) = (String::new(), false);
    for letter in parameter.chars() {
        name.extend((letter.is_uppercase() && after_small).then_some('_'));
        after_small = letter.is_lowercase();
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// What compiles dependencies never holds the token that Azure trusts, and azd deploys what was packaged.
pub(super) fn pipeline(repository: &Repository) -> Vec<String> {
    let mut found = Vec::new();
    let mut deploys = false;
    for (path, text) in repository
        .0
        .iter()
        .filter(|(path, _)| path.starts_with(".github/"))
    {
        let text = text.replace("\n  ", "\n\t").replace("\t  ", "  ");
        for job in text
            .split("\n\t")
            .filter(|job| job.contains("id-token: write"))
        {
            let builds = [
                "cargo ",
                "rustup ",
                "npm ",
                "npx ",
                "pip ",
                "pipx ",
                "rust-cache",
            ];
            found.extend(
                builds
                    .iter()
                    .filter(|tool| job.contains(**tool))
                    .map(|tool| format!("{path}: {tool}")),
            );
            deploys |=
                job.contains("uses: actions/download-artifact@") && job.contains("azd deploy");
        }
    }
    let azure = repository.text("azure.yaml");
    let lines = [
        "    host: function\n",
        "    language: custom\n",
        "    dist: dist/app.zip\n",
        "    run: cargo xtask package\n",
    ];
    found.extend(
        lines
            .iter()
            .filter(|line| !azure.contains(**line))
            .map(ToString::to_string),
    );
    found.extend((!deploys).then(|| "nothing deploys what was built".to_owned()));
    found
}
