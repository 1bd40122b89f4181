"""What all sections and lists of `school.toml` have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.config.fields import Id


class Section(BaseModel):
    """What all sections have in common: nothing unknown, nothing changed later, no secret in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


class Entry(Section):
    """One of a list in double brackets, found by its id."""

    id: Id
