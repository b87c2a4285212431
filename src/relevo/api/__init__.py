"""The HTTP door: chats, webhooks, the web chat page, health. Thin: everything it does is done elsewhere."""
