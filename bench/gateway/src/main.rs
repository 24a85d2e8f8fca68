//! A Cosmos DB gateway for benchmarks: it answers what SDKs ask, from memory, and as fast as it can, so that it
//! is not what is measured. It knows no credentials, one container, and the few shapes of query that the
//! contenders send; what else is asked is refused, never guessed.

mod account;
mod answer;
mod counts;
mod gateway;
mod growth;
mod item;
mod query;
mod seed;
mod store;

use anyhow::Context;
use clap::Parser;
use gateway::Gateway;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use mimalloc::MiMalloc;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A fast stand-in for a Cosmos DB gateway, on loopback, with and without HTTP/2.
#[derive(Debug, Parser)]
struct Arguments {
    /// 0 = any free port.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How long every answer about items takes, beside what it takes anyway.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Also hold large items, workspaces with many members and with many projects; takes a second and 150 MB.
    #[arg(long)]
    growth: bool,
}

/// One thread is enough, and leaves the others to what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await;
    let listener = listener.with_context(|| format!("cannot listen on port {}", arguments.port))?;
    let url = format!("http://{}", listener.local_addr()?);
    let latency = Duration::from_millis(arguments.latency_ms);
    let gateway = Arc::new(Gateway::new(&url, latency, store(arguments.growth)?));
    println!("the gateway listens on {url}");
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream, Arc::clone(&gateway)));
    }
}

fn store(growth: bool) -> anyhow::Result<Store> {
    let mut store = Store::default();
    seed::fill(&mut store)?;
    if growth {
        growth::fill(&mut store)?;
    }
    Ok(store)
}

async fn serve(stream: TcpStream, gateway: Arc<Gateway>) {
    let _only_slower = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.answer(request).await }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    // How it ended concerns nobody: whoever was at the other end knows.
    let _ended = builder
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
