//! The floor: axum and the SDK with nothing between them. It reads the item of `/{partition}/{id}`, as the type it
//! is stored as, and answers it as JSON. No caller, no membership, no `ETag`, no log.
//!
//! The allocator, the runtime and the SDK's settings are the handler's, so that what differs is the handler's work.

use anyhow::Context;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use azure_data_cosmos::options::{
    ConnectionPoolOptions, ItemReadOptions, OperationOptions, ServerCertificateValidation,
    ThrottlingRetryOptions,
};
use azure_data_cosmos::{
    AccountEndpoint, AccountReference, ContainerClient, CosmosClient, CosmosRuntime,
    RoutingStrategy,
};
use clap::Parser;
use mimalloc::MiMalloc;
use rustls::crypto::ring;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// The handler's default.
const DEADLINE: Duration = Duration::from_secs(30);

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// 0 = any free port.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The gateway's URL.
    #[arg(long)]
    gateway: String,
}

/// A project, as it is stored and as it is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    id: String,
    partition_key: String,
    name: String,
    description: Option<String>,
    visibility: String,
    tags: Vec<String>,
    slug: String,
    author_id: String,
    created_at: String,
    updated_at: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let mut runtime = match cores / 2 {
        0 | 1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    runtime
        .worker_threads((cores / 2).max(1))
        .enable_all()
        .build()?
        .block_on(run(Arguments::parse()))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let container = Arc::new(open(&arguments.gateway).await?);
    let app = Router::new()
        .route("/", get(async || "hello"))
        .route("/{partition}/{id}", get(read))
        .with_state(container);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    println!("the floor listens on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        let _only_slower = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await?;
    Ok(())
}

async fn read(
    State(container): State<Arc<ContainerClient>>,
    Path((partition, id)): Path<(String, String)>,
) -> Result<Json<Project>, StatusCode> {
    let options = ItemReadOptions::default().with_operation_options(within(DEADLINE));
    let read = container.read_item(partition, &id, Some(options)).await;
    let read = read.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let project = read.into_body().into_single();
    project.map(Json).map_err(|_| StatusCode::BAD_GATEWAY)
}

fn within(deadline: Duration) -> OperationOptions {
    let mut throttling = ThrottlingRetryOptions::default();
    throttling.max_retry_wait_time = Some(deadline / 2);
    let mut options = OperationOptions::default();
    options.end_to_end_latency_policy = Some(deadline.into());
    options.throttling_retry_options = Some(throttling);
    options
}

async fn open(gateway: &str) -> anyhow::Result<ContainerClient> {
    let _first = ring::default_provider().install_default();
    let endpoint: AccountEndpoint = gateway.parse().context("not a URL")?;
    // Any key is right: the gateway checks none.
    let account = AccountReference::with_authentication_key(endpoint, "bWFkZSBmb3IgbG9jYWwgdXNl");
    let pool = ConnectionPoolOptions::builder()
        .with_server_certificate_validation(ServerCertificateValidation::RequiredUnlessEmulator)
        .build()?;
    let runtime = CosmosRuntime::builder().with_connection_pool(pool);
    let client = CosmosClient::builder()
        .with_runtime(runtime.build().await?)
        .build(account, RoutingStrategy::PreferredRegions(Vec::new()))
        .await?;
    let database = client.database_client("app");
    Ok(database.container_client("items", None).await?)
}
