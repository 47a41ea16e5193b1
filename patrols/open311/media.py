"""What is posted, with pictures: GeoReport v2 knows their address only, so they come as CitySDK's clients send them.

They are files named `media`, or `media[]` as some libraries write it.
"""

from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from grids.problems import NotAllowed
from patrols.models import Open311Client
from patrols.open311.faults import Faults
from patrols.open311.keys import client_of
from patrols.photos.uploads import Incoming, Upload, check_length

Files = MultiValueDict[str, UploadedFile]
NAMES = ("media", "media[]")
MOST_MEDIA = 5
PARTS = "multipart/form-data"


class Admitted(Incoming):
    """Streams files, for whom the fields before them show to have a key: nobody else fills the disk."""

    parser: MultiPartParser
    client: Open311Client | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; raises NotAllowed, TooMany."""
        if self.client is None:
            key = _key(self.parser._post)  # type: ignore[attr-defined]
            if not key:
                raise NotAllowed(_("Give your key as api_key, in front of the pictures."))
            self.client = client_of(key)
        super().new_file(*args, **kwargs)


def read_form(request: HttpRequest) -> tuple[Open311Client, dict[str, str], Files]:
    """Return the client that posts, the fields of its form and its files; raises NotAllowed, TooMany, TooLarge."""
    if request.content_type != PARTS:
        return client_of(_key(request.POST)), request.POST.dict(), MultiValueDict()
    check_length(request)
    handler = Admitted(request)
    handler.parser = MultiPartParser(request.META, cast("IO[bytes]", request), [handler], "utf-8")
    fields, files = handler.parser.parse()
    # One field sent twice is as wrong as one that nobody knows; a form's last value counts.
    return handler.client or client_of(_key(fields)), {name: str(fields[name]) for name in fields}, files


def _key(fields: Any) -> str:
    return str(fields.get("api_key", "")).strip()


def media_of(files: Files) -> list[Upload]:
    """Return the pictures of a form, each once; raises Faults for files of another name, or too many."""
    unknown = [name for name in files if name not in NAMES]
    if unknown:
        raise Faults([_("There is no file “%(name)s”: pictures are named media.") % {"name": unknown[0][:40]}])
    given = [file for name in NAMES for file in files.getlist(name)]
    if len(given) > MOST_MEDIA:
        raise Faults([_("At most %(most)d pictures, please.") % {"most": MOST_MEDIA}])
    found = {}
    for file in given:
        assert file.file is not None
        digest = str(file.sha256)  # type: ignore[attr-defined]
        found[digest] = Upload(file.file, digest, {})
    return list(found.values())
