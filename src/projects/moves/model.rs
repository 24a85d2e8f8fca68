//! Every order in which the storage calls of several moves can happen.

mod actor;
mod scenarios;
mod world;
