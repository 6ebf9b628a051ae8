"""MQTT against a real broker, where there is one."""

import json
import shutil
import socket
import subprocess
import time

import pytest

from auscult.errors import NotifyError, RecipeError
from auscult.live.notify.mqtt import Mqtt, safe

MOSQUITTO = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
PAYLOAD = {
    "id": "E1",
    "stream": "fan",
    "stream_name": "Fan",
    "kind": "anomaly",
    "status": "begun",
    "peak_ratio": 2.0,
}


@pytest.fixture
def broker(tmp_path):
    if MOSQUITTO is None:
        pytest.skip("there is no mosquitto here: apt-get install mosquitto")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(config)], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60.0
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield port
    process.terminate()
    process.wait(timeout=60)


@pytest.fixture
def heard(broker):
    """What is published, as a subscriber sees it."""
    from paho.mqtt import client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    got = {}
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _, __, message: got.update(
        {message.topic: (message.payload.decode(), message.retain, message.qos)}
    )
    client.connect("127.0.0.1", broker)
    client.subscribe("#", qos=1)
    client.loop_start()
    yield got
    client.disconnect()
    client.loop_stop()


def wait_for(topic, got):
    end = time.monotonic() + 60.0
    while topic not in got:
        assert time.monotonic() < end, got
        time.sleep(0.02)
    return got[topic]


def test_a_message_its_state_and_how_home_assistant_finds_it(broker, heard):
    channel = Mqtt(f"mqtt://127.0.0.1:{broker}/plant")
    channel.send("m1", PAYLOAD)
    text, _, qos = wait_for("plant/fan/event", heard)
    assert json.loads(text) == {"message_id": "m1", **PAYLOAD}
    assert qos == 1
    assert wait_for("plant/fan/state", heard)[0] == "ON"
    assert wait_for("plant/status", heard)[0] == "online"
    config = json.loads(wait_for("homeassistant/binary_sensor/plant_fan/config", heard)[0])
    assert config["state_topic"] == "plant/fan/state"
    assert config["device"]["name"] == "Fan"
    heard.clear()
    channel.send("m2", PAYLOAD | {"status": "ended"})
    assert wait_for("plant/fan/state", heard)[0] == "OFF"
    channel.close()
    assert wait_for("plant/status", heard)[0] == "offline"


def test_a_broker_that_is_not_there_is_a_failure_and_may_come_back():
    channel = Mqtt("mqtt://127.0.0.1:9")
    for _ in range(2):
        with pytest.raises(NotifyError, match="can't be reached"):
            channel.send("1", PAYLOAD)
    channel.close()


@pytest.mark.parametrize("name", ["#", "+/+", "a/b#c", "$SYS/x", "\x00", "送風機", "x" * 500])
def test_names_cannot_become_wildcards_or_levels(name):
    assert safe(name)
    assert not set(safe(name)) & set("#+/$\x00")
    assert len(safe(name)) <= 64


def test_a_machine_is_well_when_the_last_of_its_events_has_ended(broker, heard):
    channel = Mqtt(f"mqtt://127.0.0.1:{broker}")
    states = []
    for name, status in [("A", "begun"), ("B", "begun"), ("A", "ended"), ("B", "ended")]:
        channel.send(f"{name}{status}", PAYLOAD | {"id": name, "status": status})
        wait_for("auscult/fan/state", heard)
        states.append(heard.pop("auscult/fan/state")[0])
    channel.close()
    assert states == ["ON", "ON", "ON", "OFF"]


def test_visitors_share_one_device(broker, heard):
    channel = Mqtt(f"mqtt://127.0.0.1:{broker}")
    for number in range(3):
        event = PAYLOAD | {"id": str(number), "stream": f"browser-{number:08x}"}
        channel.send(str(number), event)
        assert wait_for(f"auscult/browser-{number:08x}/event", heard)
    assert wait_for("auscult/browser/state", heard)[0] == "ON"
    channel.close()
    assert sum(topic.endswith("/config") for topic in heard) == 1


def test_a_summary_tells_what_became_of_each(broker, heard):
    channel = Mqtt(f"mqtt://127.0.0.1:{broker}")
    ended = PAYLOAD | {"id": "B", "stream": "pump", "status": "ended"}
    summary = {"type": "summary", "messages": 12, "streams": ["Fan"], "events": [PAYLOAD, ended]}
    channel.send("s", summary)
    assert wait_for("auscult/fan/state", heard)[0] == "ON"
    assert wait_for("auscult/pump/state", heard)[0] == "OFF"
    assert json.loads(wait_for("auscult/all/event", heard)[0])["messages"] == 12
    channel.close()


def test_a_test_message_makes_no_machine(broker, heard):
    channel = Mqtt(f"mqtt://127.0.0.1:{broker}")
    channel.send("t", {"type": "test"})
    assert json.loads(wait_for("auscult/all/event", heard)[0])["type"] == "test"
    channel.close()
    assert not [topic for topic in heard if topic.endswith(("/config", "/state"))]


@pytest.mark.parametrize(
    "address", ["mqtt://", "mqtt://host/a/#", "mqtt://host/a+b", "mqtt://h/a//b"]
)
def test_an_address_that_is_none(address):
    with pytest.raises(RecipeError, match="mqtt"):
        Mqtt(address)
