"""A real redis-server for tests: started on a socket of its own, killed, stopped in its tracks, aged."""

import atexit
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

from redis import ConnectionError as NoConnection
from redis import Redis


class RedisServer:
    """A server without persistence: what it held is gone when it is killed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="relevo-redis-"))
        self.socket = self.folder / "redis.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "the tests need redis-server: sudo apt-get install redis-server"
        self.process = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.folder],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                with self.client() as client:
                    client.ping()
                return
            except (NoConnection, OSError):
                assert time.monotonic() < deadline and self.process.poll() is None, "redis-server is not up"
                time.sleep(0.02)

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def hang(self) -> None:
        """It takes connections and answers nothing, until ``wake``."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def age(self, seconds: float) -> None:
        """Takes ``seconds`` from what every key has left to live."""
        with self.client() as client:
            for key in client.scan_iter():
                left = client.pttl(key) - int(seconds * 1000)
                client.pexpire(key, left) if left > 0 else client.delete(key)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.wake()
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)


@cache
def shared_server() -> RedisServer:
    """One for the whole run of this process; whoever uses it empties it first."""
    server = RedisServer()
    atexit.register(server.close)
    return server
