"""Telegram conversations, one module each. No Telegram object gets past this room."""
