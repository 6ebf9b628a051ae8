"""MQTT, with the messages by which Home Assistant finds a machine by itself."""

import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import unquote, urlsplit

from auscult.errors import MissingExtra, NotifyError, RecipeError
from auscult.live.notify.words import shown

TIMEOUT_S = 10.0
TOPIC = "auscult"
DISCOVERY = "homeassistant"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def safe(name: str) -> str:
    """A name as part of a topic: nothing that a broker reads as a wildcard or a level.

    Examples
    --------
    >>> safe("Fan/+/#1")
    'Fan_1'
    """
    return _UNSAFE.sub("_", name).strip("_")[:64] or "stream"


class Mqtt:
    """Publishes messages to a broker, quality of service 1.

    Topics: `auscult/STREAM/event` (each message), `auscult/STREAM/state` (`ON` while an event goes on, retained), `auscult/status`
    (`online`, or `offline` as the last will).

    Parameters
    ----------
    address
        `mqtt://user:password@host:1883/topic` or `mqtts://…:8883/topic`; the topic stands in place of `auscult`.

    Raises
    ------
    RecipeError
        If it has no host.
    MissingExtra
        If paho-mqtt is not there.
    """

    def __init__(self, address: str) -> None:
        try:
            from paho.mqtt import client as paho
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError:
            raise MissingExtra("MQTT", "notify") from None
        parts = urlsplit(address)
        if not parts.hostname:
            raise RecipeError(
                f"{shown(address)} names no broker.", "mqtt://HOST or mqtts://HOST", "Change it."
            )
        self.name = shown(address)
        self._topic = "/".join(safe(part) for part in parts.path.split("/") if part) or TOPIC
        self._host = parts.hostname
        is_secure = parts.scheme == "mqtts"
        self._port = parts.port or (8883 if is_secure else 1883)
        self._announced: set[str] = set()
        self._is_started = False
        self._ok = paho.MQTT_ERR_SUCCESS
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if is_secure:
            self._client.tls_set()
        self._client.connect_timeout = TIMEOUT_S
        self._client.reconnect_delay_set(1, 60)
        self._client.will_set(f"{self._topic}/status", "offline", qos=1, retain=True)
        self._client.on_connect = lambda *_: self._on_connect()

    def send(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Publish one message; it counts when the broker has confirmed it."""
        self._connect()
        stream = safe(str(payload.get("stream", "all")))
        if payload.get("type") != "summary":
            self._announce(stream, str(payload["stream_name"]))
            self._publish(
                f"{stream}/state", "OFF" if payload["status"] == "ended" else "ON", retain=True
            )
        text = json.dumps({"id": message_id, **payload}, ensure_ascii=False, allow_nan=False)
        self._publish(f"{stream}/event", text)

    def close(self) -> None:
        """Say goodbye to the broker."""
        if self._is_started:
            if self._client.is_connected():
                self._publish("status", "offline", retain=True)
            self._client.disconnect()
            self._client.loop_stop()
            self._is_started = False

    def _connect(self) -> None:
        if self._is_started:
            return
        try:
            self._client.connect(self._host, self._port, keepalive=30)
        except OSError as error:
            raise NotifyError(f"{self.name} can't be reached: {error.strerror or error}.") from None
        self._client.loop_start()
        self._is_started = True

    def _on_connect(self) -> None:
        # Whoever restarted may have forgotten us.
        self._announced.clear()
        self._client.publish(f"{self._topic}/status", "online", qos=1, retain=True)

    def _announce(self, stream: str, name: str) -> None:
        if stream in self._announced:
            return
        unique = f"{self._topic.replace('/', '_')}_{stream}"
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
        self._publish(
            f"{DISCOVERY}/binary_sensor/{unique}/config", json.dumps(told), retain=True, whole=True
        )
        self._announced.add(stream)

    def _publish(self, topic: str, text: str, *, retain: bool = False, whole: bool = False) -> None:
        place = topic if whole else f"{self._topic}/{topic}"
        sent = self._client.publish(place, text, qos=1, retain=retain)
        try:
            sent.wait_for_publish(TIMEOUT_S)
        except (RuntimeError, ValueError) as error:
            raise NotifyError(f"{self.name}: {error}") from None
        if sent.rc != self._ok or not sent.is_published():
            raise NotifyError(f"{self.name} did not confirm the message within {TIMEOUT_S:g} s.")
