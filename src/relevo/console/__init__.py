"""Pages for those who work with Relevo, in Python through NiceGUI: the marketer's studio."""
