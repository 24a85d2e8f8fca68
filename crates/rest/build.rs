//! Takes the files of Swagger UI that the docs page uses out of its archive and compresses them as they are served.

use flate2::Compression;
use flate2::read::GzEncoder;
use std::error::Error;
use std::fs::File;
use std::io::{self, Cursor};
use std::path::Path;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const FILES: [&str; 3] = [
    "swagger-ui-bundle.js",
    "swagger-ui.css",
    "favicon-32x32.png",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo runs this")?;
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for file in FILES {
        let index = (0..archive.len())
            .find(|index| is_at(&archive, *index, file))
            .ok_or_else(|| format!("Swagger UI has no {file}"))?;
        let mut compressed = GzEncoder::new(archive.by_index(index)?, Compression::best());
        let mut out = File::create(Path::new(&folder).join(format!("{file}.gz")))?;
        io::copy(&mut compressed, &mut out)?;
    }
    Ok(())
}

/// The archive has one folder, named for the version.
fn is_at(archive: &ZipArchive<Cursor<&[u8]>>, index: usize, file: &str) -> bool {
    let Some(Ok(path)) = archive.name_for_index(index) else {
        return false;
    };
    let inside = path.split_once('/').map(|(_version, path)| path);
    inside.and_then(|path| path.strip_prefix("dist/")) == Some(file)
}
