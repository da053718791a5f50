"""The table of settings, the environment, and that each setting is documented."""

from pathlib import Path

import pytest

from server.settings import SETTINGS, SettingError, Settings, is_loopback

ROOT = Path(__file__).resolve().parent.parent


def test_without_anything_set_the_server_is_local_and_keeps_data_in_one_folder():
    settings = Settings.from_environ({})
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 5000, "")
    assert settings.loopback and settings.scheme == "http"
    assert settings.data == ROOT / "instance"
    assert settings.database_url.endswith("instance/showtell.sqlite3")
    assert settings.blob_folder == settings.data / "blobs"


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("PORT", "8080", "port", 8080),
        ("SHOWTELL_PORT", "8081", "port", 8081),
        ("SHOWTELL_DATA", "/some/folder", "data", Path("/some/folder")),
        ("SHOWTELL_ALLOWED_HOSTS", "One.example, two.example", "allowed_hosts",
         ("one.example", "two.example")),
        ("SHOWTELL_TLS", "yes", "tls", True),
        ("SHOWTELL_TLS", "off", "tls", False),
        ("SHOWTELL_MAX_UPLOAD", "1.5M", "max_upload", 3 * 512 * 1024),
        ("SHOWTELL_MAX_UPLOAD", "1000", "max_upload", 1000),
        ("SHOWTELL_MODELS", "/a:/b", "models", (Path("/a"), Path("/b"))),
        ("SHOWTELL_LOG_LEVEL", "INFO", "log_level", "info"),
    ],
)  # fmt: skip
def test_the_environment_sets(variable, text, name, value):
    assert getattr(Settings.from_environ({variable: text}), name) == value


def test_the_command_line_wins_over_showtell_names_which_win_over_host_and_port():
    environ = {"PORT": "1001", "SHOWTELL_PORT": "1002"}
    assert Settings.from_environ(environ).port == 1002
    assert Settings.from_environ(environ, port="1003").port == 1003
    assert Settings.from_environ(environ, port=None).port == 1002


def test_an_empty_variable_counts_as_not_set():
    assert Settings.from_environ({"SHOWTELL_PORT": "", "PORT": " "}).port == 5000


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("PORT", "http", "whole number from 1 to 65535"),
        ("SHOWTELL_PORT", "70000", "whole number from 1 to 65535"),
        ("SHOWTELL_TLS", "maybe", "yes or no"),
        ("SHOWTELL_MAX_UPLOAD", "-3", "number of bytes"),
        ("SHOWTELL_MAX_UPLOAD", "12X", "number of bytes"),
        ("SHOWTELL_LOG_LEVEL", "loud", "debug, info"),
        ("SHOWTELL_REQUEST_SECONDS", "nan", "number from 1 to 3600"),
    ],
)
def test_a_bad_value_names_variable_value_and_what_was_expected(variable, text, expected):
    with pytest.raises(SettingError) as error:
        Settings.from_environ({variable: text})
    assert variable in str(error.value)
    assert repr(text) in str(error.value)
    assert expected in str(error.value)


def test_an_unknown_variable_is_told_with_the_likely_one():
    settings = Settings.from_environ({"SHOWTELL_DATTA": "x", "SHOWTELL_XYZZY": "y", "OTHER": "z"})
    assert len(settings.warnings) == 2
    assert "SHOWTELL_DATTA" in settings.warnings[0]
    assert "Did you mean 'SHOWTELL_DATA'?" in settings.warnings[0]
    assert "Did you mean" not in settings.warnings[1]


def test_an_unknown_name_is_refused_with_the_likely_one():
    with pytest.raises(SettingError, match="Did you mean 'port'"):
        Settings({"prot": 1})
    with pytest.raises(SettingError, match="Did you mean 'port'"):
        Settings.from_environ({}, prot="1")
    with pytest.raises(AttributeError):
        Settings().prot  # noqa: B018


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.9.9.9", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("localhost.example", False)],
)  # fmt: skip
def test_loopback_addresses_are_told_from_others(host, local):
    assert is_loopback(host) is local


def test_every_setting_is_documented_with_its_variable_and_no_other_is():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    import re

    documented = set(re.findall(r"^\| `(SHOWTELL_[A-Z_]+)`", text, re.M))
    assert documented == {setting.variable for setting in SETTINGS}
    for setting in SETTINGS:
        option = f"`--{setting.name.replace('_', '-')}`"
        assert option in text, f"docs/settings.md does not name {option}"
