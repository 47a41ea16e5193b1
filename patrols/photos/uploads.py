"""A picture on its way in: streamed into a file without a name, refused early when it is too large."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from grids.problems import BadInput
from patrols.photos.limits import MOST_BYTES
from patrols.photos.picture import too_large

FIELD = "photo"
# Beside the picture a form has a few words and its boundaries.
MOST_FORM_BYTES = MOST_BYTES + (64 << 10)


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that has arrived: an open file without a name, its digest, and the form's other fields."""

    stream: IO[bytes]
    sha256: str
    fields: dict[str, str]


class Incoming(FileUploadHandler):
    """Writes each file to a temporary file that has no name: if the process is killed, nothing of it is left."""

    chunk_size = 1 << 18

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.stream = tempfile.TemporaryFile()  # noqa: SIM115 - the form's reader closes it
        self.digest = sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece of it."""
        self.digest.update(raw_data)
        self.stream.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """Return the file, at its start, with its digest."""
        self.stream.seek(0)
        file = UploadedFile(self.stream, self.file_name, self.content_type, file_size, self.charset)
        file.sha256 = self.digest.hexdigest()  # type: ignore[attr-defined]
        return file


def expect(request: HttpRequest) -> None:
    """Let the files of a request that nobody has read yet be streamed as above."""
    request.upload_handlers = [Incoming(request)]


def check_length(request: HttpRequest) -> None:
    """Raise TooLarge for a request that says it is larger than a picture may be, before any of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_FORM_BYTES:
        raise too_large()


@contextmanager
def readable() -> Iterator[None]:
    """Raise BadInput where the form is read and cannot be."""
    try:
        yield
    except RequestDataTooBig:
        raise
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise BadInput(_("The form with the picture cannot be read.")) from error


def upload_of(fields: dict[str, str], files: MultiValueDict[str, UploadedFile]) -> Upload:
    """Return the one picture of a form; raises BadInput without one or with several, TooLarge."""
    given = [(name, file) for name in files for file in files.getlist(name)]
    if len(given) != 1 or given[0][0] != FIELD:
        raise BadInput(_("Send one picture, in the field “photo” of a form (multipart/form-data)."))
    file = given[0][1]
    if (file.size or 0) > MOST_BYTES:
        raise too_large()
    stream = file.file
    assert stream is not None
    return Upload(stream, file.sha256, fields)  # type: ignore[attr-defined]
