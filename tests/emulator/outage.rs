//! An outage closes ports and connections; data and ports are kept.

use crate::client::{create, item, read, start};
use crate::wire::Wire;
use cosmos_emulator::{Emulator, Fault};
use tokio::net::TcpStream;

fn address(emulator: &Emulator) -> String {
    emulator.url().trim_start_matches("http://").to_owned()
}

#[tokio::test]
async fn an_outage_ends_on_the_same_port_with_the_data_kept() {
    let (emulator, container) = start().await;
    let (url, wire) = (emulator.url(), Wire::new(&emulator));
    create(&container, &item("1")).await;
    emulator.stop_listening().await.unwrap();
    assert!(wire.read("1").await.unwrap_err().is_connect());
    assert!(TcpStream::connect(address(&emulator)).await.is_err());

    emulator.listen_again().unwrap();
    assert_eq!(emulator.url(), url);
    assert!(wire.has("1").await);
    assert!(read(&container, "1").await.is_ok());
}

#[tokio::test]
async fn an_outage_closes_open_connections() {
    let emulator = Emulator::start().await.unwrap();
    let idle = TcpStream::connect(address(&emulator)).await.unwrap();
    let hold = emulator
        .inject(Fault {
            hold: true,
            ..Fault::default()
        })
        .unwrap();
    let wires = [Wire::new(&emulator), Wire::http2(&emulator)];
    let callers = wires.map(|wire| tokio::spawn(async move { wire.create(&item("1")).await }));
    assert!(emulator.fired(hold, 2).await);
    emulator.stop_listening().await.unwrap();
    for caller in callers {
        assert!(caller.await.unwrap().unwrap_err().is_request());
    }
    idle.readable().await.unwrap();
    assert!(matches!(idle.try_read(&mut [0]), Ok(0) | Err(_)));

    // What was under way has not been carried out.
    emulator.clear_faults();
    emulator.listen_again().unwrap();
    assert!(!Wire::new(&emulator).has("1").await);
}

#[tokio::test]
async fn nobody_else_gets_the_port_during_an_outage() {
    let emulator = Emulator::start().await.unwrap();
    emulator.stop_listening().await.unwrap();
    assert!(std::net::TcpListener::bind(address(&emulator)).is_err());
}

#[tokio::test]
async fn stopping_and_listening_twice_is_no_error() {
    let emulator = Emulator::start().await.unwrap();
    emulator.listen_again().unwrap();
    for _ in 0..2 {
        emulator.stop_listening().await.unwrap();
    }
    for _ in 0..2 {
        emulator.listen_again().unwrap();
    }
    assert!(!Wire::new(&emulator).has("1").await);
}

#[tokio::test]
async fn a_dropped_emulator_stops() {
    let emulator = Emulator::start().await.unwrap();
    let address = address(&emulator);
    let connection = TcpStream::connect(&address).await.unwrap();
    drop(emulator);
    connection.readable().await.unwrap();
    assert!(matches!(connection.try_read(&mut [0]), Ok(0) | Err(_)));
    assert!(TcpStream::connect(&address).await.is_err());
}
