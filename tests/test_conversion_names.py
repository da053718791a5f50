"""How a NAME on the command line is read, and which files Keras publishes."""

import pytest

from server.conversion.errors import ConversionError
from server.conversion.names import FAMILIES, published_file, read_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mobilenet_v2_0.35_224", ("mobilenet_v2", 0.35, 224)),
        ("mobilenet_v2", ("mobilenet_v2", 1.0, 224)),
        ("MobileNetV2", ("mobilenet_v2", 1.0, 224)),
        ("MobileNet", ("mobilenet_v1", 1.0, 224)),
        ("mobilenet_0.25_128", ("mobilenet_v1", 0.25, 128)),
        ("mobilenetv2-1.40-96", ("mobilenet_v2", 1.4, 96)),
        ("MobileNetV3Small", ("mobilenet_v3_small", 1.0, 224)),
        ("mobilenet_v3_large_0.75", ("mobilenet_v3_large", 0.75, 224)),
        ("mobilenet_v3_large_minimalistic_160", ("mobilenet_v3_large_minimalistic", 1.0, 160)),
        ("my_eyes_2", (None, None, None)),
        ("showtell_v2", (None, None, None)),
    ],
)
def test_a_name_is_read_as_family_width_and_size(name, expected):
    choice = read_name(name)
    assert (choice.family, choice.alpha, choice.size) == expected


def test_options_overrule_the_name_and_the_folder_says_what_is_in_it():
    assert read_name("MobileNetV2", 0.5, 160).name == "mobilenet_v2_0.50_160"
    assert read_name("mobilenet_v2_0.35_224", 1.3, 96).name == "mobilenet_v2_1.30_96"
    assert read_name("my_eyes", 0.5, 128).name == "my_eyes"


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "A b", "x" * 65, "nul\0"])
def test_a_name_that_cannot_be_a_folder_is_refused(name):
    with pytest.raises(ConversionError, match="cannot be a folder's name"):
        read_name(name)


@pytest.mark.parametrize(("alpha", "size"), [(0.0, 224), (9.0, 224), (1.0, 16), (1.0, 4096)])
def test_widths_and_sizes_out_of_range_are_refused(alpha, size):
    with pytest.raises(ConversionError, match="out of range"):
        read_name("mobilenet_v2", alpha, size)


@pytest.mark.parametrize(
    ("name", "top", "file_name"),
    [
        ("mobilenet_v1_0.25_128", True, "mobilenet_2_5_128_tf.h5"),
        ("mobilenet_v1_1.00_224", False, "mobilenet_1_0_224_tf_no_top.h5"),
        (
            "mobilenet_v2_0.35_224",
            False,
            "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5",
        ),
        ("mobilenet_v3_small_0.75", True, "weights_mobilenet_v3_small_224_0.75_float.h5"),
        (
            "mobilenet_v3_large_minimalistic",
            False,
            "weights_mobilenet_v3_large_minimalistic_224_1.0_float_no_top_v2.h5",
        ),
    ],
)
def test_the_published_file_is_the_one_that_keras_names(name, top, file_name):
    found, url, md5 = published_file(read_name(name), top)
    assert found == file_name and url.endswith(f"/{file_name}")
    assert (md5 is not None) == name.startswith("mobilenet_v3")


def test_every_published_choice_has_an_address_and_v3_a_hash_for_each_file():
    for family in FAMILIES.values():
        assert len(family.md5) in (0, 2 * len(family.alphas))
        assert all(len(md5) == 32 for md5 in family.md5.values())
    for key, family in FAMILIES.items():
        for alpha in family.alphas:
            for size in family.sizes:
                for top in (True, False):
                    assert published_file(read_name(key, alpha, size), top)[1].startswith("https:")


def test_what_keras_does_not_publish_is_said_with_what_it_does():
    with pytest.raises(ConversionError, match=r"alpha 0\.25, 0\.5, 0\.75, 1 and size 128, 160"):
        published_file(read_name("mobilenet_v1_0.30_128"), True)
    with pytest.raises(ConversionError, match="--weights"):
        published_file(read_name("mobilenet_v2_1.00_100"), True)
