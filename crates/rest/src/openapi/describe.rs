//! What describes itself: extractors, answers, and handlers made of them.

use super::operation::Operation;
use crate::problem::Problem;
use axum::extract::State;
use std::future::Future;

/// An argument or an answer of handlers, which says what it means for an operation: parameters, headers, bodies,
/// problems.
pub trait Describe {
    /// Adds what it means to `operation`.
    fn describe(operation: &mut Operation<'_>);
}

/// A handler whose arguments and answer describe themselves. `T` is axum's list of their types.
pub trait Describes<T> {
    /// Adds what the arguments and the answer mean to `operation`.
    fn describe(operation: &mut Operation<'_>);
}

/// What the app shares is nobody else's business.
impl<S> Describe for State<S> {
    fn describe(_operation: &mut Operation<'_>) {}
}

/// Problems come from what the arguments need.
impl<T: Describe> Describe for Result<T, Problem> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
    }
}

impl<F, Fut, R> Describes<((),)> for F
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = R>,
    R: Describe,
{
    fn describe(operation: &mut Operation<'_>) {
        R::describe(operation);
    }
}

macro_rules! describes {
    ($($argument:ident)+) => {
        impl<F, Fut, R, M, $($argument),+> Describes<(M, $($argument,)+)> for F
        where
            F: FnOnce($($argument),+) -> Fut,
            Fut: Future<Output = R>,
            R: Describe,
            $($argument: Describe),+
        {
            fn describe(operation: &mut Operation<'_>) {
                $($argument::describe(operation);)+
                R::describe(operation);
            }
        }
    };
}

describes!(A);
describes!(A B);
describes!(A B C);
describes!(A B C D);
describes!(A B C D E);
describes!(A B C D E G);
