"""Which sites may show a widget: how origins are written down, and which ones a written one covers."""

import pytest

from relevo.api.origins import covers, read_origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://Shop.Example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:*", "http://localhost:*"),
        ("http://shop.localhost:3000", "http://shop.localhost:3000"),
    ],
)
def test_an_origin_is_kept_as_browsers_tell_it(text: str, origin: str) -> None:
    assert read_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "", "shop.example", "http://shop.example", "https://*", "https://*.shop.example", "https://shop.example:*",
        "https://shop.example/path", "https://a@shop.example", "https://shop.example https://evil.example",
        "https://shop.example; script-src *", "javascript:alert(1)", "null", "*", "'self'", "http://[::1]",
        "http://localhost.evil.example:*", "http://evillocalhost:*",
    ],
)  # fmt: skip
def test_what_is_no_safe_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected an origin|without https"):
        read_origin(text)


@pytest.mark.parametrize(
    ("allowed", "origin", "is_covered"),
    [
        ("https://shop.example", "https://shop.example", True),
        ("https://shop.example", "http://shop.example", False),
        ("https://shop.example", "https://shop.example:8443", False),
        ("https://shop.example", "https://shop.example.evil.example", False),
        ("https://shop.example", "https://www.shop.example", False),
        ("http://localhost:*", "http://localhost:3000", True),
        ("http://localhost:*", "http://localhost", True),
        ("http://localhost:*", "https://localhost:3000", False),
        ("http://localhost:*", "http://localhost.evil.example:80", False),
        ("http://localhost:*", "http://shop.localhost:80", False),
    ],
)
def test_only_the_very_origin_is_covered(allowed: str, origin: str, is_covered: bool) -> None:
    assert covers(allowed, origin) is is_covered
