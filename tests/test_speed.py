"""How long a backbone takes for a picture: measured once."""

import threading

from server.learning import speed
from server.learning.backbones import DEFAULT_NAME, get


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
