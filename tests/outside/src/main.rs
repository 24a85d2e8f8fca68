//! A handler of somebody else's: notes, by owner.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use azure_data_cosmos::{AccountReference, ContainerClient, CosmosClient, RoutingStrategy};
use serde_json::{Value, json};
use std::env::var;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = var("COSMOS_ENDPOINT")?.parse()?;
    let account = AccountReference::with_authentication_key(endpoint, var("COSMOS_KEY")?);
    let routing = RoutingStrategy::PreferredRegions(Vec::new());
    let client = CosmosClient::builder().build(account, routing).await?;
    let notes = client.database_client("app");
    let notes = notes.container_client("notes", None).await?;
    let app = Router::new()
        .route("/", get(async || "ready"))
        .route("/api/notes/{owner}/{id}", get(read).put(write))
        .route("/sweep", post(sweep))
        .with_state(notes);
    let address = format!("127.0.0.1:{}", var("FUNCTIONS_CUSTOMHANDLER_PORT")?);
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}

async fn read(
    State(notes): State<ContainerClient>,
    Path((owner, id)): Path<(String, String)>,
) -> Result<Json<Value>, StatusCode> {
    let read = notes.read_item(owner, &id, None).await;
    let note = read.map_err(|_| StatusCode::NOT_FOUND)?.into_model();
    note.map(Json).map_err(|_| StatusCode::BAD_GATEWAY)
}

async fn write(
    State(notes): State<ContainerClient>,
    Path((owner, id)): Path<(String, String)>,
    Json(mut note): Json<Value>,
) -> StatusCode {
    (note["id"], note["owner"]) = (json!(id), json!(owner));
    match notes.upsert_item(owner, &id, &note, None).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::BAD_GATEWAY,
    }
}

async fn sweep() -> Json<Value> {
    Json(json!({"Logs": ["swept"]}))
}
