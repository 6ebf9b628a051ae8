"""The schema that the page's types are made from: what is answered over HTTP, and the messages of the sockets.

python -m auscult.server.schema > schema.json
"""

import json
import sys
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from auscult.server import messages
from auscult.server.app import create_app
from auscult.server.settings import Settings

_REFERENCE = "#/components/schemas/{model}"


def openapi() -> dict[str, Any]:
    """OpenAPI of the server, with every message of `auscult.server.messages` among its schemas."""
    document = create_app(Settings.model_construct()).openapi()
    kept = document["components"]["schemas"]
    _, found = models_json_schema(
        [(model, "serialization") for model in socket_messages()], ref_template=_REFERENCE
    )
    return document | {"components": {"schemas": {**found.get("$defs", {}), **kept}}}


def socket_messages() -> list[type[BaseModel]]:
    """All types of messages, in the order of their names."""
    found = vars(messages).items()
    return [
        value
        for name, value in sorted(found)
        if isinstance(value, type) and issubclass(value, BaseModel) and not name.startswith("_")
        if value is not BaseModel
    ]


def main() -> None:
    """Print it."""
    sys.stdout.write(json.dumps(openapi(), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
