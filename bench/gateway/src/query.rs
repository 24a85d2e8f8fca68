//! The few shapes of query that a list is asked for with:
//! `SELECT * FROM c WHERE c.docType = @docType AND … ORDER BY c.createdAt, c.id OFFSET 0 LIMIT 20`.

use crate::account;
use azure_data_cosmos_driver::binary_json;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// One page, as it is sent.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) body: Bytes,
    pub(crate) count: usize,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<usize>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct QuerySpec {
    query: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Debug, Deserialize)]
struct Parameter {
    name: String,
    value: Value,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Query {
    equal: Vec<(String, Value)>,
    order: Vec<(String, bool)>,
    offset: usize,
    limit: usize,
}

impl Query {
    /// `None` for a query of another shape.
    pub(crate) fn parse(spec: &QuerySpec) -> Option<Self> {
        let spaced = spec.query.replace(',', " , ").replace('=', " = ");
        let mut words = spaced.split_whitespace().peekable();
        let mut next = |wanted: &str| {
            words
                .next_if(|word| word.eq_ignore_ascii_case(wanted))
                .is_some()
        };
        if !next("SELECT") || !(next("*") || (next("VALUE") && next("c"))) {
            return None;
        }
        if !(next("FROM") && next("c")) {
            return None;
        }
        let mut query = Self {
            equal: Vec::new(),
            order: Vec::new(),
            offset: 0,
            limit: usize::MAX,
        };
        while let Some(word) = words.next() {
            match word.to_ascii_uppercase().as_str() {
                "WHERE" | "AND" => {
                    let field = field(words.next()?)?;
                    words.next_if_eq(&"=")?;
                    query.equal.push((field, spec.value(words.next()?)?));
                }
                "ORDER" => {
                    words.next_if(|word| word.eq_ignore_ascii_case("BY"))?;
                    query.order.push((field(words.next()?)?, false));
                }
                "," => query.order.push((field(words.next()?)?, false)),
                "ASC" => {}
                "DESC" => query.order.last_mut()?.1 = true,
                "OFFSET" => query.offset = spec.number(words.next()?)?,
                "LIMIT" => query.limit = spec.number(words.next()?)?,
                _ => return None,
            }
        }
        Some(query)
    }

    /// How it would be split over partitions. The SDK for JavaScript asks for this beside every query, and needs the
    /// answer only when the query itself is refused.
    pub(crate) fn plan(&self) -> Value {
        let directions = self.order.iter().map(|(_, descending)| {
            if *descending {
                "Descending"
            } else {
                "Ascending"
            }
        });
        let fields = self.order.iter().map(|(field, _)| format!("c.{field}"));
        json!({
            "partitionedQueryExecutionInfoVersion": 2,
            "queryInfo": {
                "distinctType": "None",
                "top": null,
                "offset": (self.offset > 0).then_some(self.offset),
                "limit": (self.limit < usize::MAX).then_some(self.limit),
                "orderBy": directions.collect::<Vec<_>>(),
                "orderByExpressions": fields.collect::<Vec<_>>(),
                "groupByExpressions": [],
                "groupByAliases": [],
                "aggregates": [],
                "groupByAliasToAggregateType": {},
                "rewrittenQuery": "",
                "hasSelectValue": false,
                "hasNonStreamingOrderBy": false
            },
            "queryRanges": [
                { "min": "", "max": "FF", "isMinInclusive": true, "isMaxInclusive": false }
            ]
        })
    }

    /// The page that begins at `start`, of at most `size` items.
    pub(crate) fn page(
        &self,
        items: impl Iterator<Item = Value>,
        start: usize,
        size: usize,
        binary: bool,
    ) -> Page {
        let found = self.first(items, start.saturating_add(size).saturating_add(1));
        let found = found.into_iter().skip(self.offset).take(self.limit);
        let mut rest = found.skip(start);
        let items: Vec<_> = rest.by_ref().take(size).collect();
        let count = items.len();
        let next = rest.next().map(|_| start + count);
        let feed = account::feed(&items);
        let body = if binary {
            binary_json::encode(&feed).into()
        } else {
            feed.to_string().into()
        };
        Page { body, count, next }
    }

