"""Reads the plans PostgreSQL makes, those inside functions and foreign-key checks too, as it prints them.

With ``debug_print_plan`` every plan is sent to the client: a tree of nodes, ``{SEQSCAN :scan.scanrelid 1}``,
in which a field's value is a word, a node, or a list in parentheses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

OPTIONS = "-c debug_print_plan=on -c debug_pretty_print=off -c client_min_messages=log -c enable_seqscan=off"
"""Connection options: send the plans, and use an index wherever one serves (test tables are small)."""
_TOKEN = re.compile(r'[{}()]|"(?:[^"\\]|\\.)*"|\[[^]]*\]|(?:\\.|[^\s{}()])+')
_SCANS = {"SEQSCAN", "INDEXSCAN", "INDEXONLYSCAN", "BITMAPINDEXSCAN", "SAMPLESCAN", "TIDRANGESCAN"}


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    fields: dict[str, list[Any]] = field(default_factory=dict)

    def below(self) -> Iterator["Node"]:
        """This node and all under it."""
        yield self
        for value in self.fields.values():
            yield from _nodes(value)


@dataclass(frozen=True, slots=True)
class Scan:
    """A table read: its object id, how, and by how many conditions of an index."""

    table: int
    kind: str
    conditions: int


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield from value.below()
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def parse(text: str) -> Node:
    tokens = iter(_TOKEN.findall(text))
    assert next(tokens) == "{"
    return _node(tokens)


def _node(tokens: Iterator[str]) -> Node:
    node = Node(next(tokens))
    values: list[Any] = []
    for token in tokens:
        if token == "}":
            break
        if token.startswith(":"):
            values = node.fields[token[1:]] = []
        else:
            values.append(_value(token, tokens))
    return node


def _value(token: str, tokens: Iterator[str]) -> Any:
    if token == "{":
        return _node(tokens)
    if token != "(":
        return token
    found = []
    for each in tokens:
        if each == ")":
            break
        found.append(_value(each, tokens))
    return found


def scans(plan: Node) -> list[Scan]:
    """Every reading of a table in a ``PLANNEDSTMT``."""
    tables = [entry.fields.get("relid", ["0"])[0] for entry in plan.fields["rtable"][0]]
    return [
        Scan(
            table=int(tables[int(node.fields["scan.scanrelid"][0]) - 1]),
            kind=node.name,
            conditions=len(
                [each for each in node.fields.get("indexqual", [[]])[0] if isinstance(each, Node)]
            ),
        )
        for node in plan.below()
        if node.name in _SCANS
    ]
