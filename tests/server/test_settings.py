"""Settings: every one that cannot be kept is refused by its name, with its remedy, before anything starts."""

import dataclasses

import pytest

from lastwords.server import settings
from lastwords.server.addresses import is_loopback
from lastwords.server.refusals import BadSettings
from lastwords.server.settings import Mail, Settings, check, read, write


def good(tmp_path, **changes):
    chosen = Settings(
        data=tmp_path,
        origin="https://words.example.org",
        mail=Mail("mail.example.org", 587, "words@example.org", "starttls"),
        host_mail="host@example.org",
    )
    return dataclasses.replace(chosen, **changes)


def test_written_settings_are_read_back_as_they_were(tmp_path):
    chosen = good(tmp_path, name='Words "quoted" \\ here', zone="Europe/Lisbon", quota=2**21)
    write(chosen)
    assert read(tmp_path) == dataclasses.replace(chosen, data=tmp_path.resolve())
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


BAD = {
    "origin": [
        "http://words.example.org",
        "words.example.org",
        "https://words.example.org/path",
        "ftp://x",
        "",
    ],
    "host_mail": ["host", "a@b c", "a@b\nBcc: c@d"],
    "bind": ["8443", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x"],
    "zone": ["Konoha", "", "../etc/passwd"],
    "pulse": [0, 5, 601],
    "quota": [0],
    "threads": [0, 1, 65],
    "name": ["", " ", "two\nlines"],
}
CASES = [(name, value) for name, values in BAD.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_setting_that_cannot_be_kept_is_named_with_its_remedy(tmp_path, name, value):
    with pytest.raises(BadSettings) as refused:
        check(good(tmp_path, **{name: value}))
    assert f"The setting {name} cannot be used" in refused.value.happened
    assert refused.value.do


MAIL = [
    (Mail("mail.example.org", 25, "words@example.org", "none"), "mail.tls"),
    (Mail("mail.example.org", 0, "words@example.org", "tls"), "mail.port"),
    (Mail("mail.example.org", 25, "words", "tls"), "mail.sender"),
    (Mail("mail.example.org", 25, "words@example.org", "ssl"), "mail.tls"),
    (Mail("mail.example.org", 25, "words@example.org", "tls", reply_to="answers"), "mail.reply_to"),
    (Mail("mail.example.org", 25, "words@example.org", "tls", user="me"), "mail.password_file"),
]


@pytest.mark.parametrize(("mail", "name"), MAIL)
def test_a_mail_setting_that_cannot_be_kept_is_named_too(tmp_path, mail, name):
    with pytest.raises(BadSettings) as refused:
        check(good(tmp_path, mail=mail))
    assert f"The setting {name} cannot be used" in refused.value.happened


REST = 'host_mail = "a@b.c"\n[mail]\nhost = "h"\nport = 1\nsender = "a@b.c"\n'
TEXTS = {
    "origin": REST,
    "mail.port": 'origin = "https://a.b"\nhost_mail = "a@b.c"\n[mail]\nhost = "h"\nport = "25"\nsender = "a@b.c"\n',
    "colour": f'colour = 1\norigin = "https://a.b"\n{REST}',
    "mail": 'mail = 7\norigin = "https://a.b"\nhost_mail = "a@b.c"\n',
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_with_a_missing_unknown_or_mistyped_setting_names_it(tmp_path, name):
    (tmp_path / "settings.toml").write_text(TEXTS[name])
    with pytest.raises(BadSettings) as refused:
        read(tmp_path)
    assert f"The setting {name} cannot be used" in refused.value.happened


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"not toml at all ["])
def test_settings_that_cannot_be_read_stop_the_start(tmp_path, content):
    if content is not None:
        (tmp_path / "settings.toml").write_bytes(content)
    with pytest.raises(BadSettings) as refused:
        read(tmp_path)
    assert "nothing was started" in refused.value.happened and refused.value.do


@pytest.mark.parametrize(("secret", "mode"), [(None, 0o600), ("short", 0o600), ("x" * 48, 0o644)])
def test_a_secret_that_is_missing_short_or_open_to_others_stops_the_start(tmp_path, secret, mode):
    write(good(tmp_path))
    path = tmp_path / "secret"
    path.unlink()
    if secret is not None:
        path.write_text(secret)
        path.chmod(mode)
    with pytest.raises(BadSettings):
        settings.django_table(read(tmp_path))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_loopback_is_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "localhost.example.org", "", "::"])
def test_nothing_else_is_loopback(host):
    assert not is_loopback(host)


def test_a_password_file_is_read_and_never_written_into_the_settings(tmp_path):
    (tmp_path / "password").write_text("a secret\n")
    mail = Mail("mail.example.org", 587, "words@example.org", "tls", "me", str(tmp_path / "password"))
    write(good(tmp_path, mail=mail))
    assert read(tmp_path).mail.password() == "a secret"
    assert "a secret" not in (tmp_path / "settings.toml").read_text()
    (tmp_path / "password").unlink()
    with pytest.raises(BadSettings):
        read(tmp_path).mail.password()