    /// At least so many of those that the query finds, before its offset and its limit are looked at, in order. Never
    /// holds many more, however many there are.
    fn first(&self, items: impl Iterator<Item = Value>, count: usize) -> Vec<Value> {
        let needed = self.offset.saturating_add(count.min(self.limit));
        let most = needed.saturating_mul(2).max(1_000);
        let mut found = Vec::new();
        for item in items.filter(|item| self.includes(item)) {
            found.push(item);
            if found.len() == most {
                found.sort_by(|a, b| self.compare(a, b));
                found.truncate(needed);
            }
        }
        found.sort_by(|a, b| self.compare(a, b));
        found
    }

    fn includes(&self, item: &Value) -> bool {
        let mut conditions = self.equal.iter();
        conditions.all(|(field, value)| item.get(field) == Some(value))
    }

    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let by_field = self.order.iter().map(|(field, descending)| {
            let order = scalars(&a[field], &b[field]);
            if *descending { order.reverse() } else { order }
        });
        by_field.fold(Ordering::Equal, Ordering::then)
    }
}

impl QuerySpec {
    /// Of a parameter, or of the number itself.
    fn value(&self, word: &str) -> Option<Value> {
        let parameter = self.parameters.iter().find(|known| known.name == word);
        parameter
            .map(|parameter| parameter.value.clone())
            .or_else(|| serde_json::from_str(word).ok())
    }

    fn number(&self, word: &str) -> Option<usize> {
        self.value(word)?.as_u64()?.try_into().ok()
    }
}

fn field(word: &str) -> Option<String> {
    word.strip_prefix("c.").map(str::to_owned)
}

fn scalars(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => a
            .as_f64()
            .unwrap_or(0.0)
            .total_cmp(&b.as_f64().unwrap_or(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Option<Query> {
        let parameters = json!([{ "name": "@kind", "value": "project" }]);
        let spec = json!({ "query": query, "parameters": parameters });
        Query::parse(&serde_json::from_value(spec).unwrap())
    }

    #[test]
    fn a_list_is_filtered_ordered_and_cut_into_pages() {
        let query =
            parse("SELECT VALUE c FROM c  WHERE c.kind = @kind ORDER BY c.n DESC, c.id ASC");
        let item = |id, n| json!({ "id": id, "n": n, "kind": "project" });
        let other = json!({ "id": "z", "n": 9, "kind": "other" });
        let items = [item("b", 1), other, item("a", 1), item("c", 2)];
        let page = |start| {
            let items = items.iter().cloned();
            query.as_ref().unwrap().page(items, start, 2, false)
        };
        let ids = |page: &Page| {
            let feed: Value = serde_json::from_slice(&page.body).unwrap();
            let items = feed["Documents"].as_array().unwrap().iter();
            items.map(|item| item["id"].to_string()).collect::<String>()
        };
        let (first, last) = (page(0), page(2));
        assert_eq!((ids(&first), first.next), (r#""c""a""#.to_owned(), Some(2)));
        assert_eq!((ids(&last), last.next), (r#""b""#.to_owned(), None));
    }

    #[test]
    fn the_first_of_many_are_found_wherever_they_are() {
        let query = parse("SELECT * FROM c ORDER BY c.n OFFSET 1 LIMIT 5").unwrap();
        let items = (0..3_000).rev().map(|n| json!({ "n": n }));
        let page = query.page(items, 3, 20, false);
        let feed: Value = serde_json::from_slice(&page.body).unwrap();
        let numbers = feed["Documents"].as_array().unwrap().iter();
        let numbers: Vec<_> = numbers.map(|item| item["n"].as_u64().unwrap()).collect();
        assert_eq!((numbers, page.next), (vec![4, 5], None));
    }

    #[test]
    fn windows_are_numbers_or_parameters() {
        let query = parse("select * from c order by c.id offset 3 limit 20").unwrap();
        assert_eq!((query.offset, query.limit), (3, 20));
    }

    #[test]
    fn a_plan_tells_the_order() {
        let plan = parse("SELECT * FROM c ORDER BY c.createdAt DESC, c.id")
            .unwrap()
            .plan();
        let info = &plan["queryInfo"];
        assert_eq!(info["orderBy"], json!(["Descending", "Ascending"]));
        assert_eq!(info["orderByExpressions"], json!(["c.createdAt", "c.id"]));
        assert_eq!(info["limit"], Value::Null);
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for query in [
            "SELECT c.id FROM c",
            "SELECT * FROM c WHERE c.n > 1",
            "SELECT * FROM c WHERE CONTAINS(c.name, @kind)",
            "SELECT * FROM c WHERE c.kind = @unknown",
        ] {
            assert_eq!(parse(query), None, "{query}");
        }
    }
}
