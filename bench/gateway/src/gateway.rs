//! What a request means, and its answer.

use crate::account;
use crate::answer::{Answer, template};
use crate::counts::{Counts, Kind};
use crate::item::parse;
use crate::query::Query;
use crate::store::{Refused, Store, WRITE_CHARGE, Write};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::{Method, Request, Response};
use percent_encoding::percent_decode_str;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Items on a page for which nobody asks for another number, as the service has it.
const PAGE: usize = 100;

/// By how much timers are late: they count milliseconds and round up, and so does what waits for them.
const LATE: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(crate) struct Gateway {
    url: String,
    latency: Duration,
    template: HeaderMap,
    counts: Counts,
    store: Mutex<Store>,
}

/// What an answer about items needs of the request.
struct Asked<'a> {
    headers: &'a HeaderMap,
    partition: &'a str,
    body: Bytes,
}

impl Gateway {
    pub(crate) fn new(url: &str, latency: Duration, store: Store) -> Self {
        Self {
            url: url.to_owned(),
            latency,
            template: template(),
            counts: Counts::default(),
            store: Mutex::new(store),
        }
    }

    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let path: Vec<_> = parts
            .uri
            .path()
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
            .collect();
        let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        let activity = parts.headers.get("x-ms-activity-id").cloned();
        let (answer, lsn) = match path[..] {
            ["_bench", "requests"] => (Answer::new(200, self.counts.take().to_string(), 0.0), 0),
            ["dbs", _, "colls", _, "docs", ref id @ ..] if id.len() <= 1 => {
                let id = id.first().copied();
                let answer = self.items(&parts.method, &parts.headers, id, body);
                if !self.latency.is_zero() {
                    tokio::time::sleep(self.latency.saturating_sub(LATE)).await;
                }
                answer
            }
            ref path => (self.metadata(&parts.method, &parts.headers, path), 1),
        };
        Ok(answer.into_response(&self.template, activity, lsn))
    }

    fn metadata(&self, method: &Method, headers: &HeaderMap, path: &[&str]) -> Answer {
        let body = match (method, path) {
            (&Method::GET, []) => account::account(&self.url),
            (&Method::GET, ["dbs", name]) => account::database(name),
            (&Method::GET, ["dbs", _, "colls", name]) => account::container(name),
            (&Method::GET, ["dbs", _, "colls", _, "pkranges"]) => account::partition_key_ranges(),
            _ => {
                self.counts.add(Kind::Other);
                return Answer::refused(501, "this gateway is for benchmarks and does not do that");
            }
        };
        self.counts.add(Kind::Metadata);
        if headers.contains_key("if-none-match") {
            // Nothing here ever changes. SDKs read ranges until they are told so.
            return Answer::unchanged();
        }
        Answer::metadata(&body)
    }

    /// Returns the position in the log as well.
    fn items(
        &self,
        method: &Method,
        headers: &HeaderMap,
        id: Option<&str>,
        body: Bytes,
    ) -> (Answer, u64) {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = kind(method, headers, id);
        self.counts.add(kind);
        let key: Option<[String; 1]> = headers
            .get("x-ms-documentdb-partitionkey")
            .and_then(|key| serde_json::from_slice(key.as_bytes()).ok());
        let Some([partition]) = &key else {
            return (Answer::refused(400, "one partition key is needed"), 0);
        };
        let asked = Asked {
            headers,
            partition,
            body,
        };
        let answer = match (kind, id) {
            (Kind::Read, Some(id)) => Ok(asked.read(&store, id)),
            (Kind::Write, id) => asked.write(&mut store, method, id),
            (Kind::Delete, Some(id)) => store
                .delete(partition, id, asked.header("if-match"))
                .map(|()| Answer::new(204, Bytes::new(), WRITE_CHARGE)),
            (Kind::Query, None) => asked.query(&mut store),
            (Kind::QueryPlan, None) => asked.query_plan(),
            (Kind::Batch, None) => asked.batch(&mut store),
            _ => Ok(Answer::refused(501, "this gateway does not do that")),
        };
        let answer = answer.unwrap_or_else(|Refused(status)| Answer::refused(status, "refused"));
        (answer, store.writes)
    }
}

