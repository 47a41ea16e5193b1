"""What the API takes and answers about photos."""

from typing import Any

from rest_framework import serializers

from grids.rest import Input
from patrols.models.photos import PhotoKind
from patrols.photos.limits import MOST_BOXES

Shape = serializers.Serializer[Any]
LARGEST_COORDINATE = 100_000


class PhotoFields(Input):
    """What is said of a photo that is added."""

    kind = serializers.ChoiceField(PhotoKind.values, default=PhotoKind.BEFORE)


class PhotoForm(PhotoFields):
    """A form with a picture."""

    photo = serializers.FileField()


class PictureForm(Input):
    """A form with a picture and nothing else."""

    photo = serializers.FileField()


class ReleaseInput(Input):
    """What is made unrecognisable in the public copy: boxes of left, top, width and height in pixels of `full`."""

    boxes = serializers.ListField(
        child=serializers.ListField(
            child=serializers.IntegerField(min_value=0, max_value=LARGEST_COORDINATE), min_length=4, max_length=4
        ),
        max_length=MOST_BOXES,
    )


class UploaderShape(Shape):
    """Who added a photo."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class PhotoShape(Shape):
    """A photo; `small` (320), `large` (1024) and `full` (2560) are addresses of JPEGs by their long edge."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(PhotoKind.values)
    kind_label = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    small = serializers.CharField()
    large = serializers.CharField()
    full = serializers.CharField()
    uploader = UploaderShape(allow_null=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    recorded_at = serializers.DateTimeField()
    public_at = serializers.DateTimeField(allow_null=True)
    public = serializers.CharField(allow_null=True)
    blurred = serializers.BooleanField()


class PhotoDetailShape(PhotoShape):
    """A photo with what the caller may do with it."""

    may_remove = serializers.BooleanField()
    may_release = serializers.BooleanField()
    boxes = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class PhotosShape(Shape):
    """All photos of a report."""

    results = PhotoDetailShape(many=True)
    may_add = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)


class InspectionShape(Shape):
    """What a picture says of itself; `lon` and `lat` only where the caller may report."""

    width = serializers.IntegerField()
    height = serializers.IntegerField()
    taken_at = serializers.DateTimeField(allow_null=True)
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    has_place = serializers.BooleanField()
    within_reach = serializers.BooleanField()
