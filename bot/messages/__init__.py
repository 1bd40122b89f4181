"""All that people read: `render(kind, params, language)` gives text and buttons."""
