"""Page under construction in this commit series."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
