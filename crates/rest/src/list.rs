//! Lists: filters, orders, pages, and the link from one page to the next.

mod criterion;
mod parameters;

pub use self::criterion::{Criterion, Filterable};
use self::parameters::Parameters;
use super::continuation::{BadContinuation, Position, Token};
use super::page::{Limit, Page};
use super::problem::Problem;
use super::problem_type::INVALID_CONTINUATION;
use crate::openapi::{Describe, Operation};
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use cosmos_store::error::StorageError;
use cosmos_store::item::Item;
use cosmos_store::query::Query;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;
use url::form_urlencoded;

const CONTINUATION: &str = "continuation";
/// The property that lists are ordered by unless a caller asks for another order.
const CREATED_AT: &str = "createdAt";

/// How callers may list items of one kind.
pub trait Listed: Send + Sync + 'static {
    /// By what they may filter the list.
    const FILTERS: &'static [Criterion] = &[];
    /// The properties they may order it by. They are strings in the item, and `infra/container.json` has a composite
    /// index of each with `id`, in both directions.
    const ORDERS: &'static [&'static str] = &[];
}

/// The query of a list. Every parameter that is wrong, unknown or repeated is named in one answer.
#[derive(Debug)]
pub struct ListQuery<T> {
    filters: Vec<(&'static Criterion, Value)>,
    order: Order,
    limit: Limit,
    continuation: Option<String>,
    uri: Uri,
    of: PhantomData<fn() -> T>,
}

/// A property, and whether its greatest value comes first. Items with the same value are ordered by id, so that a
/// position is never between two.
#[derive(Debug, Clone, Copy, Serialize)]
struct Order {
    property: &'static str,
    descending: bool,
}

impl<T: Listed, S: Send + Sync> FromRequestParts<S> for ListQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let uri = parts.uri.clone();
        let mut parameters = Parameters::of(&uri);
        let filters = T::FILTERS.iter().filter_map(|criterion| {
            let value = criterion.take(&mut parameters)?;
            Some((criterion, value))
        });
        let filters = filters.collect();
        let order = Order::take(T::ORDERS, &mut parameters);
        let limit = parameters.take("limit", Limit::parse).unwrap_or_default();
        let continuation = parameters.take(CONTINUATION, |token| Ok(token.to_owned()));
        parameters.finish()?;
        Ok(Self {
            filters,
            order,
            limit,
            continuation,
            uri,
            of: PhantomData,
        })
    }
}

impl<T: Listed> ListQuery<T> {
    /// The items to ask storage for: one more than a page, which tells whether there is a next one.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// Returns the value of a filter; `None` if it is absent or no `V`.
    pub fn value<V: DeserializeOwned>(&self, filter: &str) -> Option<V> {
        let found = self.filters.iter().find(|(known, _)| known.name == filter);
        serde_json::from_value(found?.1.clone()).ok()
    }

    /// Returns the page of a list that has one item at most, and so no next page.
    ///
    /// # Errors
    /// [`BadContinuation`] for any token.
    pub fn only<I>(&self, found: Option<I>) -> Result<Page<I>, BadContinuation> {
        if self.continuation.is_some() {
            return Err(BadContinuation);
        }
        Ok(Page {
            value: found.into_iter().collect(),
            next: None,
        })
    }

    /// Returns the query for a page of the list in `place`, which is what the list is part of, for example a
    /// tenant: a continuation token of another list is refused. `all` selects what the list has without filters.
    ///
    /// # Errors
    /// [`BadContinuation`] for a token that is not one of this list.
    pub fn query<I, E>(&self, all: Query<I>, place: &impl Serialize) -> Result<Query<I>, E>
    where
        I: Item,
        E: From<BadContinuation> + From<StorageError>,
    {
        let mut query = all;
        for (criterion, value) in &self.filters {
            query = query.and(&criterion.condition(), criterion.name, value)?;
        }
        if let Some(token) = &self.continuation {
            let after = Token::open(&self.binding(place), token)?;
            query = query
                .and(&self.order.after(), "after", after.value)?
                .bind("afterId", after.id)?;
        }
        Ok(query.order_by(&self.order.sql()))
    }

