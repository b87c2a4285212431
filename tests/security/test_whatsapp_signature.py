"""Only what Twilio signed for our account is read: published vectors, 500 mutations, real traffic."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlencode

import pytest
from multidict import MultiDict
from pydantic import SecretStr
from tests.support.twilio_server import (
    ACCOUNT,
    CUSTOMER,
    OUR_NUMBER,
    TOKEN,
    inbound_params,
    sign,
    status_params,
)
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from relevo.channels.port import Refused, WebhookRequest
from relevo.channels.whatsapp.settings import WhatsAppSettings
from relevo.channels.whatsapp.verify import MAX_BODY, is_signed, verify

URL = "https://care.example.com/webhooks/whatsapp"
FORM = "application/x-www-form-urlencoded"
SUBACCOUNT = "AC" + "b" * 32
SETTINGS = WhatsAppSettings(
    account_sid=ACCOUNT,
    auth_tokens=(SecretStr(TOKEN), SecretStr("next-token")),
    subaccounts=frozenset({SUBACCOUNT}),
    messaging_service_sid="MG" + "5" * 32,
)
OTHER_SID = "SM" + "9" * 32


def form_request(params: dict[str, str], url: str = URL, token: str = TOKEN) -> WebhookRequest:
    headers = {"content-type": FORM, "x-twilio-signature": sign(url, params, token)}
    return WebhookRequest(url=url, headers=headers, body=urlencode(params).encode())


def json_request(fields: dict[str, object], url: str = URL, token: str = TOKEN) -> WebhookRequest:
    body = json.dumps(fields)
    signed_url = f"{url}?bodySHA256={sha256(body.encode()).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": sign(signed_url, {}, token)}
    return WebhookRequest(url=signed_url, headers=headers, body=body.encode())


def with_headers(request: WebhookRequest, **headers: str) -> WebhookRequest:
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(request, headers={**request.headers, **renamed})


# Twilio's published vectors (its security page and the tests of its libraries), token 12345

VECTOR_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
VECTOR_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


@pytest.mark.parametrize(
    ("url", "params", "signature"),
    [
        (VECTOR_URL, VECTOR, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (VECTOR_URL.replace(".com", ".com:1234"), VECTOR, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (VECTOR_URL, VECTOR, "kvajT1Ptam85bY51eRf/AJRuM3w="),  # signed with port 443
        (VECTOR_URL.replace("https", "http"), VECTOR, "0ZXoZLH/DfblKGATFgpif+LLRf4="),  # with port 80
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", VECTOR, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_published_form_vectors(url: str, params: dict[str, str], signature: str) -> None:
    assert is_signed(url, MultiDict(params), signature, ["wrong", "12345"])
    assert not is_signed(url, MultiDict(params), signature, ["wrong"])
    assert not is_signed(url, MultiDict({**params, "Digits": "1235"}), signature, ["12345"])


def test_published_vector_with_a_repeated_parameter() -> None:
    pairs = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]
    assert is_signed(VECTOR_URL, MultiDict(pairs), "IK+Dwps556ElfBT0I3Rgjkr1wJU=", ["12345"])
    assert not is_signed(VECTOR_URL, MultiDict(pairs[:3]), "IK+Dwps556ElfBT0I3Rgjkr1wJU=", ["12345"])


def test_published_json_vector() -> None:
    url, body = f"{VECTOR_URL}&bodySHA256={VECTOR_HASH}", '{"property": "value", "boolean": true}'
    assert is_signed(url, body, "a9nBmqA0ju/hNViExpshrM61xv4=", ["12345"])
    assert not is_signed(url, body + " ", "a9nBmqA0ju/hNViExpshrM61xv4=", ["12345"])


# Real traffic

REAL: dict[str, WebhookRequest] = {
    "a message": form_request(inbound_params("¿Cuánto cuesta Pro? 👩‍🎤")),
    "an empty body": form_request(inbound_params("", NumMedia="1", MediaUrl0="https://api.twilio.com/x")),
    "the next token": form_request(inbound_params(), token="next-token"),
    "a sub-account": form_request(inbound_params(AccountSid=SUBACCOUNT)),
    "a messaging service": form_request(inbound_params(MessagingServiceSid="MG" + "5" * 32)),
    "to a messaging service": form_request(inbound_params(to="MG" + "5" * 32)),
    "an MMS identifier": form_request(inbound_params(sid="MM" + "a" * 32)),
    "an answer to a message": form_request(
        inbound_params(OriginalRepliedMessageSid=OTHER_SID, OriginalRepliedMessageSender=OUR_NUMBER)
    ),
    "parameters of tomorrow": form_request(inbound_params(ChannelMetadata='{"type":"whatsapp"}', Novel="x")),
    "a query string": form_request(inbound_params(), url=f"{URL}?desk=mx&x=%C3%B1"),
    "a port": form_request(inbound_params(), url="https://care.example.com:8443/webhooks/whatsapp"),
    "plain http": form_request(inbound_params(), url="http://127.0.0.1:8000/webhooks/whatsapp"),
    "a status": form_request(status_params(OTHER_SID, "delivered")),
    "a status of a messaging service": form_request(
        status_params(OTHER_SID, "failed", sender="", MessagingServiceSid="MG" + "5" * 32)
    ),
    "words that look like fields": form_request(
        inbound_params("To: From AccountSid=1 MessageSid & From=+1555")
    ),
    "JSON": json_request({**inbound_params()}),
}


@pytest.mark.parametrize("name", REAL)
def test_real_traffic_is_not_refused(name: str) -> None:
    assert verify(REAL[name], SETTINGS)["AccountSid"] in (ACCOUNT, SUBACCOUNT)


def test_a_signature_over_the_default_port_is_taken() -> None:
    params = inbound_params()
    request = form_request(params)
    with_port = sign(URL.replace(".com", ".com:443"), params)
    assert verify(with_headers(request, x_twilio_signature=with_port), SETTINGS)["Body"] == "hola"


def test_a_charset_in_the_content_type_and_other_orders_of_fields_are_taken() -> None:
    params = inbound_params()
    request = replace(form_request(params), body=urlencode(dict(reversed(params.items()))).encode())
    assert verify(with_headers(request, content_type=f"{FORM}; charset=UTF-8"), SETTINGS)["From"] == CUSTOMER


def test_a_repeated_parameter_we_do_not_read_is_taken() -> None:
    pairs = [
        *inbound_params().items(),
        ("MessagingBinding.Address", "+1"),
        ("MessagingBinding.Address", "+2"),
    ]
    signature = RequestValidator(TOKEN).compute_signature(URL, MultiDict(pairs))
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    assert verify(WebhookRequest(URL, headers, urlencode(pairs).encode()), SETTINGS)["To"] == OUR_NUMBER


def test_a_shared_key_signs_with_sha256() -> None:
    params = inbound_params()
    signature = RequestValidator(TOKEN).compute_signature(URL, params, "HMAC_SHA256")
    request = with_headers(form_request(params), x_twilio_signature=signature)
    named = "x-twilio-webhooks-signature-settings"
    signed = replace(request, headers={**request.headers, named: "key=k,algorithm=HMAC_SHA256"})
    assert verify(signed, SETTINGS)["Body"] == "hola"
    for wrong in ("key=k,algorithm=HMAC_MD5", "key=k", ""):
        with pytest.raises(Refused):
            verify(replace(signed, headers={**signed.headers, named: wrong}), SETTINGS)
    with pytest.raises(Refused, match="twice"):
        verify(replace(signed, doubled=frozenset({named})), SETTINGS)


# Attacks


def shifted(params: dict[str, str], captured: dict[str, str]) -> WebhookRequest:
    """The parameters cut otherwise, with the signature of ``captured``: Twilio's validator takes it."""
    request = replace(form_request(captured), body=urlencode(params).encode())
    signature = request.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(URL, params, signature), "the attack itself is void"
    return request


