//! `cargo dev`, running.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub(crate) struct Dev {
    process: Child,
    pub(crate) url: String,
    /// Its Cosmos DB.
    pub(crate) cosmos: String,
}

impl Dev {
    /// Starts it on free ports and waits until it says that it is ready.
    pub(crate) fn start() -> Self {
        let mut process = xtask::cargo::command(xtask::root())
            .args(["dev", "--port", "0", "--cosmos-port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut named = |said: &str| {
            let mut lines = lines.by_ref().map(Result::unwrap);
            let line = lines.find(|line| line.contains(said));
            let line = line.unwrap_or_else(|| panic!("cargo dev never says `{said}`"));
            let url = line.split(' ').find(|word| word.starts_with("http://"));
            url.unwrap().to_owned()
        };
        let url = named(" is ready");
        let data = named("The data is at ");
        let (cosmos, _) = data.split_once("/_emulator/").unwrap();
        let cosmos = cosmos.to_owned();
        // The handler's log goes on, and a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            process,
            url,
            cosmos,
        }
    }
}

impl Drop for Dev {
    /// As Ctrl-C does: killed, it could not stop its own children.
    fn drop(&mut self) {
        let id = self.process.id().to_string();
        let _already_gone = Command::new("kill").args(["-INT", &id]).status();
        let _status = self.process.wait();
    }
}
