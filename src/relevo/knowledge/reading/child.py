"""The process that reads one file: ``python -m relevo.knowledge.reading.child .pdf 512 20 Title < file``.

It limits its own memory (MB) and processor time (seconds) before it looks at the first byte, opens no file
for writing, and prints weighed passages as JSON lines; the last line says that it came to the end, or why
not.
Whatever else goes wrong ends it, which whoever started it sees.
"""

import json
import resource
import sys
from typing import Any

from relevo.knowledge.chunk import passages
from relevo.knowledge.reading.errors import Unreadable, Why
from relevo.knowledge.reading.formats import check_kind, reader_of
from relevo.knowledge.weigh import indexed


def main(suffix: str, megabytes: int, seconds: int, title: str) -> None:
    memory = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        body = sys.stdin.buffer.read()
        check_kind(body, suffix)
        found = passages(reader_of(suffix)(body))
        for each in found:
            place = each.place
            said = [each.text, each.language, place.headings, place.page, place.seconds]
            _say([*said, indexed(each, title).weights])
        legible = any(char.isalnum() for each in found for char in each.text)
        _say({"why": None if legible else Why.NO_TEXT})
    except Unreadable as error:
        _say({"why": error.why})
    except MemoryError:
        _say({"why": Why.MEMORY})
    sys.stdout.flush()


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
