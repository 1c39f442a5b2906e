"""Nothing is called but what an operator allows: at registering, at sending, and whatever a name leads to meanwhile."""

import json
import ssl
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import ValidationError

from app.addresses import IP, BadAddress, UnknownName, check_ip, is_public, origin_of, private_network
from app.config import Settings
from app.outbound.worker import Worker
from app.security import outgoing
from app.security.outgoing import (
    LARGEST_ANSWER,
    AddressRefused,
    AnswerTooLarge,
    CheckedTransport,
    checked_addresses,
    outgoing_client,
)
from app.store import outbox
from app.store.opening import open_store
from tests.api.running import EXAMPLES, codes, running, sandbox_settings
from tests.casework.world import World
from tests.outbound.bypasses import ALLOWED, FORMS, PUBLIC, resolve
from tests.outbound.leaving import ISSUER, LITERALS, NAMES, ORIGINS, outside, record_calls
from tests.outbound.listener import Server, listening
from tests.store.rows import subscribe

ORGANISATION = "310471437"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})


def _all(port: int) -> list[str]:
    return [url.replace("{port}", str(port)) for url in (*FORMS, *NAMES, *LITERALS)]


def test_the_list_is_long_enough() -> None:
    assert len({*FORMS, *NAMES}) >= 60
    assert len({*FORMS, *NAMES}) == len(FORMS) + len(NAMES)


async def test_none_passes_the_check(listener: Server) -> None:
    for url in _all(listener.port):
        with pytest.raises(BadAddress):
            await checked_addresses(url, ORIGINS, outside(), resolve)


def test_none_can_be_registered_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Server) -> None:
    monkeypatch.setattr(outgoing, "resolve", resolve)
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}), encoding="utf-8")
    tokens = {"token_issuer": ISSUER, "token_preset": "sandbox", "token_jwks_file": keys}
    outside = {"sandbox": False, "endpoint_origins": ORIGINS, **tokens}
    claims = {
        "iss": ISSUER,
        "aud": "samband",
        "exp": int(time.time()) + 600,
        "client_id": "ops",
        "samband_role": "operator",
        "helseid://claims/client/claims/orgnr_parent": ORGANISATION,
    }

    def headers_of(**more: str) -> dict[str, str]:
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "one"}, claims | more, KEY, algorithms=["ES256"])
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    headers, partner = headers_of(), headers_of(samband_role="sender", scope="system/Subscription.cruds")
    example = json.loads((EXAMPLES / "subscription.json").read_text(encoding="utf-8"))
    with running(sandbox_settings(tmp_path, **outside)) as service:

        def registered(url: str) -> httpx.Response:
            given = {"organisation": ORGANISATION, "topic": "case-changed", "endpoint": url, "header": ""}
            return service.client.post("/operator/subscriptions", content=json.dumps(given), headers=headers)

        def made(url: str) -> httpx.Response:
            content = example | {"channel": example["channel"] | {"endpoint": url}}
            return service.client.post("/fhir/v1/Subscription", content=json.dumps(content), headers=partner)

        for url in _all(listener.port):
            for answer in (registered(url), made(url)):
                assert answer.status_code in (400, 422), url  # a NUL character is refused as JSON
                assert set(codes(answer)) <= {"bad-endpoint", "nul-character", "wrong-format"}, url
                assert "127.0.0.1" not in answer.text
        for answer in (registered(f"{ALLOWED}/notify"), made(f"{ALLOWED}/notify")):
            assert answer.status_code == 201, answer.text
    assert listener.connections == 0


async def test_none_is_sent_to_though_it_was_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Server
) -> None:
    """As if the list, the names or the rules had been others when it was registered."""
    monkeypatch.setattr(outgoing, "resolve", resolve)
    gone = record_calls(monkeypatch)
    settings = sandbox_settings(tmp_path)
    world = World(open_store(settings.database_url.get_secret_value()), settings=outside())
    urls = _all(listener.port)
    for number, url in enumerate(urls):
        await subscribe(world.store, f"s{number}", ORGANISATION, endpoint=url)
    await world.post()
    async with outgoing_client(world.settings, ORIGINS) as client:
        worker = Worker(world.context, client, client)
        for _ in range(len(urls)):
            await worker.look()
            await worker.finish()
    rows = await world.store.run(lambda c: outbox.list_deliveries(c, None, 500))
    assert len(rows) == len(urls)
    assert {row["state"] for row in rows} == {"dead"}
    assert {row["last_attempt"]["status"] for row in rows} == {400}
    assert gone == []
    assert listener.connections == 0
    await world.store.close()


@pytest.mark.parametrize("text", PUBLIC)
def test_a_partner_on_the_internet_is_called(text: str) -> None:
    assert is_public(ip_address(text))