def test_a_field_swallowed_by_its_neighbour_is_refused() -> None:
    captured = inbound_params("hi")
    without_sender = {name: value for name, value in captured.items() if name != "From"}
    without_sender["Body"] = f"hiFrom{CUSTOMER}"
    with pytest.raises(Refused, match="From"):
        verify(shifted(without_sender, captured), SETTINGS)


def test_a_sender_smuggled_in_the_text_is_refused() -> None:
    """All four decisive fields are there and well-formed; the true sender hides in an invented field."""
    captured = inbound_params("hiFromwhatsapp:+15550001111")
    params = {**captured, "Body": "hi", "From": "whatsapp:+15550001111", "Fromw": CUSTOMER.removeprefix("w")}
    with pytest.raises(Refused, match="more than one way"):
        verify(shifted(params, captured), SETTINGS)


def test_an_identifier_smuggled_in_the_name_is_refused() -> None:
    captured = inbound_params("hi", ProfileName=f"AnaMessageSid{OTHER_SID}")
    del captured["MessageType"]
    sid = captured["MessageSid"]
    between = "".join(name + captured[name] for name in ("NumMedia", "NumSegments"))
    params = {
        name: value
        for name, value in captured.items()
        if name not in ("ProfileName", "NumMedia", "NumSegments")
    }
    params |= {"MessageSi": f"d{sid}{between}ProfileNameAna", "MessageSid": OTHER_SID}
    with pytest.raises(Refused, match="MessageSid"):
        verify(shifted(params, captured), SETTINGS)


