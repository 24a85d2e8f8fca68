//! The language of queries: what is answered as Cosmos DB answers it, and what is refused by name.

use crate::client::{item, start_plain, with};
use crate::wire::{Wire, header};
use cosmos_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

async fn items() -> (Emulator, Wire) {
    let (emulator, wire) = start_plain().await;
    for (id, properties) in [
        (
            "1",
            json!({ "s": "Alpha", "n": 7, "g": "x", "in": { "left": 1 }, "tags": ["a", "b"] }),
        ),
        (
            "2",
            json!({ "s": "it's é", "n": 8, "g": "x", "odd name": 3 }),
        ),
        (
            "3",
            json!({ "s": 5, "n": "text", "g": "y", "nothing": null }),
        ),
    ] {
        let created = wire.create(&with(item(id), properties)).await.unwrap();
        assert_eq!(created.status(), 201);
    }
    (emulator, wire)
}

#[tokio::test]
async fn both_quotes_write_strings_with_escapes() {
    let (_emulator, wire) = items().await;
    for (filter, found) in [
        (r#"c.s = "Alpha""#, json!(["1"])),
        (r"c.s = 'it\'s \u00e9'", json!(["2"])),
        (r#"c.s = "it's é""#, json!(["2"])),
        (r#"c["s"] = "Alpha" AND c["in"]["left"] = 1"#, json!(["1"])),
        (r#"c["odd name"] = 3"#, json!(["2"])),
        (
            r#"c.s = "c[" OR c.s = "\"" OR c.s IN ("Alpha", "x")"#,
            json!(["1"]),
        ),
        (
            "IS_DEFINED(c[\"nothing\"]) -- a \"comment\"\n",
            json!(["3"]),
        ),
    ] {
        let sql = format!("SELECT VALUE c.id FROM c WHERE {filter}");
        let (status, rows) = wire.query(&sql).await;
        assert_eq!((status, rows), (200, found), "{filter}");
    }
    assert_eq!(
        wire.rows(r#"SELECT VALUE {"k": c["n"]} FROM c WHERE c["id"] = "1""#)
            .await,
        json!([{ "k": 7 }])
    );
    assert_eq!(
        wire.rows(r#"SELECT c["n"] AS "m" FROM c ORDER BY c["id"] OFFSET 0 LIMIT 1"#)
            .await,
        json!([{ "m": 7 }])
    );
}

#[tokio::test]
async fn undefined_values_are_no_rows() {
    let (_emulator, wire) = items().await;
    for (sql, rows) in [
        ("SELECT VALUE c.missing FROM c", json!([])),
        ("SELECT VALUE c.nothing FROM c", json!([null])),
        (
            "SELECT VALUE c.n > 6 FROM c WHERE c.id != '2'",
            json!([true]),
        ),
        (
            "SELECT TOP 1 VALUE c.tags[1] FROM c ORDER BY c.id DESC",
            json!(["b"]),
        ),
        (
            "SELECT VALUE t FROM c JOIN t IN c.tags WHERE t = 'a' OR t = 'b'",
            json!(["a", "b"]),
        ),
        ("SELECT VALUE MIN(c.missing) FROM c", json!([])),
        ("SELECT VALUE MAX(c.nothing) FROM c", json!([null])),
        ("SELECT VALUE COUNT(c.missing) FROM c", json!([0])),
        ("SELECT VALUE SUM(c.n) FROM c WHERE c.g = 'x'", json!([15])),
        ("SELECT VALUE SUM(c.n) FROM c", json!([])),
        ("SELECT AVG(c.n) AS a, SUM(c.n) AS s FROM c", json!([{}])),
        (r#"SELECT SUM(c.n) AS "order" FROM c"#, json!([{}])),
        (
            r#"SELECT SUM(c.n) AS "where", 1 AS "group" FROM c"#,
            json!([{"group": 1}]),
        ),
    ] {
        assert_eq!(wire.rows(sql).await, rows, "{sql}");
    }
}

#[tokio::test]
async fn what_cannot_be_compared_is_in_no_range_nor_outside_of_one() {
    let (_emulator, wire) = items().await;
    for (filter, ids) in [
        ("c.n BETWEEN 7 AND 9", json!(["1", "2"])),
        ("c.n NOT BETWEEN 8 AND 9", json!(["1"])),
        ("NOT (c.n BETWEEN 8 AND 9)", json!(["1"])),
        (
            "c.g = 'x' AND c.n + 1 NOT BETWEEN 8 AND 8 OR c.id = '3'",
            json!(["2", "3"]),
        ),
        ("c.missing NOT IN (1, 2)", json!([])),
        ("NOT (c.missing IN (1, 2))", json!([])),
        ("c.n NOT IN (7, 9) AND c.g = 'x'", json!(["2"])),
        ("(c.n IN (7)) = true", json!(["1"])),
    ] {
        let sql = format!("SELECT VALUE c.id FROM c WHERE {filter} ORDER BY c.id");
        assert_eq!(wire.rows(&sql).await, ids, "{filter}");
    }
}

#[tokio::test]
async fn what_the_engine_would_get_wrong_is_refused_by_name() {
    let (_emulator, wire) = items().await;
    for (sql, named) in [
        ("SELECT VALUE 1", "FROM"),
        ("SELECT x.id FROM c", "'x'"),
        ("SELECT * FROM c JOIN t IN c.tags", "SELECT *"),
        ("SELECT * FROM c.in", "FROM with a path"),
        ("SELECT VALUE LOWER(c.s, 1) FROM c", "LOWER"),
        ("SELECT VALUE INDEX_OF(c.s, 'a') FROM c", "INDEX_OF"),
        ("SELECT VALUE RegexMatch(c.s, 'a') FROM c", "RegexMatch"),
        ("SELECT VALUE udf.mine(c.s) FROM c", "mine"),
        (
            "SELECT VALUE ARRAY_CONTAINS(c.tags, {a: 1}, true) FROM c",
            "ARRAY_CONTAINS",
        ),
        (
            "SELECT * FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags)",
            "EXISTS",
        ),
        (
            "SELECT VALUE ARRAY(SELECT VALUE t FROM t IN c.tags) FROM c",
            "ARRAY",
        ),
        ("SELECT (SELECT VALUE 1) AS one FROM c", "Subqueries"),
        ("SELECT * FROM (SELECT * FROM c) AS d", "Subqueries"),
        ("SELECT * FROM c WHERE c.s LIKE '[A-C]%'", "LIKE"),
        ("SELECT * FROM c WHERE c.s LIKE c.s", "LIKE"),
        ("SELECT c.n FROM c GROUP BY c.g", "c.n"),
        ("SELECT * FROM c GROUP BY c.g", "*"),
        ("SELECT * FROM c ORDER BY LOWER(c.s)", "ORDER BY"),
        ("SELECT * FROM c WHERE c.s = 'a''b'", r"\'"),
        (r"SELECT * FROM c WHERE c.s = '\x'", "escape"),
        ("SELECT * FROM c WHERE c.s = 'a", "without an end"),
        ("selec * from c", "Syntax error"),
        ("SELECT * FROM c WHERE", "Syntax error"),
        ("SELECT c.$n FROM c", "unexpected character"),
        ("SELECT * FROM c GROUP c.g", "Syntax error"),
    ] {
        let message = wire.refused(sql).await;
        assert!(message.contains(named), "{sql}: {message}");
        assert!(!message.contains("20020"), "{message}");
    }
    let parameters = json!([{ "name": "@p", "value": "[A-C]%" }]);
    let (status, message) = wire
        .query_with("SELECT * FROM c WHERE c.s LIKE @p", &parameters)
        .await;
    assert_eq!(status, 400, "{message}");
}

#[tokio::test]
async fn what_is_right_is_not_refused() {
    let (_emulator, wire) = items().await;
    for (sql, rows) in [
        (
            "SELECT c.g, COUNT(1) AS n FROM c GROUP BY c.g",
            json!([{ "g": "x", "n": 2 }, { "g": "y", "n": 1 }]),
        ),
        ("SELECT DISTINCT VALUE r.g FROM root r", json!(["x", "y"])),
        (
            "SELECT VALUE c.s LIKE 'Al%' FROM c WHERE c.id = '1'",
            json!([true]),
        ),
        (
            "SELECT VALUE { id: c.id, 'v': IS_STRING(c.s) ? c.s : null } FROM c WHERE c.id = '1'",
            json!([{ "id": "1", "v": "Alpha" }]),
        ),
        (
            "SELECT c.id identity FROM c WHERE c.id = '1'",
            json!([{ "identity": "1" }]),
        ),
        (
            "SELECT VALUE UPPER(c.s) FROM c WHERE LEFT(c.s, 2) = 'Al'",
            json!(["ALPHA"]),
        ),
        ("SELECT VALUE t FROM t IN c.tags", json!(["a", "b"])),
    ] {
        assert_eq!(wire.rows(sql).await, rows, "{sql}");
    }
}

#[tokio::test]
async fn rows_are_counted_as_they_are_sent() {
    let (_emulator, wire) = items().await;
    let query = json!({ "query": "SELECT VALUE SUM(c.missing) FROM c", "parameters": [] });
    let request = wire.items(Method::POST, "").json(&query);
    let request = request.header("x-ms-documentdb-isquery", "True");
    let answer = request.send().await.unwrap();
    assert_eq!(header(&answer, "x-ms-item-count").unwrap(), "0");
    assert_eq!(answer.json::<Value>().await.unwrap()["_count"], 0);
}
