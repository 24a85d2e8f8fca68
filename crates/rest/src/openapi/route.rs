//! Routes with what the contract says of them.

use super::describe::Describes;
use super::operation::Operation;
use super::schemas::Schemas;
use crate::problem_type::ProblemType;
use axum::handler::Handler;
use axum::routing::{self, MethodRouter};
use serde_json::Value;

/// A path with the handlers of its methods.
#[derive(Debug)]
pub struct Route<S> {
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Its handlers.
    pub handlers: MethodRouter<S>,
    /// What the contract says of each method.
    pub methods: Vec<Method>,
    tag: &'static str,
}

/// One method of a route, as the contract has it.
#[derive(Debug)]
pub struct Method {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    id: &'static str,
    summary: &'static str,
    tag: &'static str,
    describe: fn(&mut Operation<'_>),
    problems: &'static [&'static ProblemType],
}

macro_rules! methods {
    ($($name:ident),+) => {$(
        /// Answers this method by `handler`. The operation is called `id` in generated clients.
        pub fn $name<H, T>(self, handler: H, id: &'static str, summary: &'static str) -> Self
        where
            H: Handler<T, S> + Describes<T>,
            T: 'static,
        {
            let described = [stringify!($name), id, summary];
            self.with(described, routing::$name(handler), H::describe)
        }
    )+};
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A route without methods yet; `tag` groups its operations.
    pub fn new(tag: &'static str, path: &'static str) -> Self {
        Self {
            path,
            handlers: MethodRouter::new(),
            methods: Vec::new(),
            tag,
        }
    }

    /// A route that the contract does not mention.
    pub fn unlisted(path: &'static str, handlers: MethodRouter<S>) -> Self {
        Self {
            handlers,
            ..Self::new("", path)
        }
    }

    methods!(get, post, put, patch, delete);

    /// Names problems of the method before, beyond those that its handler's arguments bring.
    pub fn may_answer(mut self, problems: &'static [&'static ProblemType]) -> Self {
        if let Some(method) = self.methods.last_mut() {
            method.problems = problems;
        }
        self
    }

    fn with(
        mut self,
        [name, id, summary]: [&'static str; 3],
        handler: MethodRouter<S>,
        describe: fn(&mut Operation<'_>),
    ) -> Self {
        self.handlers = self.handlers.merge(handler);
        self.methods.push(Method {
            path: self.path,
            name,
            id,
            summary,
            tag: self.tag,
            describe,
            problems: &[],
        });
        self
    }
}

impl Method {
    pub(super) fn describe(&self, schemas: &mut Schemas) -> Value {
        let mut operation = Operation::new(self.name, schemas);
        (self.describe)(&mut operation);
        operation.problems(self.problems);
        operation.finish(self.id, self.summary, self.tag)
    }
}
