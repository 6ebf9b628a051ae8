"""MQTT, with the messages by which Home Assistant finds a machine by itself."""

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from threading import Event
from typing import Any
from urllib.parse import unquote

from auscult.errors import MissingExtra, NotifyError, RecipeError
from auscult.live.notify.words import name_of, parts_of, shown

TIMEOUT_S = 10.0
GOODBYE_S = 2.0
TOPIC = "auscult"
DISCOVERY = "homeassistant"
_MAX_QUEUED = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_NO_TOPIC = re.compile(r"[#+$\x00-\x1f]|//")
# Streams that last as long as a visit share one device: each would stay in Home Assistant for ever.
_VISITORS = re.compile(r"(browser|legacy)-[0-9a-f]+")
_EXPECTED = "mqtt://HOST/TOPIC or mqtts://HOST/TOPIC, and a topic without # + $"


def safe(name: str) -> str:
    """A name as part of a topic: nothing that a broker reads as a wildcard or a level; different names stay different.

    Examples
    --------
    >>> safe("fan-1"), safe("Fan/+/#1"), safe("送風機")
    ('fan-1', 'Fan_1-c1243a', 'stream-bab6f2')
    """
    plain = _UNSAFE.sub("_", name).strip("_")[:50]
    if plain == name:
        return plain
    return f"{plain or 'stream'}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:6]}"


class Mqtt:
    """Publishes messages to a broker, quality of service 1.

    Topics: `auscult/STREAM/event` (each message), `auscult/STREAM/state` (`ON` while an event goes on, retained), `auscult/status`
    (`online`, or `offline` as the last will), `auscult/all/event` (summaries and tests).

    Parameters
    ----------
    address
        `mqtt://user:password@host:1883/topic` or `mqtts://…:8883/topic`; the topic stands in place of `auscult`.

    Raises
    ------
    RecipeError
        If it names no host, or no topic that can be published to.
    MissingExtra
        If paho-mqtt is not there.
    """

    def __init__(self, address: str) -> None:
        try:
            from paho.mqtt import client as paho
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError:
            raise MissingExtra("MQTT", "notify") from None
        parts = parts_of(address, expected=_EXPECTED)
        self.name = name_of(address)
        self._topic = unquote(parts.path).strip("/") or TOPIC
        if "#" in address or _NO_TOPIC.search(self._topic):
            raise RecipeError(
                f"{shown(address)} names no topic to publish to.",
                _EXPECTED,
                "Change it.",
                code="channel_wrong",
            )
        self._host = str(parts.hostname)
        is_secure = parts.scheme == "mqtts"
        self._port = parts.port or (8883 if is_secure else 1883)
        self._announced: set[str] = set()
        self._going_on: dict[str, set[str]] = {}
        self._is_started = False
        self._connected = Event()
        self._refusal = "no answer"
        self._ok = paho.MQTT_ERR_SUCCESS
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.max_queued_messages_set(_MAX_QUEUED)
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if is_secure:
            self._client.tls_set()
        self._client.connect_timeout = TIMEOUT_S
        self._client.reconnect_delay_set(1, 60)
        self._client.will_set(f"{self._topic}/status", "offline", qos=1, retain=True)
        self._client.on_connect = lambda _, __, ___, code, *____: self._on_connect(code)
        self._client.on_disconnect = lambda *_: self._connected.clear()

    def send(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Publish one message; it counts when the broker has confirmed it."""
        self._connect()
        is_of_all = payload.get("type") in ("summary", "test")
        for event in payload.get("events", ()) if is_of_all else (payload,):
            self._tell_state(event)
        place = "all" if is_of_all else safe(str(payload["stream"]))
        # Of each message its own name, so that a second copy is known; "id" is the event's.
        told = {**payload, "message_id": message_id}
        self._publish(f"{self._topic}/{place}/event", json.dumps(told))

    def close(self) -> None:
        """Say goodbye to the broker."""
        if not self._is_started:
            return
        if self._client.is_connected():
            with contextlib.suppress(
                NotifyError
            ):  # a broker that does not answer is not waited for
                self._publish(f"{self._topic}/status", "offline", retain=True, timeout_s=GOODBYE_S)
        self._client.disconnect()
        self._client.loop_stop()
        self._is_started = False

    def _connect(self) -> None:
        if not self._is_started:
            try:
                self._client.connect(self._host, self._port, keepalive=30)
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                raise NotifyError(f"{self.name} can't be reached: {reason}.") from None
            # From here on it comes back by itself, one attempt at a time.
            self._client.loop_start()
            self._is_started = True
        if not self._connected.wait(TIMEOUT_S):
            raise NotifyError(f"{self.name} can't be reached: {self._refusal}.")

    def _on_connect(self, code: Any) -> None:
        if code.is_failure:
            self._refusal = str(code)
            return
        # Whoever restarted may have forgotten us.
        self._announced.clear()
        self._client.publish(f"{self._topic}/status", "online", qos=1, retain=True)
        self._refusal = "the connection was lost"
        self._connected.set()

    def _tell_state(self, event: Mapping[str, Any]) -> None:
        """Of several events of one stream the last that ends is the end."""
        stream, name = safe(str(event["stream"])), str(event["stream_name"])
        if visitor := _VISITORS.fullmatch(stream):
            stream = name = visitor[1]
        self._announce(stream, name)
        going_on = self._going_on.setdefault(stream, set())
        if event["status"] == "ended":
            going_on.discard(str(event["id"]))
        else:
            going_on.add(str(event["id"]))
        self._publish(f"{self._topic}/{stream}/state", "ON" if going_on else "OFF", retain=True)
        if not going_on:
            del self._going_on[stream]

    def _announce(self, stream: str, name: str) -> None:
        if stream in self._announced:
            return
        unique = safe(f"{self._topic.replace('/', '_')}_{stream}")
        told = {
            "name": None,
            "unique_id": unique,
            "device_class": "problem",
            "state_topic": f"{self._topic}/{stream}/state",
            "json_attributes_topic": f"{self._topic}/{stream}/event",
            "availability_topic": f"{self._topic}/status",
            "device": {
                "identifiers": [unique],
                "name": name,
                "sw_version": f"Auscult {version('auscult')}",
            },
            "origin": {"name": "Auscult", "sw_version": version("auscult")},
        }
        self._publish(f"{DISCOVERY}/binary_sensor/{unique}/config", json.dumps(told), retain=True)
        self._announced.add(stream)

    def _publish(
        self, topic: str, text: str, *, retain: bool = False, timeout_s: float = TIMEOUT_S
    ) -> None:
        sent = self._client.publish(topic, text, qos=1, retain=retain)
        try:
            sent.wait_for_publish(timeout_s)
        except (RuntimeError, ValueError) as error:
            raise NotifyError(f"{self.name}: {error}") from None
        if sent.rc != self._ok or not sent.is_published():
            raise NotifyError(f"{self.name} did not confirm the message within {timeout_s:g} s.")
