"""What a cloud does when it is asked to make, change or take away something."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from .checking import found_at
from .failing import Failure, told
from .inside import Inside
from .making import ACCOUNT, Place, Words, fill, identities, made, planned, updated
from .rows import Row
from .schema import ResourceSchema
from .store import Journal, Stored
from .wire import DEFAULTS, UNKNOWN, Properties, without_defaults

TAGS = {"aws": ("tags", "tagsAll"), "gcp": ("labels", "effectiveLabels")}
"""What a cloud's tags are called: those of the program, and those together with the provider's."""


class CloudError(Exception):
    """The cloud refuses; in its words."""


class Cloud:
    """One cloud, as its provider sees it."""

    def __init__(self, place: Place, rows: Mapping[str, Row]) -> None:
        self._place = place
        self._store = place.store
        self._journal = Journal(place.folder)
        self._inside = Inside(place)
        self._rows = rows

    def admit(self, configuration: Properties) -> None:
        """Raises CloudError where the provider's own configuration lacks something, or forbids this account."""
        package = self._place.package
        if not {"aws": self._place.region, "gcp": self._place.project}[package]:
            raise CloudError(f"{package}: {'region' if package == 'aws' else 'project'} is not configured")
        allowed, forbidden = configuration.get("allowedAccountIds"), configuration.get("forbiddenAccountIds") or []
        if (allowed and ACCOUNT not in allowed) or ACCOUNT in forbidden:
            raise CloudError(f"AWS account ID not allowed: {ACCOUNT}")

    def note(self, method: str, token: str, name: str, urn: str, inputs: Properties, **more: Any) -> None:
        """Records a call."""
        self._journal.write(method=method, token=token, name=name, urn=urn, inputs=without_defaults(inputs), **more)

    def named(self, token: str, urn: str, name: str, news: Properties, olds: Properties) -> Properties:
        """The inputs, with a name where the program gives none: it is kept once it is chosen, and nobody else's."""
        key = self._rows[token].named
        given = without_defaults(news)
        if key is None or given.get(key) is not None or given.get(f"{key}Prefix") is not None:
            return given | {DEFAULTS: []}
        if key in (olds.get(DEFAULTS) or []):
            return given | {key: olds[key], DEFAULTS: [key]}
        taken = {each.inputs.get(key) for each in self._store.every(token)}
        choices = (hashlib.sha256(f"{urn} {turn}".encode()).hexdigest()[:7] for turn in range(len(taken) + 1))
        names = (f"{name[: self._rows[token].longest - 8]}-{digits}" for digits in choices)
        return given | {key: next(each for each in names if each not in taken), DEFAULTS: [key]}

    def plan(self, token: str, schema: ResourceSchema, inputs: Properties) -> Properties:
        """What is known of something before it is made."""
        return self._tagged(planned(self._rows[token], schema, inputs), inputs)

    def replan(self, token: str, olds: Properties, old_inputs: Properties, news: Properties) -> Properties:
        """What is known of something before it is changed."""
        after = self._tagged(updated(olds, old_inputs, news), news)
        return after | dict.fromkeys(self._rows[token].renewed, UNKNOWN)

    def create(
        self, token: str, name: str, urn: str, schema: ResourceSchema, inputs: Properties
    ) -> tuple[Stored, str | None]:
        """Makes one; with the text of a failure that left it there all the same. Raises CloudError."""
        row = self._rows[token]
        with self._store.alone():
            self._require(row, inputs)
            words = self._words_of_a_new_one(row, token, name, urn, inputs)
            failure = told(self._place.folder, self._place.package, token, name, "create", words)
            self._fail("create", token, name, urn, inputs, failure)
            outputs = self._tagged(made(row, schema, words, inputs), inputs)
            stored = Stored(token=token, id=words["id"], name=name, urn=urn, inputs=inputs, outputs=outputs)
            self._store.put(stored)
        self._inside.follow(None, stored)
        self.note("create", token, name, urn, inputs, id=stored.id, outputs=outputs, **_error(failure))
        return stored, failure.text if failure else None

    def read(self, token: str, name: str, urn: str, identity: str) -> Stored | None:
        """What the cloud has under this id."""
        self.note("read", token, name, urn, {}, id=identity)
        found = self._store.get(token, identity)
        return None if found is None or found.gone else found

    def update(self, token: str, name: str, urn: str, identity: str, inputs: Properties) -> tuple[Stored, str | None]:
        """Changes one in place; with the text of a failure that changed it all the same. Raises CloudError."""
        row = self._rows[token]
        with self._store.alone():
            before = self._store.get(token, identity)
            if before is None or before.gone:
                raise CloudError(row.missing.format_map({"id": identity}))
            self._require(row, inputs)
            words = self._words(name, inputs, identity)
            failure = told(self._place.folder, self._place.package, token, name, "update", words)
            self._fail("update", token, name, urn, inputs, failure)
            outputs = self._tagged(updated(before.outputs, before.inputs, inputs), inputs)
            outputs |= {key: before.outputs[key] + 1 for key in row.renewed}
            stored = Stored(token=token, id=identity, name=name, urn=urn, inputs=inputs, outputs=outputs)
            self._store.put(stored)
        self._inside.follow(before, stored)
        self.note("update", token, name, urn, inputs, id=identity, outputs=outputs, **_error(failure))
        return stored, failure.text if failure else None

    def delete(self, token: str, name: str, urn: str, identity: str) -> None:
        """Takes it away; what is gone already is fine. Raises CloudError while something needs it."""
        row = self._rows[token]
        with self._store.alone():
            stored = self._store.get(token, identity)
            if stored is None or stored.gone:
                self.note("delete", token, name, urn, {}, id=identity, gone=True)
                return
            words = self._words(name, stored.inputs, identity)
            failure = told(self._place.folder, self._place.package, token, name, "delete", words)
            self._fail("delete", token, name, urn, stored.inputs, failure)
            if text := self._kept(row, stored, words):
                self._fail("delete", token, name, urn, stored.inputs, Failure(text, partial=False))
            if row.stays:
                stored.gone = True
                self._store.put(stored)
            else:
                self._store.remove(stored)
        self._inside.follow(stored, None)
        self.note("delete", token, name, urn, stored.inputs, id=identity)

    def answer(self, token: str, schema: ResourceSchema, arguments: Properties) -> Properties:
        """What a data source says."""
        words = Words(self._place, token, arguments, token)
        self.note("invoke", token, "", "", arguments)
        return made(self._rows[token], schema, words, arguments) | {"id": words["region"]}

    def retagged(self, olds: Properties, news: Properties) -> list[tuple[str, str]]:
        """The change that new tags of the provider's are for something that has the old ones."""
        own, every = TAGS[self._place.package]
        if every not in olds:
            return []
        wanted = {**self._place.tags, **(news.get(own) or {})}
        return [] if UNKNOWN in wanted.values() or olds[every] == wanted else [(every, "update")]

    def _words(self, name: str, inputs: Properties, identity: str) -> Words:
        words = Words(self._place, name, without_defaults(inputs), identity)
        words["id"] = identity
        return words

    def _words_of_a_new_one(self, row: Row, token: str, name: str, urn: str, inputs: Properties) -> Words:
        """Words with an id that nothing else has; raises CloudError where the program itself gave it a taken one."""
        seen: set[str] = set()
        while True:
            words = Words(self._place, name, without_defaults(inputs), f"{self._place.package} {urn} {len(seen)}")
            words["id"] = identity = fill(row.id, words)
            if self._store.get(token, identity) is None:
                return words
            if identity in seen or ("{hex" not in row.id and "{uuid}" not in row.id):
                text = row.exists.format_map(words)
                self._fail("create", token, name, urn, inputs, Failure(text, partial=False))
            seen.add(identity)

    def _fail(self, method: str, token: str, name: str, urn: str, inputs: Properties, failure: Failure | None) -> None:
        if failure and not failure.partial:
            self.note(method, token, name, urn, inputs, error=failure.text)
            raise CloudError(failure.text)

    def _tagged(self, outputs: Properties, inputs: Properties) -> Properties:
        own, every = TAGS[self._place.package]
        if every not in outputs:
            return outputs
        return outputs | {every: {**self._place.tags, **(inputs.get(own) or {})}}

    def _require(self, row: Row, inputs: Properties) -> None:
        """Raises CloudError for a reference to what is not there."""
        for path, token in row.refers.items():
            target = self._rows[token]
            for _, value in found_at(inputs, path):
                external = target.external and re.fullmatch(target.external, value)
                if not external and not self._is_known(token, value):
                    raise CloudError(target.missing.format_map({"id": value}))

    def _is_known(self, token: str, value: str) -> bool:
        """Whether a text names something of this type, or something that the cloud made along with something else."""
        if any(value in identities(each) for each in self._store.every(token) if not each.gone):
            return True
        others = (each for each in self._store.every() if each.token != token and not each.gone)
        return any(value in _texts(each.outputs) - _texts(each.inputs) for each in others)

    def _kept(self, row: Row, stored: Stored, words: Words) -> str | None:
        """Why it cannot go yet."""
        if row.guarded and stored.inputs.get(row.guarded, self._place.package == "gcp"):
            return f"Cannot destroy {stored.id}: {row.guarded} is set"
        if row.in_use and (users := self._users(stored)):
            return f"{row.in_use.format_map(words)} (still there: {', '.join(users)})"
        return None

    def _users(self, stored: Stored) -> list[str]:
        """What refers to a resource."""
        names = identities(stored)
        return sorted(
            f"{other.token} {other.id}"
            for other in self._store.every()
            if other.token in self._rows and not other.gone and (other.token, other.id) != (stored.token, stored.id)
            if names & _referred(self._rows[other.token], stored.token, other.inputs)
        )


def _referred(row: Row, token: str, inputs: Properties) -> set[str]:
    paths = (path for path, target in row.refers.items() if target == token)
    return {value for path in paths for _, value in found_at(inputs, path) if isinstance(value, str)}


def _texts(value: Any) -> set[str]:
    """Every text in a value."""
    match value:
        case str():
            return {value}
        case dict():
            return {text for each in value.values() for text in _texts(each)}
        case list():
            return {text for each in value for text in _texts(each)}
        case _:
            return set()


def _error(failure: Failure | None) -> dict[str, str]:
    return {"error": failure.text} if failure else {}
