"""What a distillation learns from: configuration, pictures, views, principal components."""

import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from server.learning.backbones import get
from tools.distil.config import Config, Phase, TrainingError, from_document, read
from tools.distil.networks import principal_components
from tools.distil.pictures import SHORT_SIDE, read_pictures
from tools.distil.views import ViewMaker, ahead, random_box


def picture(seed, size=(90, 70)):
    """Draw stripes and a disc that depend on the seed."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0 : size[1], 0 : size[0]] / max(size)
    colours = random.uniform(0, 255, (2, 3))
    stripes = np.sin(random.uniform(8, 40) * (x + random.uniform(-1, 1) * y)) > 0
    pixels = np.where(stripes[..., None], colours[0], colours[1])
    disc = np.hypot(x - random.random(), y - random.random() * 0.7) < random.uniform(0.1, 0.3)
    pixels[disc] = random.uniform(0, 255, 3)
    return Image.fromarray(pixels.astype(np.uint8))


def write_pictures(folder, count, size=(90, 70), first=0):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        picture(first + i, size).save(folder / f"{i:03}.png")
    return folder


@pytest.fixture
def pictures(tmp_path):
    return read_pictures([write_pictures(tmp_path / "p", 40)], 0.2)


def test_a_configuration_survives_its_file(tmp_path):
    config = Config(seed=7, phases=(Phase("blocks", 3), Phase("whole", 5, size=64)))
    path = tmp_path / "training.json"
    path.write_text(json.dumps({**config.document(), "run": {"hours": 1}}))
    assert read(path) == config


def test_a_configuration_fills_in_what_is_left_out():
    config = from_document(
        {"format": "showtell-training", "version": 1, "views": {"cutmix": 0.5}, "seed": 3}
    )
    default = Config()
    assert config == dataclasses.replace(
        default, seed=3, views=dataclasses.replace(default.views, cutmix=0.5)
    )


def test_the_built_in_eyes_keep_the_configuration_that_is_the_default():
    backbone = get()
    config = read(backbone.folder / "training.json")
    assert config == Config()
    assert (config.size, config.embedding) == (backbone.input_size, backbone.embedding_size)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, 'with "format"'),
        ({"version": 9}, "version is 9; expected 1"),
        ({"sizes": 3}, "no field sizes; there are teacher"),
        ({"views": {"cut": 1}}, "no field views.cut"),
        ({"views": {"cutmix": 2}}, "views.cutmix is 2; expected 0 to 1"),
        ({"embedding": "many"}, "embedding is 'many'; expected a number"),
        ({"phases": []}, "number of phases is 0"),
        ({"phases": [{"kind": "half", "steps": 1}]}, r"phases\[0\].kind is 'half'"),
        ({"phases": [{"kind": "whole"}]}, "steps"),
        ({"phases": [{"kind": "whole", "steps": 0}]}, r"phases\[0\].steps is 0"),
        ({"phases": 3}, "phases is 3; expected a list"),
        ({"phases": [{"kind": "whole", "steps": 2.5}]}, r"steps is 2.5; expected a whole number"),
        ({"seed": -1}, "seed is -1; expected 0"),
        ({"seed": True}, "seed is True; expected a number"),
        ({"views": {"scale": [0.5]}}, r"views.scale is \(0.5,\); expected the smallest"),
        ({"views": {"small_scale": [0.9, 0.5]}}, "views.small_scale is"),
        ({"objective": {"temperature": 0}}, "objective.temperature is 0; expected 0.01"),
        ({"objective": {"cosine": -1}}, "objective.cosine is -1; expected 0 to"),
        ({"objective": 3}, "objective.is 3|objective. is 3|objective.*3; expected an object"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused(change, message):
    with pytest.raises(TrainingError, match=message):
        from_document({"format": "showtell-training", "version": 1, **change})


def test_pictures_come_from_folders_and_zips_and_broken_ones_are_named(tmp_path):
    folder = write_pictures(tmp_path / "a" / "b", 30)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    (folder / "notes.txt").write_text("no picture")
    (folder / "folder.png").mkdir()
    with zipfile.ZipFile(tmp_path / "small.zip", "w") as archive:
        for i in range(30):
            data = io.BytesIO()
            picture(100 + i, (32, 32)).save(data, "PNG")
            archive.writestr(f"{i}.png", data.getvalue())
        archive.writestr("rotten.png", b"rotten" * 50)
    packed = (tmp_path / "small.zip").read_bytes()
    (tmp_path / "small.zip").write_bytes(packed.replace(b"rotten" * 50, b"ROTTEN" * 50))
    found = read_pictures([tmp_path / "a", tmp_path / "small.zip"], 0.2)
    assert found.unreadable == ["b/broken.jpg", "rotten.png"]
    assert len(found.large) + len(found.held_out) == 30
    assert 15 <= len(found.small) <= 29
    assert {p.size for p in found.held_out} == {(90, 70)}


def test_what_is_held_out_depends_on_contents_alone(tmp_path):
    first = read_pictures([write_pictures(tmp_path / "a", 40)], 0.25)
    (tmp_path / "c").mkdir()
    for i, path in enumerate(sorted((tmp_path / "a").iterdir(), reverse=True)):
        (tmp_path / "c" / f"other{i}.png").write_bytes(path.read_bytes())
    again = read_pictures([tmp_path / "c"], 0.25)
    held = [{p.tobytes() for p in found.held_out} for found in (first, again)]
    assert held[0] == held[1]
    assert held[0].isdisjoint(p.tobytes() for p in again.large)


def test_large_pictures_are_shrunk_once(tmp_path):
    found = read_pictures([write_pictures(tmp_path / "a", 12, (800, 640))], 0.3)
    assert {p.size for p in found.large} == {(400, SHORT_SIDE)}


@pytest.mark.parametrize(("name", "message"), [("none", "neither a folder"), ("few", "Found")])
def test_too_little_to_learn_from_is_refused(tmp_path, name, message):
    write_pictures(tmp_path / "few", 3)
    with pytest.raises(TrainingError, match=message):
        read_pictures([tmp_path / name], 0.2)


def test_a_batch_follows_from_seed_and_number(pictures):
    views = Config().views
    first, second = ViewMaker(pictures, views, 1), ViewMaker(pictures, views, 1)
    second.batch(4, 8, 32)
    np.testing.assert_array_equal(first.batch(5, 8, 32), second.batch(5, 8, 32))
    assert np.abs(first.batch(5, 8, 32) - first.batch(6, 8, 32)).max() > 0.5
    assert np.abs(first.batch(5, 8, 32) - ViewMaker(pictures, views, 2).batch(5, 8, 32)).max() > 0.5


def test_views_are_pixels_in_the_networks_range_and_differ(pictures):
    batch = ViewMaker(pictures, Config().views, 1).batch(0, 64, 48)
    assert batch.shape == (64, 48, 48, 3) and batch.dtype == np.float32
    assert -1 <= batch.min() < -0.5 and 0.5 < batch.max() <= 1
    assert len({view.tobytes() for view in batch}) == 64


def test_without_mixing_each_view_is_a_crop_of_one_picture(pictures):
    plain = dataclasses.replace(Config().views, cutmix=0, mixup=0, colour=0, blur=0)
    mixed = dataclasses.replace(plain, cutmix=1)
    # A flat picture's crop is flat; a rectangle of another one shows.
    pictures.large[:] = [Image.new("RGB", (60, 60), (i * 5, 0, 0)) for i in range(30)]
    for views, most in ((plain, 0), (mixed, 64)):
        batch = ViewMaker(pictures, views, 1).batch(0, 64, 16)
        uneven = int((np.ptp(batch[..., 0].reshape(64, -1), axis=1) > 1e-6).sum())
        assert uneven <= most and (uneven > 40) == (most > 0)


def test_boxes_stay_inside_and_keep_their_area():
    random = np.random.default_rng(0)
    for _ in range(500):
        left, top, right, bottom = random_box(random, (120, 80), 0.1, 0.5)
        assert left >= 0 and top >= 0 and right <= 120 + 1e-9 and bottom <= 80 + 1e-9
        assert 0.099 < (right - left) * (bottom - top) / 9600 < 0.501


def test_batches_made_ahead_come_in_order_and_stop_early(pictures):
    maker = ViewMaker(pictures, Config().views, 1)
    got = list(ahead(maker, range(3, 9), 4, 16, depth=2))
    for number, batch in zip(range(3, 9), got, strict=True):
        np.testing.assert_array_equal(batch, maker.batch(number, 4, 16))
    batches = ahead(maker, range(10_000_000), 4, 16)
    next(batches)
    batches.close()


def test_principal_components_keep_what_differs_most():
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.normal(size=(20, 20)))[0]
    features = 5 + (random.normal(size=(400, 20)) * np.geomspace(10, 0.01, 20)) @ axes
    found = principal_components(features, 6, whitening=0)
    embedded = features @ found.kernel + found.bias
    assert np.abs(embedded.mean(axis=0)).max() < 1e-4
    assert np.linalg.norm(embedded, axis=1).mean() == pytest.approx(1, abs=1e-4)
    assert found.kept > 0.98
    spreads = embedded.std(axis=0)
    assert (np.diff(spreads) < 0).all() and spreads[0] / spreads[-1] > 5
    white = principal_components(features, 6, whitening=1)
    spreads = (features @ white.kernel + white.bias).std(axis=0)
    np.testing.assert_allclose(spreads, spreads[0], rtol=1e-3)


def test_more_components_than_features_are_refused():
    with pytest.raises(TrainingError, match="embedding is 30; expected at most 20"):
        principal_components(np.zeros((50, 20)), 30, 0.5)


def test_features_that_never_differ_are_refused():
    with pytest.raises(TrainingError, match="the same features for every picture"):
        principal_components(np.ones((50, 20)), 4, 0.5)
