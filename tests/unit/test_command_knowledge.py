"""`relevo knowledge`: files in, listed, searched, revoked, read again, deleted."""

import json
from pathlib import Path

from tests.support.hostile_files import pdf
from tests.unit.conftest import Relevo


def test_a_document_s_life(relevo: Relevo, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "portadas.md").write_text("# Portadas\n\nLa portada mide 3000 píxeles.", "utf-8")
    (folder / "pagos.txt").write_text("Los retiros tardan cinco días.", "utf-8")
    said = relevo("knowledge", "add", str(folder), "--kind", "expert", "--tag", "manual")
    assert "reading portadas" in said
    assert "portadas · ready, 1 passage" in said
    assert "already here" in relevo("knowledge", "add", str(folder / "pagos.txt"))
    documents = json.loads(relevo("knowledge", "list", "--kind", "expert", "--json"))
    assert {(each["title"], each["kind"], each["state"]) for each in documents} == {
        ("portadas", "expert", "ready"),
        ("pagos", "expert", "ready"),
    }
    [found] = json.loads(
        relevo("knowledge", "search", "¿cuánto mide la portada?", "--kind", "expert", "--json")
    )
    assert found["matched"] == ["mide", "portada"]
    assert found["place"]["headings"] == ["Portadas"]
    assert found["score"] > 0
    shown = relevo("knowledge", "search", "portada", "--tag", "manual")
    assert "La portada mide 3000 píxeles." in shown
    assert "matched: portada" in shown
    id = found["document"]
    assert "— Portadas" in relevo("knowledge", "show", id)
    relevo("knowledge", "revoke", id)
    assert "Nothing found." in relevo("knowledge", "search", "portada", "--kind", "expert")
    assert "ready" in relevo("knowledge", "reread", id)
    assert "La portada" in relevo("knowledge", "search", "portada", "--kind", "expert")
    relevo("knowledge", "delete", id)
    assert "Nothing found." in relevo("knowledge", "search", "portada", "--kind", "expert")
    for command in ("show", "revoke", "reread", "delete"):
        assert f"no document '{id}'" in relevo("knowledge", command, id, status=1)


def test_what_cannot_be_taken_in_is_said_and_the_rest_goes_on(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "locked.pdf").write_bytes(pdf("x", encrypted=True))
    (tmp_path / "picture.exe").write_bytes(b"x")
    (tmp_path / "fine.txt").write_text("Una frase.", "utf-8")
    said = relevo(
        "knowledge",
        "add",
        *(str(tmp_path / name) for name in ("locked.pdf", "picture.exe", "none.txt", "fine.txt")),
        "http://169.254.169.254/latest/meta-data",
        status=1,
    )
    assert "locked: The file is protected by a password." in said
    assert "This kind of file is not read." in said
    assert "No such file" in said
    assert "That address is not on the public web." in said
    assert "fine · ready, 1 passage" in said
    assert "failed" in relevo("knowledge", "list")


def test_gaps_are_shown_with_examples(relevo: Relevo) -> None:
    assert "No gaps." in relevo("knowledge", "gaps")
    assert json.loads(relevo("knowledge", "gaps", "--json")) == []
