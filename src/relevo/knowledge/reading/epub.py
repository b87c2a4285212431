"""E-books: their chapters in reading order."""

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from lxml import etree

from relevo.knowledge.block import Block
from relevo.knowledge.reading.archive import opened
from relevo.knowledge.reading.errors import Unreadable, Why
from relevo.knowledge.reading.html import page

_CONTAINER = "META-INF/container.xml"


def chapters(body: bytes) -> Iterator[Block]:
    """The blocks of each chapter of the spine. A protected book cannot be read."""
    archive = opened(body)
    names = set(archive.namelist())
    if _CONTAINER not in names:
        raise Unreadable(Why.WRONG_KIND)
    if "META-INF/rights.xml" in names or "META-INF/sinf.xml" in names:
        raise Unreadable(Why.PASSWORD)
    try:
        for name in _spine(archive):
            if name in names:
                yield from page(archive.read(name))
    except (BadZipFile, KeyError, etree.XMLSyntaxError, etree.ParserError) as error:
        raise Unreadable(Why.BROKEN) from error


def _spine(archive: ZipFile) -> list[str]:
    package = _xml(archive.read(_CONTAINER)).xpath("string(//*[local-name()='rootfile']/@full-path)")
    tree = _xml(archive.read(package))
    places = {item.get("id"): item.get("href") for item in tree.xpath("//*[local-name()='item']")}
    order = [item.get("idref") for item in tree.xpath("//*[local-name()='itemref']")]
    folder = posixpath.dirname(package)
    return [
        posixpath.normpath(posixpath.join(folder, unquote(places[each]))) for each in order if each in places
    ]


def _xml(body: bytes) -> Any:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
