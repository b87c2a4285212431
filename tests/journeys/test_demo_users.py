"""The demo's users: passwords that are printed once and work; where the public comes, there are none."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.accounts import Browser
from tests.support.processes import RELEVO, Processes, free_port, until


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="relevo-demo-") as name:
        Path(name).chmod(0o711)  # the database's account passes through it
        yield Path(name)


async def test_passwords_are_printed_once_and_public_installations_refuse(folder: Path) -> None:
    port = free_port()
    settings = {"DATA_DIR": str(folder / "data"), "PORT": str(port), "LOG_LEVEL": "warning"}
    local = Processes(folder, settings)
    public = Processes(folder, {**settings, "PUBLIC_URL": "https://care.example.com"})
    try:
        first = await _start(local, "first", port)
        printed = dict(re.findall(r"Demo (\w+): \S+  password (\S{16})", local.log("first")))
        assert printed.keys() == {"marketer", "operator"}
        async with Browser(f"http://localhost:{port}") as browser:
            for role, password in printed.items():
                answer = await browser.sign_in(f"{role}@demo.example", password)
                assert answer.status_code == 303
                await browser.submit("/sign-out")

        with pytest.raises(AssertionError) as refused:
            await public.run("public", *RELEVO, "serve", "--port", str(free_port()))
        [line] = [line for line in str(refused.value).splitlines() if "✗" in line]
        assert "relevo user remove marketer@demo.example and relevo user remove operator@demo.example" in line
        assert "Traceback" not in str(refused.value)

        for role in printed:
            await public.run(f"remove-{role}", *RELEVO, "user", "remove", f"{role}@demo.example")
        first.terminate()
        await until("stopped", lambda: _ended(first))
        await _start(public, "again", port)
        assert "password" not in public.log("again")
    finally:
        public.end()
        local.end()


async def _ended(process: "subprocess.Popen[bytes]") -> bool:
    return process.poll() is not None


async def _start(processes: Processes, name: str, port: int) -> "subprocess.Popen[bytes]":
    process = processes.start(name, *RELEVO, "serve")

    async def ready() -> bool:
        assert process.poll() is None, processes.log(name)
        try:
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"http://localhost:{port}/readyz")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and "Demo API key" in processes.log(name)

    await until("ready", ready, 120)
    return process