impl Asked<'_> {
    fn read(&self, store: &Store, id: &str) -> Answer {
        let Some(item) = store.read(self.partition, id) else {
            return Answer::refused(404, "Resource Not Found");
        };
        let known = self.header("if-none-match") == Some(&item.etag);
        let (status, body) = if known {
            (304, Bytes::new())
        } else {
            (200, item.encoded(self.wants_binary()))
        };
        Answer {
            etag: Some(item.etag.clone()),
            ..Answer::new(status, body, item.read_charge())
        }
    }

    fn write(
        &self,
        store: &mut Store,
        method: &Method,
        id: Option<&str>,
    ) -> Result<Answer, Refused> {
        let how = match (method, id) {
            (&Method::PUT, Some(_)) => Write::Replace,
            (&Method::POST, None) if self.is_set("x-ms-documentdb-is-upsert") => Write::Upsert,
            (&Method::POST, None) => Write::Create,
            _ => return Err(Refused(501)),
        };
        let content = parse(&self.body).ok_or(Refused(400))?;
        let if_match = self.header("if-match");
        let (status, item) = store.write(self.partition, how, id, content, if_match)?;
        let silent = self.header("prefer") == Some("return=minimal");
        let body = if silent {
            Bytes::new()
        } else {
            item.encoded(self.wants_binary())
        };
        Ok(Answer {
            etag: Some(item.etag.clone()),
            ..Answer::new(status, body, WRITE_CHARGE)
        })
    }

    fn query(&self, store: &mut Store) -> Result<Answer, Refused> {
        let number = |name| self.header(name).and_then(|text| text.parse().ok());
        let size = number("x-ms-max-item-count").unwrap_or(PAGE);
        let start = number("x-ms-continuation").unwrap_or(0);
        let binary = self.wants_binary();
        let partition = store.partition(self.partition);
        let key = (self.body.clone(), size, start, binary);
        let page = if let Some(page) = partition.pages.get(&key) {
            Arc::clone(page)
        } else {
            let query = self.parsed_query()?;
            let items = partition.items.values().map(|item| item.content());
            let page = Arc::new(query.page(items, start, size, binary));
            partition.pages.insert(key, Arc::clone(&page));
            page
        };
        #[expect(clippy::cast_precision_loss, reason = "a page of items")]
        let charge = 2.28 + 0.05 * page.count as f64;
        Ok(Answer {
            continuation: page.next,
            count: Some(page.count),
            ..Answer::new(200, page.body.clone(), charge)
        })
    }

    fn query_plan(&self) -> Result<Answer, Refused> {
        let plan = self.parsed_query()?.plan();
        Ok(Answer::new(200, plan.to_string(), 1.0))
    }

    fn parsed_query(&self) -> Result<Query, Refused> {
        let spec = serde_json::from_slice(&self.body).map_err(|_| Refused(400))?;
        Query::parse(&spec).ok_or(Refused(400))
    }

    fn batch(&self, store: &mut Store) -> Result<Answer, Refused> {
        let operations = serde_json::from_slice(&self.body).map_err(|_| Refused(400))?;
        let (status, results) = store.batch(self.partition, operations);
        let charges = results.iter().map(|result| &result["requestCharge"]);
        let charge = charges.filter_map(serde_json::Value::as_f64).sum();
        let body = serde_json::Value::from(results).to_string();
        Ok(Answer::new(status, body, charge))
    }

    fn wants_binary(&self) -> bool {
        let formats = self.header("x-ms-cosmos-supported-serialization-formats");
        formats.is_some_and(|formats| formats.contains("CosmosBinary"))
    }

    fn is_set(&self, name: &str) -> bool {
        is_set(self.headers, name)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn kind(method: &Method, headers: &HeaderMap, id: Option<&str>) -> Kind {
    match (method, id) {
        (&Method::GET, Some(_)) => Kind::Read,
        (&Method::DELETE, Some(_)) => Kind::Delete,
        (&Method::POST, None) if is_set(headers, "x-ms-cosmos-is-query-plan-request") => {
            Kind::QueryPlan
        }
        (&Method::POST, None) if is_set(headers, "x-ms-documentdb-isquery") => Kind::Query,
        (&Method::POST, None) if is_set(headers, "x-ms-cosmos-is-batch-request") => Kind::Batch,
        (&Method::PUT, Some(_)) | (&Method::POST, None) => Kind::Write,
        _ => Kind::Other,
    }
}

fn is_set(headers: &HeaderMap, name: &str) -> bool {
    let value = headers.get(name);
    value.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}
