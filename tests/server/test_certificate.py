"""A server's own certificate: browsers can trust it, it is kept while it fits, and made anew when it does not."""

import ssl
import stat
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from auscult.errors import MissingExtra, StoreError
from auscult.server.certificate import SERVER_DAYS, certificate_for

NOW = datetime.now(UTC)


def leaf(made):
    return x509.load_pem_x509_certificate(made.chain.read_bytes())


def names_of(made):
    return {
        str(one.value)
        for one in leaf(made).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    }


def shaken_hands(made, name, *, strict=True):
    """Both sides of TLS in memory, the client trusting the authority alone."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.chain, made.key)
    client = ssl.create_default_context(cafile=made.authority)
    if strict:
        client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ours.version()


def test_who_trusts_the_authority_trusts_the_server_by_each_of_its_names(tmp_path):
    made = certificate_for(tmp_path / "tls", ("ears.example", "192.0.2.7", "fd00::2"), now=NOW)
    assert names_of(made) >= {"localhost", "127.0.0.1", "ears.example", "192.0.2.7", "fd00::2"}
    for name in ("localhost", "127.0.0.1", "ears.example", "192.0.2.7", "fd00::2"):
        assert shaken_hands(made, name) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match=r"evil\.example"):
        shaken_hands(made, "evil.example")
    lasts = leaf(made).not_valid_after_utc - leaf(made).not_valid_before_utc
    assert lasts <= timedelta(days=SERVER_DAYS)


def test_keys_are_for_the_owner_alone(tmp_path):
    made = certificate_for(tmp_path / "tls", (), now=NOW)
    for file in (tmp_path / "tls").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"PRIVATE" not in made.authority.read_bytes() + made.chain.read_bytes()


def test_it_stays_as_long_as_it_fits(tmp_path):
    first = certificate_for(tmp_path, ("192.0.2.7",), now=NOW)
    kept, authority = first.chain.read_bytes(), first.authority.read_bytes()
    assert certificate_for(tmp_path, ("192.0.2.7",), now=NOW).chain.read_bytes() == kept
    assert certificate_for(tmp_path, (), now=NOW).chain.read_bytes() == kept
    # Another address, and the end of its time: phones go on trusting the authority.
    moved = certificate_for(tmp_path, ("192.0.2.8",), now=NOW)
    assert "192.0.2.8" in names_of(moved)
    later = moved.chain.read_bytes()
    again = certificate_for(tmp_path, ("192.0.2.8",), now=NOW + timedelta(days=380))
    assert again.chain.read_bytes() != later
    assert again.authority.read_bytes() == authority


@pytest.mark.parametrize("broken", ["server.pem", "server.key", "authority.key", "authority.pem"])
def test_what_is_broken_is_made_anew(tmp_path, broken):
    certificate_for(tmp_path, (), now=NOW)
    (tmp_path / broken).write_text("nothing")
    assert shaken_hands(certificate_for(tmp_path, (), now=NOW), "localhost") == "TLSv1.3"


def test_what_is_missing_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"The certificate in .* can't be read or written"):
        certificate_for(tmp_path / "file" / "tls", (), now=NOW)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(MissingExtra, match=r"auscult\[https\]"):
        certificate_for(tmp_path, (), now=NOW)
