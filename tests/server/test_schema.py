"""The schema that the page's types are made from."""

import json

from auscult.server import schema


def test_every_answer_and_every_message_is_in_it():
    document = schema.openapi()
    schemas = document["components"]["schemas"]
    for name in ("BundleInfo", "EventInfo", "EventDetail", "Health", "ProblemInfo", "SourceInfo"):
        assert name in schemas
    assert {model.__name__ for model in schema.socket_messages()} <= set(schemas)
    assert "/api/events/{event_id}/label" in document["paths"]


def test_every_reference_leads_somewhere():
    document = schema.openapi()
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])


def test_every_operation_says_what_it_does():
    for path, operations in schema.openapi()["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], f"{method} {path}"


def test_it_is_printed_the_same_every_time(capsys):
    schema.main()
    first = capsys.readouterr().out
    schema.main()
    assert capsys.readouterr().out == first
    assert json.loads(first)["info"]["title"] == "Auscult"
