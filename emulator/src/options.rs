//! What an emulated account consists of.

use std::path::PathBuf;

/// The account to start. [`Options::default`] is one region on a free port, with container `items`
/// in database `app`, four physical partitions and no limit on throughput.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port of the first region, 0 for any free one; each further region takes the next port.
    pub port: u16,
    pub database: String,
    pub container: String,
    /// Names as Azure displays them, such as `West Europe`. The first one takes the writes.
    pub regions: Vec<String>,
    /// Physical partitions of each container the emulator itself creates.
    pub partitions: u32,
    /// Request units a second each of those containers may use, 400 at least, before it answers
    /// 429. `None` is no limit.
    pub throughput: Option<u32>,
    /// A folder whose `cosmos.json` has the data: read at the start, and replaced within a second of a change.
    /// `None` keeps nothing.
    pub keep: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            database: "app".to_owned(),
            container: "items".to_owned(),
            regions: vec!["East US".to_owned()],
            partitions: 4,
            throughput: None,
            keep: None,
        }
    }
}
