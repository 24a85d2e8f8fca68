//! TLS for servers that tests start.

use axum::serve::Listener;
use cosmos_emulator::Emulator;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::server::TlsStream;

/// A port that speaks TLS with a certificate it has made itself.
pub(crate) struct Tls {
    pub(crate) tcp: TcpListener,
    acceptor: TlsAcceptor,
    /// PEM
    pub(crate) certificate: String,
}

impl Tls {
    /// The certificate is for `name`, a host name or an address.
    pub(crate) async fn listen(address: &str, name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = made.signing_key.serialize_der().try_into().unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        Self {
            tcp: TcpListener::bind((address, 0)).await.unwrap(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate: made.cert.pem(),
        }
    }

    /// Passes connections on to an emulator. Returns the URL; the account's answers lead past it.
    pub(crate) fn in_front_of(mut self, emulator: &Emulator) -> String {
        let url = format!("https://{}", self.tcp.local_addr().unwrap());
        let emulator = emulator.url().trim_start_matches("http://").to_owned();
        tokio::spawn(async move {
            loop {
                let (mut client, _) = self.accept().await;
                let emulator = emulator.clone();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(emulator).await.unwrap();
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        url
    }
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.tcp.accept().await.unwrap();
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}
