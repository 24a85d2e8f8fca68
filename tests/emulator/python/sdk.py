"""The emulator as the Python SDK (azure-cosmos) uses it: `python sdk.py target/debug/cosmos-emulator`."""

import datetime
import subprocess
import sys
from typing import Any

from azure.core import MatchConditions
from azure.cosmos import CosmosClient, PartitionKey, exceptions

KEY = "a2V5"


def refused(call, status: int, named: str = "") -> None:
    try:
        call()
    except exceptions.CosmosHttpResponseError as error:
        assert error.status_code == status, (error.status_code, str(error))
        assert named in str(error), str(error)
    else:
        raise AssertionError(f"should be {status}")


def points(container) -> None:
    for n, name in enumerate(["Alpha", "Beta", "it's é"]):
        container.create_item({"id": str(n), "partitionKey": "p", "name": name, "n": n})
    refused(lambda: container.create_item({"id": "0", "partitionKey": "p"}), 409)
    item = container.read_item("0", "p")
    assert container.read_item(item, "p")["id"] == "0"
    item["n"] = 10
    changed = container.replace_item(item, item)
    stale = {"etag": item["_etag"], "match_condition": MatchConditions.IfNotModified}
    refused(lambda: container.replace_item(item, item, **stale), 412)
    item = changed
    assert item["n"] == 10
    container.upsert_item({"id": "extra", "partitionKey": "p"})
    container.delete_item(container.read_item("extra", "p"), "p")
    refused(lambda: container.read_item("extra", "p"), 404)
    refused(lambda: container.create_item({"id": "t", "partitionKey": "p", "ttl": 0}), 400, "ttl")


def patches(container) -> None:
    add = [{"op": "set", "path": "/n", "value": 11}]
    no = "from c where c.n = 99"
    refused(lambda: container.patch_item("0", "p", add, filter_predicate=no), 412)
    yes = 'from c where c["n"] = 10'
    assert container.patch_item("0", "p", add, filter_predicate=yes)["n"] == 11
    new = [{"op": "incr", "path": "/new", "value": 5}]
    assert container.patch_item("0", "p", new)["new"] == 5


def rows(container, sql: str, parameters: Any = None, **scope: Any) -> list:
    return list(container.query_items(sql, parameters=parameters, **scope))


def queries(container) -> None:
    p = {"partition_key": "p"}
    assert rows(container, 'SELECT VALUE c.id FROM c WHERE c.name = "Alpha"', **p) == ["0"]
    assert rows(container, 'SELECT VALUE c["n"] FROM c WHERE c["name"] = "it\'s é"', **p) == [2]
    assert rows(container, "SELECT VALUE c.missing FROM c", **p) == []
    assert rows(container, "SELECT VALUE SUM(c.n) FROM c", **p) == [14]
    ordered = 'SELECT VALUE c.id FROM c ORDER BY c["n"] DESC'
    assert rows(container, ordered, max_item_count=1, **p) == ["0", "2", "1"]
    by_name = [{"name": "@name", "value": "Beta"}]
    assert rows(container, "SELECT VALUE c.n FROM c WHERE c.name = @name", by_name, **p) == [1]
    everywhere = {"enable_cross_partition_query": True}
    container.create_item({"id": "other", "partitionKey": "q", "n": 5})
    assert rows(container, ordered, **everywhere) == ["0", "other", "2", "1"]
    assert rows(container, "SELECT VALUE COUNT(1) FROM c", **everywhere) == [4]
    unknown = "SELECT VALUE INDEX_OF(c.name, 'a') FROM c"
    refused(lambda: rows(container, unknown, **p), 400, "INDEX_OF")


def batches(container) -> None:
    new = {"id": "new", "partitionKey": "p"}
    container.execute_item_batch([("create", (new,)), ("read", ("0",))], "p")
    container.execute_item_batch([("delete", ("new",))], "p")
    patch = ("patch", ("0", [{"op": "incr", "path": "/n", "value": 1}]))
    patched = container.execute_item_batch([patch, patch], "p")
    assert [result["resourceBody"]["n"] for result in patched] == [12, 13]
    conditional = (*patch, {"filter_predicate": "from c where c.n = 99"})
    refused(lambda: container.execute_item_batch([conditional], "p"), 400, "condition")


def change_feed(container) -> None:
    assert len(list(container.query_items_change_feed(start_time="Beginning"))) == 4
    future = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    assert list(container.query_items_change_feed(start_time=future)) == []


def definitions(client) -> None:
    database = client.create_database("python")
    key = PartitionKey("/pk")
    container = database.create_container("c", key, default_ttl=60)
    assert container.read()["defaultTtl"] == 60
    assert container.get_throughput().offer_throughput == 400
    container.replace_throughput(600)
    assert container.get_throughput().offer_throughput == 600
    refused(lambda: database.create_container("d", key, default_ttl=0), 400, "defaultTtl")
    database.delete_container("c")
    client.delete_database("python")


def check(url: str) -> None:
    client = CosmosClient(url, KEY)
    container = client.get_database_client("app").get_container_client("items")
    points(container)
    patches(container)
    queries(container)
    batches(container)
    change_feed(container)
    definitions(client)


def main() -> None:
    command = [sys.argv[1], "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
        try:
            line = emulator.stdout.readline()
            check(next(word for word in line.split() if word.startswith("http://")))
        finally:
            emulator.terminate()
    print("azure-cosmos works against the emulator")


main()
