"""The durable inbox and outbox: claim, render, send, settle."""
