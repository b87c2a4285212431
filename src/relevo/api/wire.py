"""How requests come off the wire: uvicorn's protocol, with a limit to what may stand before a body."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from relevo.api.errors import rendered

MOST_HEAD_BYTES = 64 * 1024
"""Request line and headers, in bytes; more is not read. api/limits.py lets less than this pass."""
MOST_HEADERS = 200
MOST_WIRE_BYTES = 16 * 1024 * 1024
"""One request with everything around its body: chunk sizes and trailers count as no body."""
_BITE = 8 * 1024
"""So much is parsed at a time: several small requests that arrive together are each counted alone."""
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s"
)


class _TooMuch(Exception):
    """Ends the parsing; the parser makes an error of its own of it."""


class Protocol(HttpToolsProtocol):
    """Closes the connection on a head that does not end, before it fills the memory."""

    most_wire_bytes = MOST_WIRE_BYTES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._taken = 0
        self._headed = False
        self._fields = 0
        self._too_much = False

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _BITE):
            if self._too_much or self.transport.is_closing():
                return
            bite = data[start : start + _BITE]
            self._taken += len(bite)
            super().data_received(bite)
            if self._taken > (self.most_wire_bytes if self._headed else MOST_HEAD_BYTES):
                self._refuse()

    def on_message_begin(self) -> None:
        self._taken, self._headed, self._fields = _BITE, False, 0  # at most so much of it has been taken
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if self._fields > MOST_HEADERS:
            self._too_much = True
            raise _TooMuch
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._headed = True
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if self._too_much:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _refuse(self) -> None:
        self._too_much = True
        if not self._headed:
            payload = rendered("head_too_large")
            self.transport.write(_REFUSAL % (len(payload), payload))
        self.transport.close()


def protocol_for(most_upload: int) -> type[Protocol]:
    """The protocol for an installation that takes files of ``most_upload`` bytes, and what stands around."""
    most = max(MOST_WIRE_BYTES, 2 * most_upload)
    return type("Protocol", (Protocol,), {"most_wire_bytes": most})
