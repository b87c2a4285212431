"""The studio: a marketing project's chat, documents, persona, findings and content, each a page."""
