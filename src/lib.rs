//! A multi-tenant JSON API on Azure Functions, stored in Azure Cosmos DB.
//!
//! [`app`] has every route on one screen. Each resource is a folder: its `http` reads a request and answers, its
//! `service` decides, and the folder itself says what the resource is. [`access`] says who may reach what.

pub mod app;
pub mod state;
pub mod contract;
pub mod access;
pub mod call;
pub mod once;
#[cfg(test)]
mod explore;
mod reconciliation;
pub mod entity;
pub mod error;
pub mod problems;
pub mod id;

pub mod workspaces;
pub mod members;
pub mod projects;
pub mod users;

pub mod settings;
