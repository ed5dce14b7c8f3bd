"""The base of every settings model: frozen, strict about unknown keys, documented by docstrings (see `meanings`)."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of the stack file. Unknown keys are refused; a value, once loaded, never changes."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,  # a program pays for what it validates: Settings, once
        extra="forbid",
        validate_default=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,  # a value may be a secret that stands in the wrong place
    )