def test_a_private_network_is_called_when_the_operator_opens_it() -> None:
    opened = [ip_network("10.20.0.0/16")]
    check_ip(ip_address("10.20.3.4"), opened, local=False)
    for text in ("10.21.0.1", "127.0.0.1", "::ffff:10.20.3.4"):
        with pytest.raises(BadAddress):
            check_ip(ip_address(text), opened, local=False)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "127.0.0.0/8", "169.254.0.0/16", "::/0", "fe80::/64", "10.0.0.1/16"])
def test_no_operator_opens_this_machine_or_everything(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        private_network(text)
    with pytest.raises(ValidationError):
        outside(private_networks=[text])


async def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    async def both(host: str, port: int) -> list[IP]:
        return [ip_address(PUBLIC[0]), ip_address("10.0.0.1")]

    with pytest.raises(BadAddress):
        await checked_addresses(f"{ALLOWED}/notify", {ALLOWED}, outside(), both)


async def test_a_name_without_an_address_is_tried_again_later() -> None:
    async def unknown(host: str, port: int) -> list[IP]:
        raise OSError

    with pytest.raises(UnknownName):
        await checked_addresses(f"{ALLOWED}/notify", {ALLOWED}, outside(), unknown)
    async with httpx.AsyncClient(transport=CheckedTransport(outside(), {ALLOWED}, unknown)) as client:
        with pytest.raises(httpx.ConnectError):
            await client.post(f"{ALLOWED}/notify")


async def test_a_name_that_changes_its_address_meanwhile_gains_nothing(
    listener: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: each request asks once, checks that answer, and goes there."""
    answers = iter([PUBLIC[0], "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []
    gone_to = record_calls(monkeypatch)

    async def rebinding(host: str, port: int) -> list[IP]:
        asked.append(host)
        return [ip_address(next(answers))]

    url = f"https://fhir.kommune.example:{listener.port}/notify"
    async with httpx.AsyncClient(transport=CheckedTransport(outside(), {url}, rebinding)) as client:
        assert (await client.post(url)).status_code == 200
        with pytest.raises(AddressRefused):
            await client.post(url)
    assert gone_to == [(PUBLIC[0], "fhir.kommune.example")]
    assert asked == ["fhir.kommune.example"] * 2
    assert listener.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_nothing_to_follow(listener: Server, status: int) -> None:
    settings = Settings(sandbox=True)
    with listening() as other:
        listener.answer = (status, {"Location": f"http://127.0.0.1:{other.port}/taken"}, b"")
        async with outgoing_client(settings, ()) as client:
            answer = await client.post(f"http://127.0.0.1:{listener.port}/", headers={"Authorization": "Bearer s"})
        assert answer.status_code == status
        assert (listener.connections, other.connections) == (1, 0)


async def test_no_proxy_of_the_environment_is_used(listener: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with outgoing_client(Settings(sandbox=True), ()) as client:
            assert (await client.get(f"http://127.0.0.1:{listener.port}/")).status_code == 200
        assert proxy.connections == 0


async def test_an_answer_is_cut_off(listener: Server) -> None:
    listener.answer = (200, {}, b" " * (LARGEST_ANSWER + 1))
    url = f"http://127.0.0.1:{listener.port}/"
    async with outgoing_client(Settings(sandbox=True), ()) as client:
        with pytest.raises(AnswerTooLarge):
            await client.get(url)
        listener.answer = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b")
        with pytest.raises(AnswerTooLarge):
            await client.get(url)
        listener.answer = (200, {}, b" " * LARGEST_ANSWER)
        assert (await client.get(url)).status_code == 200


async def test_tls_proves_the_name_and_not_the_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The connection goes to the checked address; the certificate must be the name's."""
    # Loopback stands for the partner's address: no test has another machine.
    monkeypatch.setattr(outgoing, "check_ip", lambda *_, **__: None)
    server, client = _certificates(tmp_path, "fhir.kommune.example")

    async def here(host: str, port: int) -> list[IP]:
        return [ip_address("127.0.0.1")]

    with listening(server) as partner:
        good, other = (f"https://{name}:{partner.port}/n" for name in ("fhir.kommune.example", "other.example"))
        async with httpx.AsyncClient(transport=CheckedTransport(outside(), {good, other}, here, client)) as caller:
            assert (await caller.post(good)).status_code == 200
            # The same address, and a connection to it is open: it serves no other name.
            with pytest.raises(httpx.ConnectError):
                await caller.post(other, headers={"Authorization": "Bearer secret"})
        assert [headers["Host"] for _, headers in partner.seen] == [f"fhir.kommune.example:{partner.port}"]


def _certificates(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own for ``name``, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, private)
    return server, ssl.create_default_context(cafile=str(pem))


def test_an_origin_is_compared_whole() -> None:
    assert origin_of("https://FHIR.kommune.example/x") == origin_of("https://fhir.kommune.example:443")
    assert origin_of("https://[2A02:C0:0::1]/x") == ("https", "2a02:c0::1", 443)