@pytest.mark.parametrize("name", ["MessageSid", "AccountSid", "From", "To", "Body"])
def test_a_decisive_field_twice_is_refused(name: str) -> None:
    pairs = [*inbound_params().items(), (name, inbound_params()[name])]
    signature = RequestValidator(TOKEN).compute_signature(URL, MultiDict(pairs))
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    with pytest.raises(Refused, match="twice"):
        verify(WebhookRequest(URL, headers, urlencode(pairs).encode()), SETTINGS)


@pytest.mark.parametrize(
    "change",
    [
        {"AccountSid": "AC" + "c" * 32},
        {"AccountSid": ACCOUNT.upper()},
        {"AccountSid": ""},
        {"MessageSid": "SM123"},
        {"MessageSid": OTHER_SID + "\n"},
        {"From": "+5215512345678"},
        {"From": "whatsapp:5215512345678"},
        {"From": "whatsapp:+" + "1" * 16},
        {"From": "whatsapp:+१२३४५६७८"},
        {"From": ""},
        {"To": "whatsapp:+0155512345"},
        {"To": "messenger:123456"},
    ],
)
def test_signed_but_not_addressed_to_us_as_twilio_does_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(Refused):
        verify(form_request({**inbound_params(), **change}), SETTINGS)


def test_nothing_unsigned_is_read() -> None:
    signed_url_only = with_headers(form_request({}), content_type=FORM)
    body = json.dumps(inbound_params()).encode()
    for request in (
        signed_url_only,  # an empty form: the signature covers the address alone
        replace(signed_url_only, body=b"&&"),
        replace(
            signed_url_only,
            headers={**signed_url_only.headers, "content-type": "application/json"},
            body=body,
        ),
        replace(
            signed_url_only, headers={**signed_url_only.headers, "content-type": "text/plain"}, body=body
        ),
        replace(signed_url_only, headers={"x-twilio-signature": sign(URL, {})}, body=body),
    ):
        with pytest.raises(Refused):
            verify(request, SETTINGS)


def test_json_needs_its_own_hash_once_and_the_fields() -> None:
    request = json_request({**inbound_params()})
    other = f"{request.url}&bodySHA256={'0' * 64}"
    headers = {**request.headers, "x-twilio-signature": sign(other, {})}
    for bad in (
        replace(request, body=request.body + b" "),
        replace(request, body=json.dumps({**inbound_params("otra")}).encode()),
        replace(request, url=URL),
        replace(request, url=other),
        replace(request, url=other, headers=headers),
        json_request({**inbound_params(), "AccountSid": "AC" + "c" * 32}),
        json_request({**inbound_params(), "From": [CUSTOMER]}),
        json_request({}),
    ):
        with pytest.raises(Refused):
            verify(bad, SETTINGS)


