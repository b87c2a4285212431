"""What somebody wrote, among lines of ours."""

CONTINUED = "    "


def quoted(text: str) -> str:
    """``text`` with everything after its first line indented: no line of it can pass for one of ours."""
    return f"\n{CONTINUED}".join(text.splitlines())
