"""All routes."""

urlpatterns: list = []
