"""The command line door: `relevo …`."""
