//! `cargo dev`, running.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub(crate) struct Dev {
    process: Child,
    pub(crate) url: String,
}

impl Dev {
    /// Starts it on free ports and waits until it says that it is ready.
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO"))
            .args(["dev", "--port", "0", "--cosmos-port", "0"])
            .current_dir(xtask::root())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map(Result::unwrap)
            .find(|line| line.contains(" is ready"));
        // The handler's log goes on, and a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let ready = ready.expect("cargo dev gets ready");
        let url = ready.split(' ').next().unwrap().to_owned();
        Self { process, url }
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
