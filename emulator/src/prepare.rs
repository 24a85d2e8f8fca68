//! What a request meets before the account: checks that the account leaves out, and what it would
//! take for something else.

use crate::answer::{Amendment, Refusal};
use crate::batch;
use crate::limits;
use crate::patch;
use crate::request::CosmosRequest;
use crate::resource::Resource;
use crate::sql;
use azure_core::http::Method;
use azure_core::time::parse_rfc7231;
use serde_json::Value;

const TRIGGERS: [&str; 2] = [
    "x-ms-documentdb-pre-trigger-include",
    "x-ms-documentdb-post-trigger-include",
];
const THROUGHPUT: &str = "x-ms-offer-throughput";
const AUTOSCALE: &str = "x-ms-cosmos-offer-autopilot-settings";

/// Operators of a query beyond which the account needs a larger stack.
pub(crate) const MANY_OPERATORS: usize = 64;

#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) amendment: Amendment,
    pub(crate) work: Work,
}

/// How the account is to carry out a request.
#[derive(Debug)]
pub(crate) enum Work {
    AsItIs,
    /// On a stack that is large enough.
    Deep,
    Patch(patch::Terms),
    BatchWithPatches,
    Bulk,
}

impl From<Amendment> for Prepared {
    fn from(amendment: Amendment) -> Self {
        let work = Work::AsItIs;
        Self { amendment, work }
    }
}

impl From<Work> for Prepared {
    fn from(work: Work) -> Self {
        let amendment = Amendment::None;
        Self { amendment, work }
    }
}

/// `throughput` is for a container that is created without.
pub(crate) fn prepare(
    request: &mut CosmosRequest,
    throughput: Option<u64>,
) -> Result<Prepared, Refusal> {
    if TRIGGERS
        .iter()
        .any(|header| request.header(header).is_some())
    {
        let message = "Triggers are not supported by this emulator.";
        return Err(Refusal::bad_request(message));
    }
    if let Some(key) = &request.partition_key {
        limits::partition_key(key).map_err(Refusal::bad_request)?;
    }
    if is_query(request) {
        return query(request);
    }
    match (request.resource, request.method) {
        (Resource::Account, Method::Get) => Ok(Amendment::Account.into()),
        (Resource::ChangeFeed, _) => change_feed(request).map(Prepared::from),
        (Resource::Batch, _) => batch::prepare(request),
        (Resource::Item, Method::Patch) => Ok(Work::Patch(patch::prepare(request)?).into()),
        (Resource::Item, Method::Post | Method::Put) => check(request, limits::item),
        (Resource::Container, Method::Put) => check(request, limits::container),
        (Resource::Database, Method::Post) => check(request, limits::name),
        (Resource::Container, Method::Post) => {
            let named = request.header(THROUGHPUT).map(str::to_owned);
            let throughput = throughput.map(|throughput| throughput.to_string());
            if let Some(throughput) = named.or(autoscale(request)?).or(throughput) {
                request.set_header(THROUGHPUT, throughput);
            }
            check(request, limits::container)
        }
        _ => Ok(Amendment::None.into()),
    }
}

/// The most that a container scales to, which is all that it has here.
fn autoscale(request: &CosmosRequest) -> Result<Option<String>, Refusal> {
    let Some(settings) = request.header(AUTOSCALE) else {
        return Ok(None);
    };
    let settings: Value = serde_json::from_str(settings).unwrap_or_default();
    match settings["maxThroughput"].as_u64() {
        Some(most) => Ok(Some(most.to_string())),
        None => Err(Refusal::bad_request(format!(
            "{AUTOSCALE} has no maxThroughput."
        ))),
    }
}

fn check(
    request: &CosmosRequest,
    is_valid: fn(&Value) -> Result<(), String>,
) -> Result<Prepared, Refusal> {
    // What is no JSON the account refuses.
    let body = request.decode::<Value>();
    body.map_or(Ok(()), |body| is_valid(&body))
        .map_err(Refusal::bad_request)?;
    Ok(Amendment::None.into())
}

