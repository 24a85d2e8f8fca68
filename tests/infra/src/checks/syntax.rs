use crate::Finding;
use crate::infra::Infra;

pub(super) fn parses(infra: &Infra) -> Vec<Finding> {
    let errors = infra.files().flat_map(|file| {
        let errors = file.errors.iter();
        errors.map(move |(line, reason)| Finding::new(&file.path, *line, reason))
    });
    errors.collect()
}
