"""Customers' receivers over real HTTP: where a call may go, and how long it may take."""

import datetime as dt
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.embedded.ports import HOST
from dispatch.gateways import customers as gateway
from dispatch.gateways.customers import Answer, Customers, Unfit
from tests.receiver import Receiver, running_receiver

NAME = "hooks.example"
BODY = '{"type":"webhook.test"}'


class Names:
    """A name server whose answers are given one after the other, and the questions it got."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver


def named(receiver: Receiver, host: str = NAME) -> str:
    return receiver.url.replace(HOST, host)


def post(customers: Customers, url: str) -> Answer:
    return customers.post(url, {"webhook-id": "1"}, BODY)


def test_what_is_sent_arrives_under_the_name_that_was_asked_for(receiver: Receiver) -> None:
    customers = Customers(to_loopback=True, resolve=Names([HOST]))
    assert post(customers, named(receiver) + "?a=b") == Answer(200)
    (one,) = receiver.received
    assert one.body.decode() == BODY
    assert one.path == "/hook?a=b"
    assert one.headers["host"] == urlsplit(named(receiver)).netloc
    assert one.headers["webhook-id"] == "1"


@pytest.mark.parametrize(
    "url",
    ["", "x", "hooks.example", "//hooks.example", "ftp://hooks.example/", "https://", "https:///x",
     "http://hooks.example/", "https://u:p@hooks.example/", "https://hooks.example/#x",
     "https://hooks.example:0/", "https://hooks.example:99999/", "https://hooks .example/\n",
     "file:///etc/passwd", "https://hooks.example/" + "x" * 2000, "https://\ud800/",
     "https://１２７.0.0.1/"],
)  # fmt: skip
def test_a_url_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(Unfit):
        Customers(resolve=Names(["93.184.216.34"])).check(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::]", "0.0.0.0",  # noqa: S104
     "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]",
     "[64:ff9b::7f00:1]", "[fe80::1]"],
)  # fmt: skip
def test_a_host_of_our_own_is_refused_however_it_is_written(host: str) -> None:
    """By the machine's own resolver."""
    with pytest.raises(Unfit):
        Customers().check(f"https://{host}/hook")


def test_a_public_host_is_accepted() -> None:
    Customers().check("https://93.184.216.34:8443/hook?key=1")
    Customers(resolve=Names(["93.184.216.34", "2606:4700::1111"])).check(f"https://{NAME}/")


def test_one_address_that_is_not_public_spoils_the_name() -> None:
    with pytest.raises(Unfit):
        Customers(resolve=Names(["93.184.216.34", "10.0.0.1"])).check(f"https://{NAME}/")


def test_a_name_without_addresses_is_refused_as_one_that_nobody_knows() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    for resolve in (unknown, Names([])):
        with pytest.raises(Unfit):
            Customers(resolve=resolve).check(f"https://{NAME}/")


def test_a_name_that_leads_elsewhere_since_it_was_checked_is_not_called(receiver) -> None:
    """Without the setting for development, as in production."""
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    customers = Customers(resolve=names)
    url = named(receiver).replace("http://", "https://")
    customers.check(url)
    assert post(customers, url) == Answer(None, "Unfit")
    assert receiver.received == []


def test_the_name_is_asked_for_once_a_call_so_that_a_second_answer_cannot_lead_elsewhere(
    receiver: Receiver,
) -> None:
    names = Names([HOST], ["10.0.0.1"])
    assert post(Customers(to_loopback=True, resolve=names), named(receiver)) == Answer(200)
    assert names.asked == [NAME]


def test_a_library_that_asks_for_the_name_itself_is_led_elsewhere(receiver, monkeypatch) -> None:
    """The control: checked first and called by name, the second answer leads into our network."""
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    known = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, *how, **more: known(
            names(str(host), 0)[0] if NAME in str(host) else host, port, *how, **more
        ),
    )  # fmt: skip
    assert gateway.is_public(names(NAME, 0)[0])
    with httpx.Client(trust_env=False) as client:
        client.post(named(receiver), content=BODY)
    assert len(receiver.received) == 1


def test_plain_http_and_this_machine_are_for_development_alone(receiver: Receiver) -> None:
    assert post(Customers(), receiver.url) == Answer(None, "Unfit")
    assert receiver.received == []
    assert post(Customers(to_loopback=True), receiver.url) == Answer(200)
    with pytest.raises(Unfit):
        Customers(to_loopback=True).check("http://10.0.0.1/")


def test_another_address_of_the_name_is_tried_where_one_takes_no_connection(receiver) -> None:
    names = Names(["127.0.0.9", HOST])
    assert post(Customers(to_loopback=True, resolve=names), named(receiver)) == Answer(200)


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    with running_receiver() as elsewhere:
        receiver.status, receiver.answers_with = 302, {"Location": elsewhere.url}
        assert post(Customers(to_loopback=True), receiver.url) == Answer(302)
        assert elsewhere.received == []


def test_nobody_there_is_a_fault() -> None:
    with running_receiver() as gone:
        url = gone.url
    assert post(Customers(to_loopback=True), url) == Answer(None, "ConnectError")


@pytest.mark.parametrize("how", ["hangs", "trickles"])
def test_a_call_ends_in_time_whether_the_receiver_hangs_or_trickles(
    receiver: Receiver, how: str, monkeypatch
) -> None:
    monkeypatch.setattr(gateway, "PATIENCE_S", 0.4)
    setattr(receiver, how, True)
    began = time.monotonic()
    answer = post(Customers(to_loopback=True), receiver.url)
    assert (answer.status, time.monotonic() - began < 20) == (None, True)
    assert answer.fault in {"TimeoutError", "ReadTimeout"}


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Receiver, ssl.SSLContext]]:
    """A receiver with a certificate for its name alone, and who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    with running_receiver(serving) as receiver:
        yield receiver, ssl.create_default_context(cafile=str(pem))


def test_over_tls_the_certificate_is_that_of_the_name(secure) -> None:
    receiver, trust = secure
    customers = Customers(to_loopback=True, resolve=Names([HOST]), trust=lambda: trust)
    assert post(customers, named(receiver)) == Answer(200)


def test_a_certificate_of_another_name_is_refused(secure) -> None:
    receiver, trust = secure
    customers = Customers(to_loopback=True, resolve=Names([HOST], [HOST]), trust=lambda: trust)
    assert post(customers, named(receiver, "other.example")).fault == "ConnectError"
    assert ipaddress.ip_address(HOST).is_loopback
    assert post(customers, receiver.url).fault == "ConnectError", "the address is no name"
    assert receiver.received == []
