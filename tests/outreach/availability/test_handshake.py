"""The real handshake: only a server that proves the name it was asked by is read."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outreach.availability import fetching
from outreach.availability.addresses import Address
from outreach.availability.fetching import Failed, Way, fetch
from tests.outreach.availability.elsewhere import OPEN_NUMBER
from tests.outreach.availability.icalendars import calendar

NAME = "calendar.google.com"


def certificate(folder: Path, name: str) -> Path:
    """One that this server has signed itself, for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    plain = serialization.NoEncryption()
    coding = serialization.Encoding.PEM
    private = key.private_bytes(coding, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + made.public_bytes(coding))
    return file


@pytest.fixture
def own_certificate(tmp_path) -> Path:
    return certificate(tmp_path, NAME)


@pytest.fixture
def server(own_certificate) -> Iterator[tuple[int, list[str]]]:
    """Answers with an empty calendar; by which name it was called is written down."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate)
    called: list[str] = []
    context.sni_callback = lambda _line, name, _context: called.append(name)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    is_over = threading.Event()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(calendar()), calendar())

    def serve() -> None:
        while not is_over.is_set():
            try:
                plain, _place = listening.accept()
            except TimeoutError:
                continue
            with plain:
                plain.settimeout(2)
                try:
                    with context.wrap_socket(plain, server_side=True) as line:
                        line.recv(4096)
                        line.sendall(answer)
                except OSError:
                    pass  # whoever called did not trust us

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    yield listening.getsockname()[1], called
    is_over.set()
    serving.join()
    listening.close()


@pytest.fixture
def to_the_server(server, monkeypatch) -> Way:
    """The way of the house itself; only the last step, from the number to a connection, leads to this machine."""
    connect = socket.create_connection
    monkeypatch.setattr(
        fetching.socket, "create_connection", lambda _place, timeout: connect(("127.0.0.1", server[0]), timeout)
    )
    monkeypatch.setattr(Way, "look_up", lambda self, host: [OPEN_NUMBER])
    return Way(seconds=2)


def test_a_server_that_proves_its_name_is_read(to_the_server, server, own_certificate, monkeypatch):
    trusting = ssl.create_default_context(cafile=str(own_certificate))
    monkeypatch.setattr(fetching.ssl, "create_default_context", lambda: trusting)
    assert fetch(Address(NAME, "/x.ics"), way=to_the_server).content == calendar()
    assert server[1] == [NAME]


def test_a_server_that_nobody_vouches_for_is_not_read(to_the_server):
    with pytest.raises(Failed, match="bad_certificate"):
        fetch(Address(NAME, "/x.ics"), way=to_the_server)


def test_a_server_with_the_certificate_of_another_is_not_read(to_the_server, own_certificate, monkeypatch):
    trusting = ssl.create_default_context(cafile=str(own_certificate))
    monkeypatch.setattr(fetching.ssl, "create_default_context", lambda: trusting)
    with pytest.raises(Failed, match="bad_certificate"):
        fetch(Address("outlook.live.com", "/x.ics"), way=to_the_server)
