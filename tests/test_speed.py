"""How long a backbone takes for a picture: measured once."""

import threading
from dataclasses import replace

import pytest

from server.learning import speed
from server.learning.backbones import DEFAULT_NAME, get
from server.learning.errors import InputError


def test_a_backbone_is_measured_once_however_many_ask(monkeypatch):
    backbone = get(DEFAULT_NAME)
    monkeypatch.setattr(speed, "_measured", {})
    measured = []
    real = speed.measure
    monkeypatch.setattr(speed, "measure", lambda one: measured.append(one) or real(one))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(speed.speed_of(backbone))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(measured) == 1 and len(set(found)) == 1
    assert 0 < found[0].milliseconds < 1000
    assert speed.FEWEST <= found[0].pictures <= speed.MOST


def test_a_slow_backbone_is_given_up_early(monkeypatch):
    monkeypatch.setattr(speed, "SECONDS", 0)
    assert speed.measure(get(DEFAULT_NAME)).pictures == speed.FEWEST


def test_a_backbone_that_cannot_be_run_is_told_and_not_remembered(monkeypatch):
    backbone = get(DEFAULT_NAME)
    # Loads, but gives another count of numbers than it says.
    wrong = replace(backbone, embedding_size=backbone.embedding_size + 1, fingerprint="0" * 64)
    monkeypatch.setattr(speed, "_measured", {})
    with pytest.raises(InputError, match=f"{DEFAULT_NAME} cannot be run") as raised:
        speed.speed_of(wrong)
    assert raised.value.kind == "mismatch" and raised.value.hint
    assert speed._measured == {}
