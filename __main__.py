"""kubelanes: one stack file, one AI platform."""

import pulumi

from components import Platform, load_settings

platform = Platform("platform", load_settings())
for name, value in platform.exports.items():
    pulumi.export(name, value)
