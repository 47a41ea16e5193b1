"""Django's administration of places, people and the catalogue, within the person's regions and with history."""

from maps.admin import bodies, catalogue, open311, people, places, plant, posts, rules
from maps.admin.site import site as administration

__all__ = ["administration", "bodies", "catalogue", "open311", "people", "places", "plant", "posts", "rules"]
