//! The docs page and the pages of problems. What they do in a browser is in `tests/browser`.

use crate::app::{App, Handler};
use cosmos_functions::contract::CONTRACT;
use reqwest::{Method, Response, StatusCode};

async fn get(handler: &Handler, path: &str) -> Response {
    let request = handler.request(Method::GET, path);
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn everything_the_page_names_is_served_by_the_handler() {
    let handler = Handler::start(&[]);
    let page = get(&handler, "/api/docs").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = header(&page, "content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");

    let page = page.text().await.unwrap();
    let named: Vec<_> = page.split('"').filter(|text| text.contains('/')).collect();
    let assets = named.iter().filter(|text| text.starts_with("docs/"));
    assert_eq!(assets.clone().count(), 5, "{named:?}");
    for asset in assets {
        let path = format!("/api/{asset}");
        let first = get(&handler, &path).await;
        assert_eq!(first.status(), StatusCode::OK, "{asset}");
        assert!(!header(&first, "content-type").is_empty());
        let known = handler.request(Method::GET, &path);
        let known = known.header("if-none-match", header(&first, "etag"));
        let again = known.send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{asset}");
    }
}

#[tokio::test]
async fn files_and_the_contract_are_compressed_for_those_who_take_it() {
    let handler = Handler::start(&[]);
    let paths = ["/api/docs/swagger-ui.css", "/api/openapi.json"];
    for path in paths {
        let as_it_is = get(&handler, path).await;
        assert!(
            !as_it_is.headers().contains_key("content-encoding"),
            "{path}"
        );
        let taken = handler.request(Method::GET, path);
        let taken = taken.header("accept-encoding", "br, gzip");
        let compressed = taken.try_clone().unwrap().send().await.unwrap();
        assert_eq!(header(&compressed, "content-encoding"), "gzip");
        let etag = header(&compressed, "etag").to_owned();
        assert_ne!(etag, header(&as_it_is, "etag"));
        let again = taken.header("if-none-match", &etag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        for answer in [&as_it_is, &compressed, &again] {
            assert_eq!(header(answer, "vary"), "accept-encoding");
        }
        let (small, large) = (
            compressed.bytes().await.unwrap(),
            as_it_is.bytes().await.unwrap(),
        );
        assert!(small.starts_with(&[0x1f, 0x8b]) && small.len() * 2 < large.len());
        assert!(!large.starts_with(&[0x1f, 0x8b]));
    }
}

#[tokio::test]
async fn no_other_file_is_served() {
    let handler = Handler::start(&[]);
    for name in [
        "index.html",
        "swagger-initializer.js",
        "..%2Fpage.js",
        "%FF",
    ] {
        let answer = handler.get(&format!("/api/docs/{name}")).await;
        answer.expect_problem(StatusCode::NOT_FOUND, "not-found");
    }
}

#[tokio::test]
async fn the_page_brings_a_caller_only_where_callers_are_taken_at_their_word() {
    let names_a_caller = async |handler: &Handler| {
        let page = get(handler, "/api/docs").await;
        page.text().await.unwrap().contains("data-dev-user=\"ada\"")
    };
    assert!(names_a_caller(&App::start().await.handler).await);
    assert!(!names_a_caller(&Handler::start(&[])).await);
}

#[tokio::test]
async fn the_type_of_every_problem_leads_to_what_it_means() {
    let handler = Handler::start(&[]);
    for kind in CONTRACT.all_problems() {
        let page = get(&handler, &kind.uri()).await;
        assert_eq!(page.status(), StatusCode::OK, "{}", kind.code);
        assert_eq!(
            header(&page, "content-security-policy"),
            "default-src 'none'"
        );
        let page = page.text().await.unwrap();
        for text in [kind.code, kind.title, kind.meaning, kind.advice] {
            assert!(page.contains(text), "{}", kind.code);
        }
    }
    handler
        .get("/api/docs/problems/%3Cscript%3E")
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
}
