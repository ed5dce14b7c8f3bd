"""The default class for volumes of an EKS cluster."""

import pulumi

from ...objects import Manifest, manifest
from .facts import STORAGE_CLASS


def storage_class(key: pulumi.Input[str]) -> Manifest:
    """Encrypted gp3 volumes, made where their pod stands; ``key`` is the ARN of the key that encrypts them.

    Source: aws-ebs-csi-driver, docs/parameters.md.
    """
    return manifest(
        "storage.k8s.io/v1",
        "StorageClass",
        STORAGE_CLASS,
        annotations={"storageclass.kubernetes.io/is-default-class": "true"},
        provisioner="ebs.csi.aws.com",
        parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": key, "csi.storage.k8s.io/fstype": "ext4"},
        # Made at once, a volume would stand in a zone that its pod may have no node in.
        volumeBindingMode="WaitForFirstConsumer",
        allowVolumeExpansion=True,
        reclaimPolicy="Delete",
    )
