"""How much Relevo takes beside the usual choice: the same talk, one machine, one run (docs/benchmarks.md)."""
