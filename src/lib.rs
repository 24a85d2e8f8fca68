//! A multi-tenant JSON API on Azure Functions, stored in Azure Cosmos DB.
//!
//! A request goes one way: [`http`] (or [`triggers`]) reads it and answers, [`service`] decides, [`cosmos`] stores.
//! All of them know [`domain`], which knows none of them. [`app`] has every route on one screen.
//! [`doctor`] looks at what surrounds the app.

pub mod app;
pub mod http;
pub mod triggers;
pub mod service;
pub mod cosmos;
pub mod domain;

pub mod doctor;
pub mod serve;
pub mod settings;
pub mod telemetry;
