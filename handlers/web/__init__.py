"""aiohttp routes and pages."""
