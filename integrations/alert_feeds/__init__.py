"""Alerts that Muster fetches itself: one small file a source, which only brings `Body`s and never reads them.

`FEEDS` has the formats that can be fetched, by the same words as `FORMATS`; all others are posted to us.
"""

from collections.abc import Callable

from integrations.alert_feeds.dahua_stream import DahuaFeed
from integrations.alert_feeds.feed import Deliver, Feed, FeedSettings
from integrations.alert_feeds.mqtt import MqttFeed
from integrations.alert_feeds.weather_poll import WeatherFeed

# A url that the feed cannot use is a ValueError, at once.
FEEDS: dict[str, Callable[[FeedSettings, Deliver], Feed]] = {
    "frigate": MqttFeed,
    "dahua": DahuaFeed,
    "weather": WeatherFeed,
}

__all__ = ["FEEDS", "Deliver", "Feed", "FeedSettings"]
