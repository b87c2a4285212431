"""Reading files: what they say and where, in a process of its own that may fail without harm."""
