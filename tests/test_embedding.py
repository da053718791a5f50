"""The default backbone through LiteRT: golden vectors, unit length, threads, no TensorFlow."""

import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from server.learning.backbones import get, list_backbones
from server.learning.embedding import Embedder, embed, embedder_of, unit_length
from server.learning.errors import InputError
from server.learning.pictures import decode_square
from tests.test_backbones import make_folder
from tools import make_golden

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).resolve().parent.parent
EMBEDDING = json.loads((GOLDEN / "embedding.json").read_text())


def squares(count):
    random = np.random.default_rng(0)
    small = random.integers(0, 256, (count, 14, 14, 3), np.uint8)
    return np.kron(small, np.ones((1, 16, 16, 1), np.uint8))


def test_golden_file_was_made_with_the_backbone_that_is_here():
    assert (EMBEDDING["backbone"], EMBEDDING["fingerprint"]) == (get().name, get().fingerprint)
    assert [case["file"] for case in EMBEDDING["cases"]] == ["photograph.png", "stored.jpg"]
    assert "embedding" in make_golden.FILES


@pytest.mark.parametrize("case", EMBEDDING["cases"], ids=lambda c: c["file"])
def test_golden_pictures_give_their_golden_vectors(case):
    square = decode_square((GOLDEN / case["file"]).read_bytes())
    expected = np.array(case["embedding"], np.float32)
    assert np.linalg.norm(expected) == pytest.approx(1, abs=1e-6)
    assert float(embed(get(), square)[0] @ expected) > 0.99999
    # JPEG decoders may differ in the last bit; PNG may not.
    if case["file"].endswith(".png"):
        assert hashlib.sha256(square.tobytes()).hexdigest() == case["square_sha256"]


def test_the_two_golden_pictures_are_nearly_the_same_to_the_backbone():
    photograph, stored = (np.array(case["embedding"]) for case in EMBEDDING["cases"])
    assert 0.97 < photograph @ stored < 0.99999


def test_together_equals_one_by_one_in_unit_rows():
    backbone, pictures = get(), squares(5)
    together = embed(backbone, pictures)
    assert together.shape == (5, backbone.embedding_size) and together.dtype == np.float32
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-6
    for picture, row in zip(pictures, together, strict=True):
        assert (embed(backbone, picture)[0] == row).all()
    assert embed(backbone, pictures[:0]).shape == (0, backbone.embedding_size)


def test_different_pictures_have_different_vectors():
    # Noise of one grain is one and the same thing to a network: patches from 112 pixels to 1.
    random = np.random.default_rng(0)
    grains = (112, 56, 28, 8, 2, 1)
    noise = [random.integers(0, 256, (224 // g, 224 // g, 3), np.uint8) for g in grains]
    pictures = [
        np.kron(n, np.ones((g, g, 1), np.uint8)) for n, g in zip(noise, grains, strict=True)
    ]
    vectors = embed(get(), np.stack(pictures))
    off_diagonal = (vectors @ vectors.T)[~np.eye(len(grains), dtype=bool)]
    assert off_diagonal.max() < 0.99


def test_threads_share_one_embedder_and_get_their_own_answers():
    backbone, pictures = get(), squares(4)
    expected = embed(backbone, pictures)
    found = {}

    def work(i):
        found[i] = [embedder_of(backbone).embed(pictures[i]) for _ in range(10)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert embedder_of(backbone) is embedder_of(get())
    for i, answers in found.items():
        assert all((answer[0] == expected[i]).all() for answer in answers)


def test_unit_length_leaves_zero_rows_and_survives_extreme_ones():
    rows = np.array([[0, 0], [3, 4], [1e-30, 0], [3e30, 4e30]], np.float32)
    expected = [[0, 0], [0.6, 0.8], [1, 0], [0.6, 0.8]]
    assert np.allclose(unit_length(rows), expected, atol=1e-6)


def test_backbone_without_a_top_names_nothing():
    assert Embedder(get()).classify(squares(1)[0]) == []


def test_backbones_with_a_top_name_what_they_see():
    with_top = [b for b in list_backbones().backbones if b.has_top]
    for backbone in with_top:  # the default has none; converted ones are tested where they are
        names = embedder_of(backbone).classify(squares(1)[0], top=3)
        probabilities = [name["probability"] for name in names]
        assert len(names) == 3 and probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1 and set(names[0]) == {"id", "name", "probability"}


def test_file_that_is_no_model_is_named(tmp_path):
    from server.learning.backbones import load_backbone

    with pytest.raises(InputError, match="eyes cannot be loaded") as caught:
        Embedder(load_backbone(make_folder(tmp_path)))
    assert caught.value.kind == "mismatch"


def test_neither_tensorflow_nor_litert_is_imported_before_it_is_needed():
    program = """
import sys
import server.formats.registry, server.learning.embedding, server.learning.knn
assert "ai_edge_litert" not in sys.modules
import numpy
from server.learning.backbones import get
server.learning.embedding.embed(get(), numpy.zeros((224, 224, 3), numpy.uint8))
found = [n for n in sys.modules if n.split(".")[0] in ("tensorflow", "keras", "tf_keras")]
assert not found, found
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
