"""Telegram: the HTTP request under PTB, the poller, the transport, and the local simulator."""
