"""Addresses by which others have been made to call what they should not; none of them may be called.

``{port}`` is a real listener on loopback: a call that goes through is seen there.
"""

from ipaddress import ip_address

from app.addresses import IP

ALLOWED = "https://fhir.kommune.example"

FORMS = (
    # Another scheme
    "http://fhir.kommune.example/notify",
    "http://127.0.0.1:{port}/",
    "HTTPS://fhir.kommune.example/",
    "ftp://fhir.kommune.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "//fhir.kommune.example/",
    "https:fhir.kommune.example",
    "https:/fhir.kommune.example/",
    "https:///fhir.kommune.example/",
    # Another host behind a familiar beginning or end
    "https://fhir.kommune.example.evil.example/",
    "https://fhir.kommune.example-evil.example/",
    "https://evil.example/fhir.kommune.example",
    "https://evil.example/?https://fhir.kommune.example",
    "https://evilfhir.kommune.example/",
    "https://kommune.example/",
    "https://sub.fhir.kommune.example/",
    "https://fhir.kommune.example./",
    "https://fhir.kommune.example..evil.example/",
    # User information
    "https://fhir.kommune.example@127.0.0.1:{port}/",
    "https://fhir.kommune.example:443@127.0.0.1:{port}/",
    "https://user:secret@fhir.kommune.example/",
    "https://@fhir.kommune.example/",
    "https://fhir.kommune.example%40127.0.0.1:{port}/",
    # What two readers take apart differently
    "https://fhir.kommune.example\\@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\.fhir.kommune.example/",
    "https://127.0.0.1:{port}#@fhir.kommune.example/",
    "https://127.0.0.1:{port}?@fhir.kommune.example/",
    "https://127.0.0.1:{port};fhir.kommune.example/",
    "https://fhir.kommune.example#fragment",
    "https://fhir.kommune.example\t.evil.example/",
    "https://fhir.kommune.example\r\nHost: evil.example/",
    " https://fhir.kommune.example/",
    "https://fhir.kommune.example /",
    "https://fhir.kommune.example\x00.evil.example/",
    "https://fhir%2ekommune.example/",
    "https://fhir\u3002kommune.example/",
    "https://\uff46hir.kommune.example/",
    "https://fh\u00edr.kommune.example/",
    # Another port
    "https://fhir.kommune.example:{port}/",
    "https://fhir.kommune.example:80/",
    "https://fhir.kommune.example:65979/",
    "https://fhir.kommune.example:0/",
    "https://fhir.kommune.example:-1/",
    "https://fhir.kommune.example:443:80/",
    # This machine, written otherwise
    "https://127.0.0.1:{port}/",
    "https://localhost:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.1:{port}/",
    "https://017700000001:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://0:{port}/",
    "https://127.0.0.1.nip.io:{port}/",
    "https://[::1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[0:0:0:0:0:ffff:7f00:1]:{port}/",
    "https://[::1%25lo]:{port}/",
    "https://[fe80::1%25eth0]:{port}/",
    "https://[v1.127.0.0.1]/",
    "https://[127.0.0.1]:{port}/",
    "https://①②⑦.⓪.⓪.①:{port}/",
)
"""Never on the list, whatever their host leads to."""

OTHER_NAMES = (
    *("https://evil.example/fhir.kommune.example", "https://evilfhir.kommune.example/", "https://kommune.example/"),
    *("https://fhir.kommune.example.evil.example/", "https://fhir.kommune.example-evil.example/"),
    *("https://sub.fhir.kommune.example/", "https://127.0.0.1.nip.io:{port}/"),
    *("https://fhir.kommune.example:80/", "https://fhir.kommune.example:{port}/"),
)
"""Those of FORMS that are well formed: as the EHR's or the issuer's own address an operator may well mean them."""

BEHIND_A_NAME = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "::1", "::"),  # noqa: S104  not bound to
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "fec0::1"),
    *("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%eth0", "224.0.0.1", "239.255.255.250", "ff02::1", "255.255.255.255", "240.0.0.1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808"),
    *("64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "100::1"),
    *("192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.88.99.1", "5f00::1", "4000::1"),
)
"""What a name on the list may lead to: each is refused."""

PUBLIC = ("8.8.8.8", "193.156.90.1", "2001:67c:21e0::16", "2a02:c0::1")


def name_of(number: int) -> str:
    """The name that leads to an entry of BEHIND_A_NAME."""
    return f"n{number}.kommune.example"


async def resolve(host: str, port: int) -> list[IP]:
    """The partners' names in these tests; a literal is itself, as with the system's resolver."""
    if host == "fhir.kommune.example":
        return [ip_address(PUBLIC[0])]
    if host.endswith(".kommune.example"):
        return [ip_address(BEHIND_A_NAME[int(host[1:].partition(".")[0])])]
    return [ip_address(host)]
