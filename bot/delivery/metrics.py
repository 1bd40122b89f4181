"""What the engine counts for Prometheus. Labels are closed lists; nothing in them names a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES = Counter("muster_deliveries", "Messages by lane and final state.", ["lane", "state"])
REPEATS = Counter("muster_delivery_repeats", "Messages sent again that may have arrived before.", ["lane"])
FAILURES = Counter("muster_delivery_failures", "Attempts that failed, by error.", ["error"])
FALLBACKS = Counter(
    "muster_delivery_fallbacks", "Messages that could not be rendered and went out plain.", ["kind"]
)
MERGED = Counter("muster_delivery_merged_lines", "Lines that went out together with another one.")
SEND_SECONDS = Histogram(
    "muster_send_seconds",
    "From the start of a Bot API call to its answer.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
WAIT_SECONDS = Histogram(
    "muster_delivery_wait_seconds",
    "From the commit of a message to the start of its last attempt.",
    ["lane"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 120, 600, 3600),
)
QUEUED = Gauge("muster_outbox_queued", "Messages that wait, by lane.", ["lane"])
OLDEST_SECONDS = Gauge(
    "muster_outbox_oldest_seconds", "Age of the oldest message that could go now.", ["lane"]
)
IS_UNREACHABLE = Gauge("muster_bot_api_unreachable", "1 while the Bot API cannot be connected to.")

CHANNEL_DELIVERIES = Counter(
    "muster_channel_deliveries",
    "Messages of channels besides Telegram, by final state.",
    ["channel", "state"],
)
CHANNEL_FAILURES = Counter(
    "muster_channel_failures", "Attempts at such a channel that failed, by error.", ["channel", "error"]
)
CHANNEL_IS_DOWN = Gauge(
    "muster_channel_down", "1 while a channel takes nothing of what it is given.", ["channel"]
)
FALLBACKS_SENT = Counter(
    "muster_fallback_messages", "Alarms and orders that also went to channels while Telegram took nothing."
)

INBOX_NEW = Gauge("muster_inbox_new", "Stored updates and alerts without an effect yet.")
INBOX_DEAD = Gauge("muster_inbox_dead", "Dead letters: every try failed.")
INBOX_OLDEST_SECONDS = Gauge("muster_inbox_oldest_seconds", "Age of the oldest one without an effect.")
INBOX_FAILURES = Counter(
    "muster_inbox_failures",
    "Tries that failed, by source and whether it was the last.",
    ["source", "is_last"],
)

CAMERA_WORKING = Gauge("muster_camera_working", "1 while a camera shows what it should.", ["camera"])
PROBE_SECONDS = Histogram(
    "muster_camera_probe_seconds",
    "One look at a camera for its health, its waiting included.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
PICTURES_BYTES = Gauge("muster_pictures_kept_bytes", "Kept pictures of cameras on the disk.")
PICTURES_BUDGET_BYTES = Gauge("muster_pictures_budget_bytes", "What they may take.")
INTAKE_AGE_SECONDS = Gauge(
    "muster_intake_age_seconds", "Since Telegram was last heard, by poll or by webhook."
)