    /// Returns the page that `found` is, asked for with one item more than [`ListQuery::limit`].
    pub fn page<I: Item>(&self, mut found: Vec<I>, place: &impl Serialize) -> Page<I> {
        let has_more = found.len() > self.limit.items();
        found.truncate(self.limit.items());
        let end = found.last().filter(|_| has_more);
        let next = end.map(|end| Token::new(&self.binding(place), &self.order.position(end)));
        Page { value: found, next }
    }

    /// Returns the answer with this page. Its link has a path and a query, without scheme and host: behind the
    /// Functions host and whatever is in front of it, this process cannot know which ones callers use.
    pub fn answer<R: Serialize>(&self, page: Page<R>) -> Json<ListPage<R>> {
        Json(ListPage {
            next_link: page.next.map(|token| self.next_link(&token)),
            value: page.value,
        })
    }

    /// Everything that makes the list this list.
    fn binding<'a, P: Serialize>(&'a self, place: &'a P) -> impl Serialize + use<'a, P, T> {
        let filters: Vec<_> = self
            .filters
            .iter()
            .map(|(filter, value)| (filter.name, value))
            .collect();
        (place, filters, self.order)
    }

    fn next_link(&self, token: &Token) -> String {
        let query = self.uri.query().unwrap_or_default();
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name != CONTINUATION && !parameters::is_of_gateway(name));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair(CONTINUATION, token.as_str())
            .finish();
        format!("{}?{query}", self.uri.path())
    }
}

impl Order {
    const DEFAULT: Self = Self {
        property: CREATED_AT,
        descending: false,
    };

    fn take(orders: &'static [&'static str], parameters: &mut Parameters) -> Self {
        if orders.is_empty() {
            return Self::DEFAULT;
        }
        let parse = |text: &str| {
            let (descending, name) = match text.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, text),
            };
            let property = orders.iter().find(|property| **property == name);
            let order = property.map(|property| Self {
                property,
                descending,
            });
            order.ok_or_else(|| format!("must be one of {}", names(orders).join(", ")))
        };
        parameters.take("orderBy", parse).unwrap_or(Self::DEFAULT)
    }

    fn sql(self) -> [&'static str; 5] {
        let direction = if self.descending { " DESC" } else { " ASC" };
        ["c.", self.property, direction, ", c.id", direction]
    }

    /// What comes after a position. The first comparison alone bounds the index scan.
    fn after(self) -> [&'static str; 6] {
        let [from, beyond, id] = if self.descending {
            [" <= @after AND (c.", " < @after", " OR c.id < @afterId)"]
        } else {
            [" >= @after AND (c.", " > @after", " OR c.id > @afterId)"]
        };
        ["c.", self.property, from, self.property, beyond, id]
    }

    fn position(self, item: &impl Item) -> Position {
        let stored = serde_json::to_value(item).unwrap_or_default();
        let value = stored.get(self.property).and_then(Value::as_str);
        Position {
            value: value.unwrap_or_default().to_owned(),
            id: item.id(),
        }
    }
}

/// The orders by these properties, as callers ask for them.
fn names(orders: &[&str]) -> Vec<String> {
    let both = orders
        .iter()
        .flat_map(|order| [(*order).to_owned(), format!("-{order}")]);
    both.collect()
}

/// A page as callers see it; `nextLink` is absent on the last one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{T}Page")]
pub struct ListPage<T> {
    /// The items of this page.
    value: Vec<T>,
    /// The next page: a path and a query, to be resolved against the URL of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_link: Option<String>,
}

impl<T: Listed> Describe for ListQuery<T> {
    fn describe(operation: &mut Operation) {
        for criterion in T::FILTERS {
            operation.query(criterion.name, criterion.schema(), criterion.is_required);
        }
        if !T::ORDERS.is_empty() {
            let orders = serde_json::json!({
                "type": "string", "enum": names(T::ORDERS), "default": CREATED_AT,
                "description": "The order of the list; `-` turns it round.",
            });
            operation.query("orderBy", orders, false);
        }
        operation.query("limit", Limit::schema(), false);
        operation.problems(&[&INVALID_CONTINUATION]);
        operation.query(CONTINUATION, Token::schema(), false);
    }
}