def test_bytes_that_are_no_text_and_giants_are_refused_not_an_error() -> None:
    genuine = form_request(inbound_params())
    for body in (b"\xff\xfe\x00", b"Body=%ff%fe", b"a=1&" * 1_000, b"x" * (MAX_BODY + 1), b"", b"\x00" * 50):
        with pytest.raises(Refused):
            verify(replace(genuine, body=body), SETTINGS)
    deep = b"[" * 200_000
    url = f"{URL}?bodySHA256={sha256(deep).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": sign(url, {})}
    with pytest.raises(Refused):
        verify(WebhookRequest(url, headers, deep), SETTINGS)


def mutations(seed: int) -> Iterator[tuple[str, WebhookRequest]]:
    """Twenty-five ways to change a genuine request, with changing details."""
    choose = random.Random(seed)
    text = "".join(choose.choices("hola regalías 123 &=+%ñ👍", k=choose.randrange(1, 40)))
    params = inbound_params(text, sid=f"SM{choose.getrandbits(128):032x}")
    genuine = form_request(params)
    verify(genuine, SETTINGS)
    signature = genuine.headers["x-twilio-signature"]
    at = choose.randrange(len(signature) - 2)
    flipped = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]
    headers_without = {k: v for k, v in genuine.headers.items() if k != "x-twilio-signature"}
    name = choose.choice(sorted(params))
    less = {k: v for k, v in params.items() if k != name}
    body = bytearray(genuine.body)
    body[choose.randrange(len(body))] ^= 1 << choose.randrange(5)

    yield "no header", replace(genuine, headers=headers_without)
    yield "empty header", with_headers(genuine, x_twilio_signature="")
    yield "doubled header", replace(genuine, doubled=frozenset({"x-twilio-signature"}))
    yield "joined header", with_headers(genuine, x_twilio_signature=f"{signature}, {signature}")
    yield "non-ASCII header", with_headers(genuine, x_twilio_signature=signature[:-2] + "ñ=")
    yield "surrogate header", with_headers(genuine, x_twilio_signature=signature[:-2] + "\udcff=")
    yield "flipped header", with_headers(genuine, x_twilio_signature=flipped)
    yield "other case", with_headers(genuine, x_twilio_signature=signature.swapcase())
    yield "cut header", with_headers(genuine, x_twilio_signature=signature[: choose.randrange(1, 28)])
    yield "padded header", with_headers(genuine, x_twilio_signature=f" {signature}\n")
    yield "hex header", with_headers(genuine, x_twilio_signature=sha256(genuine.body).hexdigest())
    yield "other token", form_request(params, token=f"token-{seed}")
    yield "other host", replace(genuine, url=URL.replace("care", "cafe"))
    yield "other path", replace(genuine, url=f"{URL}/{seed}")
    yield "other scheme", replace(genuine, url=URL.replace("https", "http"))
    yield "other query", replace(genuine, url=f"{URL}?x={seed}")
    yield "bad port", replace(genuine, url=URL.replace(".com", ".com:99999"))
    yield "changed value", replace(genuine, body=urlencode({**params, name: params[name] + "x"}).encode())
    yield "missing field", replace(genuine, body=urlencode(less).encode())
    yield "added field", replace(genuine, body=urlencode({**params, f"X{seed}": "1"}).encode())
    yield "moved boundary", replace(genuine, body=urlencode({**less, name + params[name]: ""}).encode())
    yield (
        "re-serialised as JSON",
        with_headers(replace(genuine, body=json.dumps(params).encode()), content_type="application/json"),
    )
    yield "other account", form_request({**params, "AccountSid": f"AC{choose.getrandbits(128):032x}"})
    yield "a flipped bit", replace(genuine, body=bytes(body))
    yield "no content type", replace(genuine, headers={"x-twilio-signature": signature})


@pytest.mark.parametrize("seed", range(20))
def test_500_mutations_are_refused(seed: int) -> None:
    tried = 0
    for name, request in mutations(seed):
        tried += 1
        try:
            fields = verify(request, SETTINGS)
        except Refused:
            continue
        pytest.fail(f"taken: {name}: {fields}")
    assert tried == 25
