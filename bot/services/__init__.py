"""Use cases: one method = one unit of work that writes state, timeline and outbox together."""
