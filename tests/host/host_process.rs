//! The main of a host in a process of its own, which can be killed alone.

use crate::staged::settings;
use functions_host::HostProcess;

/// Starts one for the app in a folder.
pub(crate) fn start(app: &std::path::Path) -> HostProcess {
    HostProcess::start("host_process::the_host_runs_in_a_process_of_its_own", app).unwrap()
}

/// It runs for the test that starts it, alone.
#[tokio::test]
async fn the_host_runs_in_a_process_of_its_own() {
    let settings = settings("http://127.0.0.1:1");
    HostProcess::main(&settings).await.unwrap();
}
