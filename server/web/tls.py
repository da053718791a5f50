"""A certificate for this computer, made at the first use of --tls."""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ..settings import SettingError, Settings, is_loopback

#: Browsers refuse certificates of servers that are valid for longer.
_DAYS = 397


def certificate(settings: Settings) -> tuple[Path, Path]:
    """Returns the certificate and key files to serve with, making them where needed.

    A certificate is made anew when it is about to expire or does not name this server.

    Raises:
        SettingError: only one of certificate and key was named, or one is not there.
    """
    if settings.tls_cert or settings.tls_key:
        named = (settings.tls_cert, settings.tls_key)
        if not all(named):
            raise SettingError("SHOWTELL_TLS_CERT and SHOWTELL_TLS_KEY belong together: set both.")
        for path in named:
            if not path.is_file():
                raise SettingError(f"There is no file {path}, expected a certificate or key (PEM).")
        return named
    folder = settings.data / "tls"
    cert, key = folder / "certificate.pem", folder / "key.pem"
    names = _names(settings)
    if not _usable(cert, key, names):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(cert, key, names)
    return cert, key


@dataclass(frozen=True)
class Facts:
    """What a person may compare with what a browser shows.

    Attributes:
        pem: the certificate alone, never a key that lies in the same file.
        sha256: its fingerprint, such as "AB:12:...".
        is_own: whether it was made here, so that browsers cannot know it.
    """

    pem: bytes
    sha256: str
    is_own: bool
    ends: datetime


def facts(settings: Settings) -> Facts | None:
    """Reads the certificate that is served with; None without TLS, or where it cannot be read."""
    if settings.scheme != "https":
        return None
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        path = settings.tls_cert or settings.data / "tls" / "certificate.pem"
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
    return Facts(
        found.public_bytes(Encoding.PEM),
        found.fingerprint(hashes.SHA256()).hex(":").upper(),
        settings.tls_cert is None,
        found.not_valid_after_utc,
    )


def addresses() -> list[str]:
    """Returns the addresses at which other devices may find this computer, the likely one first."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket sends nothing; it only chooses the way out.
        probe.connect(("192.0.2.1", 9))
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)]
    return [a for a in dict.fromkeys(found) if not is_loopback(a) and "%" not in a]


def _names(settings: Settings) -> list[str]:
    host = socket.gethostname().lower()
    names = ["localhost", "127.0.0.1", "::1", *settings.allowed_hosts]
    if not settings.loopback:
        names += [host, f"{host.partition('.')[0]}.local", *addresses()]
        if settings.host not in ("0.0.0.0", "::"):
            names.append(settings.host)
    return list(dict.fromkeys(names))


def _usable(cert: Path, key: Path, names: list[str]) -> bool:
    from cryptography import x509

    try:
        key.stat()
        found = x509.load_pem_x509_certificate(cert.read_bytes())
        listed = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    known = {str(entry.value) for entry in listed}
    fresh = found.not_valid_after_utc - datetime.now(timezone.utc) > timedelta(days=14)
    return fresh and set(names) <= known


def _make(cert: Path, key: Path, names: list[str]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Show & Tell")])
    now = datetime.now(timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS - 1))
        .add_extension(x509.SubjectAlternativeName([_entry(n) for n in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(private, hashes.SHA256())
    )
    secret = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # The key first: a certificate without its key would look usable.
    _write(key, secret)
    _write(cert, built.public_bytes(serialization.Encoding.PEM))


def _entry(name: str):
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    temporary.replace(path)
