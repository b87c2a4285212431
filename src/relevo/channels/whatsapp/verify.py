"""Does this request come from Twilio, for our account, and can it be read in only one way?

Twilio signs the public URL followed by every POST parameter, sorted by name, name and value written together
without a separator (https://www.twilio.com/docs/usage/security). Two things follow. A request without
parameters leaves its body unsigned: a form must not be empty, JSON must carry ``bodySHA256`` in the query.
And the text has no boundaries, so ``Body=hi&From=+1555`` and ``Body=hiFrom+1555`` carry the same signature:
the fields that decide who speaks to whom must all be there, well-formed, and stand in the signed text only
where the fields say they stand; the other usual ones must not stand inside another field. (The price: who
writes ``Fromwhatsapp:+1555…`` in a message is refused.)
"""

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, parse_qsl, urlsplit

from multidict import MultiDict

from relevo.channels.port import Refused, WebhookRequest
from relevo.channels.whatsapp.settings import ACCOUNT_SID, SERVICE_SID, WHATSAPP_NUMBER, WhatsAppSettings

MAX_BODY = 1_048_576
"""Bytes. A message of WhatsApp's longest text (65,536 characters), each percent-encoded, is below it."""

MAX_FIELDS = 300
"""Twilio sends about 30; ten media add two each."""

SIGNATURE = "x-twilio-signature"
SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_SIGNATURE_SHAPE = re.compile(r"[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{43}=")  # HMAC-SHA1, HMAC-SHA256
_FIELD_NAME = re.compile(r"[A-Z][A-Za-z0-9_.\[\]-]{0,63}")
_ADDRESS = rf"(?:{WHATSAPP_NUMBER}|{SERVICE_SID})"
_DECISIVE = {
    "MessageSid": re.compile(r"(?:SM|MM)[0-9a-f]{32}"),
    "AccountSid": re.compile(ACCOUNT_SID),
    "From": re.compile(_ADDRESS),
    "To": re.compile(_ADDRESS),
}
_READ_ONCE = frozenset({*_DECISIVE, "Body", "MessageStatus", "ErrorCode", "NumMedia", "MessagingServiceSid"})
_USUAL = re.compile(
    r"(ApiVersion|ChannelPrefix|MessageStatus|MessageType|ReferralNumMedia|NumMedia|NumSegments|ProfileName"
    r"|SmsMessageSid|SmsSid|SmsStatus|WaId)(?!\")"  # ChannelMetadata quotes two of them
)
"""Fields that Twilio sends with most requests, of names that nobody writes by chance."""


def verify(request: WebhookRequest, settings: WhatsAppSettings) -> Mapping[str, object]:
    """Proves the request; returns the fields it carries, none of which is read before. Pure.

    A form's values are strings, JSON's are as they stand. Raises Refused, saying why.
    """
    signature = _header(request, SIGNATURE)
    if not signature or not _SIGNATURE_SHAPE.fullmatch(signature):
        raise Refused("the signature header is missing or malformed")
    if len(request.body) > MAX_BODY:
        raise Refused("the body is too large")
    try:
        body = request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("the body is not UTF-8") from error
    query = _query(request.url)
    algorithm = _header(request, SIGNATURE_SETTINGS)
    tokens = [token.get_secret_value() for token in settings.auth_tokens]
    kind = _header(request, "content-type").partition(";")[0].strip().lower()
    if kind == FORM:
        form = _form(body)
        if not is_signed(request.url, form, signature, tokens, algorithm):
            raise Refused("the signature does not match")
        _read_one_way(form)
        fields: Mapping[str, object] = {name: form[name] for name in form}
    elif kind == JSON:
        if len(query.get("bodySHA256", ())) != 1:
            raise Refused("a JSON body needs bodySHA256 in the query, once")
        if not is_signed(request.url, body, signature, tokens, algorithm):
            raise Refused("the signature does not match")
        fields = _json(body)
    else:
        raise Refused("neither a form nor JSON")
    _require(fields, settings)
    return fields


def is_signed(
    url: str, params: MultiDict[str] | str, signature: str, tokens: Iterable[str], algorithm: str = ""
) -> bool:
    """Whether one of ``tokens`` gave ``signature`` over the URL and the form (or the JSON text).

    Twilio's own validator: it takes the URL with and without its port, and each value of a repeated
    parameter once. ``algorithm`` is the header that names HMAC-SHA256; empty means HMAC-SHA1.
    """
    from twilio.request_validator import (  # type: ignore[import-untyped]
        RequestValidator,
        get_signature_algorithm,
    )

    try:
        named = get_signature_algorithm(algorithm)
        return any(RequestValidator(token).validate(url, params, signature, named) for token in tokens)
    except ValueError:  # a port that is no number, a character that UTF-8 cannot carry
        return False


def _header(request: WebhookRequest, name: str) -> str:
    if name in request.doubled:
        raise Refused(f"the header {name} is there twice")
    return request.headers.get(name, "")


def _form(body: str) -> MultiDict[str]:
    try:
        pairs = parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Refused("the form cannot be read") from error
    if not pairs:
        raise Refused("the form is empty: nothing in it is signed")
    return MultiDict(pairs)


def _query(url: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(url).query, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Refused("the address cannot be read") from error


def _json(body: str) -> Mapping[str, object]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("the JSON cannot be read") from error
    if not isinstance(fields, dict):
        raise Refused("the JSON is not an object")
    return fields


def _read_one_way(form: MultiDict[str]) -> None:
    """Refuses a form whose signed text could have been cut elsewhere to say something else."""
    if not all(_FIELD_NAME.fullmatch(name) for name in form):
        raise Refused("a field's name is not one that Twilio uses")
    if any(len(form.getall(name, ())) > 1 for name in _READ_ONCE):
        raise Refused("a field is there twice")
    signed = "".join(name + value for name in sorted(set(form)) for value in sorted(set(form.getall(name))))
    for name, shape in _DECISIVE.items():
        standing = len(re.findall(name + shape.pattern, signed))
        stated = sum(key.endswith(name) and bool(shape.match(value)) for key, value in form.items())
        if standing != stated:
            raise Refused(f"the field {name} can be read in more than one way")
    swallowed = {match[1] for match in _USUAL.finditer(signed)}.difference(form)
    if swallowed:
        raise Refused(f"within another field: {', '.join(sorted(swallowed))}")


def _require(fields: Mapping[str, object], settings: WhatsAppSettings) -> None:
    missing = {name for name, shape in _DECISIVE.items() if not shape.fullmatch(str(fields.get(name, "")))}
    if "From" in missing and not fields.get("From") and fields.get("MessageStatus"):
        # A messaging service reports on a message before it has chosen the number to send from.
        service = str(fields.get("MessagingServiceSid", ""))
        if service == settings.messaging_service_sid:
            missing.discard("From")
    if "Body" not in fields and "MessageStatus" not in fields:
        missing.add("Body")
    if missing:
        raise Refused(f"missing or malformed: {', '.join(sorted(missing))}")
    if fields["AccountSid"] not in settings.accounts:
        raise Refused("the account is not ours")
