"""Where an instance keeps its state, and to whom it belongs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from runner.progress import StepError

SYSTEM_USER = "gridwarden"
# sun_path holds 108 bytes with its closing zero.
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET = "/.s.PGSQL.5432"


@dataclass(frozen=True)
class Profile:
    """A kind of instance; its state lies in a subdirectory of its own, so that kinds run side by side."""

    name: str
    subdirectory: str
    mode: str
    durable: bool


DEMO = Profile("run", "", "demo", durable=True)
TEST = Profile("test", "test", "test", durable=False)
BENCH = Profile("bench", "bench", "test", durable=True)
SERVICES = Profile("services", "services", "test", durable=False)


@dataclass(frozen=True)
class Places:
    """The paths of one instance. `owner` runs PostgreSQL and Redis and is never root."""

    checkout: Path
    profile: Profile
    var: Path
    sockets: Path
    owner: str

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def cluster(self) -> Path:
        return self.var / "postgres"

    @property
    def redis(self) -> Path:
        return self.var / "redis"

    @property
    def record(self) -> Path:
        """What a running instance says about itself, for whoever finds its lock taken."""
        return self.var / "instance.json"

    @property
    def instance(self) -> str:
        """The tag in the environment of every process of this instance."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:16]

    @property
    def database_url(self) -> str:
        return f"host={quoted(self.sockets)} dbname=gridwarden user=gridwarden"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'redis.sock'}?db=0"

    def as_owner(self) -> list[str]:
        """The words in front of a command that make it run as the owner."""
        if os.geteuid() != 0:
            return []
        return ["setpriv", f"--reuid={self.owner}", f"--regid={self.owner}", "--init-groups"]


def quoted(path: Path) -> str:
    """A value of a libpq key/value string, quoted when it has to be."""
    text = str(path)
    if all(character.isalnum() or character in "/._-" for character in text):
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def state_root(checkout: Path) -> Path:
    """GRIDWARDEN_VAR, else `var/` in the checkout, else, for root, a directory under /var/lib."""
    override = os.environ.get("GRIDWARDEN_VAR")
    if override:
        if not os.path.isabs(override):
            raise StepError(f"GRIDWARDEN_VAR must be an absolute path, not {override!r}.")
        return Path(override)
    if os.geteuid() != 0:
        return checkout / "var"
    # An unprivileged user cannot enter a checkout under /root, and PostgreSQL refuses to run as root.
    return Path("/var/lib/gridwarden") / hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]


def prepare(checkout: Path, profile: Profile) -> Places:
    """Make the instance's directories, with the right owner and mode. Raises StepError."""
    root = state_root(checkout)
    owner = SYSTEM_USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        ensure_system_user()
    var = root / profile.subdirectory if profile.subdirectory else root
    places = Places(checkout, profile, var, socket_directory(var), owner)
    try:
        for directory in (root, var):
            own(directory, owner, 0o755)
        for directory in (places.log, var / "static", var / "media"):
            directory.mkdir(exist_ok=True)
        for directory in (places.redis, places.sockets):
            own(directory, owner, 0o700)
    except OSError as error:
        raise StepError(
            f"The state directory {var} cannot be made: {error.strerror} ({error.filename}).",
            advice="Remove what is in the way, or choose another place: GRIDWARDEN_VAR=/path make run",
        ) from error
    check_reachable(places)
    return places


def own(directory: Path, owner: str, mode: int) -> None:
    """Make a directory that belongs to the owner, with this mode."""
    directory.mkdir(parents=True, exist_ok=True)
    entry = pwd.getpwnam(owner)
    if os.geteuid() == 0:
        os.chown(directory, entry.pw_uid, entry.pw_gid)
    if directory.stat().st_mode & 0o777 != mode:
        directory.chmod(mode)


def socket_directory(var: Path) -> Path:
    """`run/` of the state directory, or a short directory elsewhere when the sockets' paths would not fit."""
    near = var / "run"
    if len(os.fsencode(near)) + len(LONGEST_SOCKET) <= SOCKET_PATH_LIMIT:
        return near
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    base = runtime if os.geteuid() != 0 and private(runtime) else Path("/tmp")  # noqa: S108 - checked below
    short = base / f"gridwarden-{os.geteuid()}-{digest}"
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
    if not private(short):
        raise StepError(
            f"{short} is needed for the sockets but belongs to somebody else.",
            advice="Remove it, or choose a shorter state directory: GRIDWARDEN_VAR=/path make run",
        )
    return short


def private(directory: Path) -> bool:
    """Whether a path is a directory of ours (or the system user's), no link, and closed to everybody else."""
    try:
        entry = directory.lstat()
    except OSError:
        return False
    owners = {os.geteuid()}
    if os.geteuid() == 0:
        owners.add(pwd.getpwnam(SYSTEM_USER).pw_uid)
    return stat.S_ISDIR(entry.st_mode) and entry.st_uid in owners and entry.st_mode & 0o077 == 0


def ensure_system_user() -> None:
    """Make the system user that PostgreSQL and Redis run as when root starts them."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--home-dir", "/nonexistent", "--no-create-home"]
        command += ["--shell", "/usr/sbin/nologin", SYSTEM_USER]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StepError(f"The system user {SYSTEM_USER} cannot be made: {done.stderr.strip()}") from None


def check_reachable(places: Places) -> None:
    """Refuse, with a sentence, a state directory that the unprivileged owner cannot enter."""
    if os.geteuid() != 0:
        return
    done = subprocess.run(
        [*places.as_owner(), "test", "-x", places.redis, "-a", "-w", places.redis], check=False, cwd="/"
    )
    if done.returncode != 0:
        raise StepError(
            f"The user {places.owner} cannot enter {places.var}, and PostgreSQL does not run as root.",
            advice="Choose a directory others may enter: GRIDWARDEN_VAR=/var/lib/somewhere make run",
        )
