"""What a chart's values cannot say about its objects, said of the objects themselves.

`amend` is the rule. As a program (``python amend.py '{"DeviceClass/gpu.nvidia.com": {"spec": {...}}}'``) this file is
Helm's post-renderer: YAML in, YAML out. It is started by its path, so it imports nothing of the package.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import yaml

Manifest = Mapping[str, Any]


def amend(manifests: Iterable[Manifest], amendments: Mapping[str, Manifest]) -> Iterator[Manifest]:
    """``manifests`` with the merge patches (RFC 7386) of ``amendments`` applied, by kind and name.

    Raises LookupError, after the last, for an amendment of what is not among them: a chart that renames an object would
    otherwise leave the amendment behind unseen.
    """
    missed = set(amendments)
    for each in manifests:
        key = f"{each['kind']}/{each['metadata']['name']}"
        missed.discard(key)
        yield merged(each, amendments[key]) if key in amendments else each
    if missed:
        raise LookupError(
            f"the chart has no {', '.join(sorted(missed))}; what is amended has another name now. Give the add-on's "
            "amendments that name, or remove them where the chart's values can say it."
        )


def merged(value: Any, patch: Any) -> Any:  # noqa: ANN401 - any part of a manifest
    """``value`` with a merge patch applied: what is null in the patch is left out."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(cast("Manifest", value)) if isinstance(value, Mapping) else {}
    for key, change in cast("Manifest", patch).items():
        if change is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), change)
    return result


def main() -> None:
    """Helm's post-renderer: amends the manifests on standard input."""
    manifests = (each for each in yaml.safe_load_all(sys.stdin) if each)
    yaml.safe_dump_all(amend(manifests, json.loads(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
