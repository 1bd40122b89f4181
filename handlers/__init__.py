"""Inbound edges: read, check who asks, call one service, answer."""