fn is_query(request: &CosmosRequest) -> bool {
    let is_marked = request.header_is_true("x-ms-documentdb-isquery")
        || request.header_is_true("x-ms-documentdb-query");
    request.method == Method::Post && (is_marked || request.resource == Resource::QueryPlan)
}

fn query(request: &mut CosmosRequest) -> Result<Prepared, Refusal> {
    let Some(mut body) = request.decode::<Value>() else {
        return Ok(Amendment::None.into());
    };
    let Some(text) = body["query"].as_str() else {
        return Ok(Amendment::None.into());
    };
    if !body["resumeFilter"].is_null() {
        let message =
            "Going on with an ordered query by resumeFilter is not supported by this emulator.";
        return Err(Refusal::bad_request(message));
    }
    let parameters = body["parameters"].as_array().cloned().unwrap_or_default();
    let (text, operators, amendment) = if request.resource == Resource::QueryPlan {
        plan(text, &parameters, is_dotnet(request))
    } else {
        sql::for_engine(text, &parameters).map(|query| {
            let unwrap = query.is_wrapped.then_some(Amendment::UnwrapRows);
            (query.text, query.operators, unwrap)
        })
    }
    .map_err(Refusal::bad_request)?;
    body["query"] = text.into();
    body["parameters"] = parameters.into();
    if request.resource == Resource::Offer {
        by_resource_id(&mut body);
    }
    request.set_body(&body);
    if amendment.is_some() {
        request.want_text();
    }
    Ok(Prepared {
        amendment: amendment.unwrap_or(Amendment::None),
        work: if operators > MANY_OPERATORS {
            Work::Deep
        } else {
            Work::AsItIs
        },
    })
}

type QueryToSend = (String, usize, Option<Amendment>);

fn plan(text: &str, parameters: &[Value], is_dotnet: bool) -> Result<QueryToSend, String> {
    let plan = sql::for_plan(text, parameters)?;
    if plan.is_combined && is_dotnet {
        return Err(
            "Aggregates and GROUP BY through the .NET SDK are not supported by this emulator."
                .to_owned(),
        );
    }
    // What the account would read out of an escaped text as the partition is something else.
    let amendment = plan.is_escaped.then_some(Amendment::AllPartitions);
    Ok((plan.text, plan.operators, amendment))
}

/// The .NET SDK takes its results from a form of the rows that the account does not give.
fn is_dotnet(request: &CosmosRequest) -> bool {
    let agent = request.header("user-agent").unwrap_or_default();
    agent.starts_with("cosmos-netstandard-sdk")
}

/// Offers name their container by its link in the service, and by its id in the account.
fn by_resource_id(query: &mut Value) {
    for parameter in query["parameters"].as_array_mut().into_iter().flatten() {
        let link = parameter["value"].as_str().unwrap_or_default();
        if let Some(id) = container_in(link) {
            parameter["value"] = id.to_owned().into();
        }
    }
    let text = query["query"].as_str().unwrap_or_default();
    let mut links = text
        .split('\'')
        .filter_map(|link| Some((link, container_in(link)?)));
    if let Some((link, id)) = links.next() {
        query["query"] = text.replace(link, id).into();
    }
}

fn container_in(link: &str) -> Option<&str> {
    let (_, id) = link.trim_end_matches('/').split_once("/colls/")?;
    Some(id)
}

fn change_feed(request: &CosmosRequest) -> Result<Amendment, Refusal> {
    let mode = request.header("a-im").unwrap_or_default();
    if mode.eq_ignore_ascii_case("full-fidelity feed") {
        let message =
            "The change feed of all versions and deletes is not supported by this emulator.";
        return Err(Refusal::bad_request(message));
    }
    let Some(since) = request.header("if-modified-since") else {
        return Ok(Amendment::None);
    };
    match parse_rfc7231(since) {
        Ok(since) => Ok(Amendment::WrittenSince(since.unix_timestamp())),
        Err(_) => Err(Refusal::bad_request(format!(
            "If-Modified-Since: {since} is no date."
        ))),
    }
}
