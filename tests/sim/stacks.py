"""Small stacks whose lives the tests follow."""

SMALL = """\
config:
  kubelanes:cluster: { kind: sim, name: life }
  kubelanes:pools:
    platform: { lane: platform, machine: m7i.large, size: 1 }
    a10g: { lane: batch, accelerator: a10g, per_node: 4, size: 1 }
  kubelanes:tenants:
    search:
      contact: search@example.com
      quota: { cpu: 8, memory: 16Gi, gpu: { a10g: 4 } }
  kubelanes:lanes:
    apis:
      portal: { tenant: search, image: "registry.example.com/portal:2.1.0", replicas: { range: 1 } }
"""
"""One tenant with one service, on two nodes."""

WIDER = SMALL.replace("per_node: 4, size: 1", "per_node: 4, size: 3")
"""The same with a pool of three nodes in place of one."""

SHARED = SMALL.replace(
    "  kubelanes:lanes:",
    """\
    research:
      contact: research@example.com
      quota: { cpu: 4, memory: 8Gi }
  kubelanes:lanes:""",
)
"""The same with a second tenant."""
