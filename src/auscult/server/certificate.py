"""A certificate of one's own, so that phones in the same network give the page their microphone.

Nobody has to be asked for it and nothing leaves this machine. An authority is made once, for ten years, and signs a certificate for the server's
names; a phone that trusts the authority trusts the server whatever its address becomes. Both keys lie in the data folder, for the owner alone.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from auscult.errors import MissingExtra, StoreError
from auscult.server.private import write_private_bytes

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
"""Browsers take none that is longer."""
RENEWED_DAYS = 30

_AUTHORITY, _SERVER = "authority", "server"
AUTHORITY_FILE = f"{_AUTHORITY}.pem"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Files of a certificate.

    Parameters
    ----------
    chain, key
        What the server shows, and what proves it.
    authority
        What a phone is to trust: no secret.
    """

    chain: Path
    key: Path
    authority: Path


def certificate_for(folder: Path, names: tuple[str, ...], *, now: datetime) -> Certificate:
    """The server's certificate for these names and addresses; made anew where the one that is there does not fit, or ends soon.

    Parameters
    ----------
    folder
        Made if it isn't there.
    names
        By which the server is called; those of this machine itself are always among them.
    now
        In UTC.

    Raises
    ------
    MissingExtra
        If cryptography is not installed.
    StoreError
        If the files can't be written.
    """
    try:
        import cryptography  # noqa: F401 - everything below needs it
    except ImportError:
        raise MissingExtra("HTTPS with a certificate of one's own", "https") from None
    wanted = tuple(dict.fromkeys(("localhost", "127.0.0.1", "::1", *names)))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _kept(folder, _AUTHORITY) or _made_authority(folder, now)
        server = _kept(folder, _SERVER)
        if server is None or not _fits(server[0], authority[0], wanted, now):
            _sign(folder, authority, wanted, now)
    except OSError as error:
        raise StoreError(
            f"The certificate in {folder} can't be read or written: {error.strerror or error}.",
            "a folder that may be written to",
            "Choose another place: --data-dir",
        ) from None
    return Certificate(
        chain=folder / f"{_SERVER}.pem",
        key=folder / f"{_SERVER}.key",
        authority=folder / AUTHORITY_FILE,
    )


Pair = tuple["x509.Certificate", "EllipticCurvePrivateKey"]


def _kept(folder: Path, name: str) -> Pair | None:
    """A certificate and its key; `None` where they are not there, or can't be understood."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    is_pair = isinstance(key, EllipticCurvePrivateKey) and (
        key.public_key() == certificate.public_key()
    )
    return (certificate, key) if is_pair else None  # type: ignore[return-value]


def _fits(
    server: "x509.Certificate", authority: "x509.Certificate", names: tuple[str, ...], now: datetime
) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        server.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    known = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    ends_soon = server.not_valid_after_utc < now + timedelta(days=RENEWED_DAYS)
    return not ends_soon and {str(one.value) for one in known} >= set(names)


def _made_authority(folder: Path, now: datetime) -> Pair:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    builder = _begun("Auscult on this machine", now, AUTHORITY_DAYS).public_key(key.public_key())
    # It may sign for servers, and no further authority.
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    known = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(known, critical=False)
    made = _signed(builder, "Auscult on this machine", key)
    _write(folder, _AUTHORITY, (made,), key)
    return made, key


def _sign(folder: Path, authority: Pair, names: tuple[str, ...], now: datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    builder = _begun("Auscult", now, SERVER_DAYS).public_key(key.public_key())
    called = x509.SubjectAlternativeName([_named(name) for name in names])
    builder = builder.add_extension(called, critical=False)
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority[1].public_key())
    builder = builder.add_extension(by, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
    )
    made = _signed(builder, "Auscult on this machine", authority[1])
    _write(folder, _SERVER, (made, authority[0]), key)


def _begun(name: str, now: datetime, days: int) -> "x509.CertificateBuilder":
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks differ
        .not_valid_after(now + timedelta(days=days - 1))
    )


def _signed(
    builder: "x509.CertificateBuilder", by: str, key: "EllipticCurvePrivateKey"
) -> "x509.Certificate":
    from cryptography.hazmat.primitives import hashes

    return builder.issuer_name(_called(by)).sign(key, hashes.SHA256())


def _called(name: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _named(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(
    folder: Path, name: str, chain: tuple["x509.Certificate", ...], key: "EllipticCurvePrivateKey"
) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    write_private_bytes(
        folder / f"{name}.key",
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    write_private_bytes(
        folder / f"{name}.pem", b"".join(one.public_bytes(Encoding.PEM) for one in chain)
    )
