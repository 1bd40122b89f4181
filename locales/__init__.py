"""The gettext catalogues: `messages.pot`, `zh_Hans/`, `en/`. The msgid is the English sentence."""
