"""Credentials that are there, without using them."""

from collections.abc import Iterator
from pathlib import Path

from ...settings.settings import Settings
from .finding import Finding, good, mend, note
from .machine import ThisMachine


def credentials(machine: ThisMachine, settings: Settings | None) -> Iterator[Finding]:
    """Where the state is kept, and who the cloud will take us for."""
    yield _backend(machine)
    match settings.cluster.kind if settings else None:
        case "eks":
            yield _aws(machine)
        case "gke":
            yield _gcp(machine)
        case _:
            pass


def _backend(machine: ThisMachine) -> Finding:
    home = Path(machine.environment.get("PULUMI_HOME") or machine.home / ".pulumi")
    if given := machine.given("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"):
        return good(f"Pulumi's state: by {given}")
    if (home / "credentials.json").is_file():
        return good(f"Pulumi's state: by {home / 'credentials.json'}")
    return note(
        "Pulumi has not been told where to keep its state",
        "`pulumi` asks for it; `make up` keeps it in the checkout and needs nothing.",
        "pulumi login, or set PULUMI_BACKEND_URL.",
    )


def _aws(machine: ThisMachine) -> Finding:
    variable = machine.given(
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    )
    if variable:
        return good(f"credentials for AWS: by {variable}")
    shared = Path(machine.environment.get("AWS_SHARED_CREDENTIALS_FILE") or machine.home / ".aws" / "credentials")
    config = Path(machine.environment.get("AWS_CONFIG_FILE") or machine.home / ".aws" / "config")
    for file in (shared, config):
        if file.is_file():
            return good(f"credentials for AWS: by {file}")
    return mend(
        "there are no credentials for AWS",
        "Nothing can be previewed against the account, let alone brought up. On EC2 with a role, ignore this.",
        "aws configure sso, or set AWS_PROFILE.",
    )


def _gcp(machine: ThisMachine) -> Finding:
    named = machine.environment.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named and not Path(named).is_file():
        return mend(
            f"GOOGLE_APPLICATION_CREDENTIALS names {named}, which is not there",
            "Nothing can be previewed against the project.",
            "Correct it, or unset it and run: gcloud auth application-default login.",
        )
    folder = Path(machine.environment.get("CLOUDSDK_CONFIG") or machine.home / ".config" / "gcloud")
    if variable := machine.given("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN"):
        return good(f"credentials for Google Cloud: by {variable}")
    if (file := folder / "application_default_credentials.json").is_file():
        return good(f"credentials for Google Cloud: by {file}")
    return mend(
        "there are no credentials for Google Cloud",
        "Nothing can be previewed against the project, let alone brought up. On Compute Engine, ignore this.",
        "gcloud auth application-default login.",
    )
