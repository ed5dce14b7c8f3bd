"""Where things lie in a checkout."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one checkout, all below ``root``; nothing is written outside it but Go's and pip's own caches."""

    root: Path

    @property
    def manifest(self) -> Path:
        """What is built."""
        return self.root / "tools" / "tools.toml"

    @property
    def families(self) -> Path:
        """One Go module per family of tools."""
        return self.root / "tools" / "go"

    @property
    def pyproject(self) -> Path:
        """The Python project, with its pins."""
        return self.root / "pyproject.toml"

    @property
    def requirements(self) -> Path:
        """The hashed requirements of the virtual environment."""
        return self.root / "requirements.txt"

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The Python of the virtual environment."""
        return self.venv / "bin" / "python"

    @property
    def tools(self) -> Path:
        """Everything that set-up builds, apart from the virtual environment."""
        return self.root / ".tools"

    @property
    def bin(self) -> Path:
        """The built programs."""
        return self.tools / "bin"

    @property
    def plugins(self) -> Path:
        """The programs that are Pulumi plugins, once more, as Pulumi's own plugin folder spells them."""
        return self.tools / "plugins"

    @property
    def charts(self) -> Path:
        """The chart mirror."""
        return self.tools / "charts"

    @property
    def stamps(self) -> Path:
        """What each built program was built from."""
        return self.tools / "stamps"

    @property
    def logs(self) -> Path:
        """The output of each build."""
        return self.tools / "logs"

    @property
    def staging(self) -> Path:
        """Half-made things; whatever lies here when no set-up runs is left over from one that was killed."""
        return self.tools / "staging"

    @property
    def home(self) -> Path:
        """What a running platform keeps: local state, passphrase, sims."""
        return self.root / ".kubelanes"

    @property
    def stacks(self) -> Path:
        """The committed stack files."""
        return self.root / "stacks"
