"""Pages of the roof, and the doors of lower floors that take their limit here."""

from django.conf import settings
from django.urls import path

from clawstore.pages import machines, views
from clawstore.pages.about import about
from clawstore.pages.gallery import gallery
from clawstore.pages.own_numbers_views import own_numbers
from foundation.access.views import device
from foundation.limits.middleware import limited

urlpatterns = [
    path("", views.home, name="home"),
    path("about/<slug:chapter>", about, name="about"),
    path("opensearch.xml", views.opensearch, name="opensearch"),
    path("robots.txt", machines.robots, name="robots"),
    path("llms.txt", machines.llms, name="llms"),
    path("sitemap.xml", machines.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>-<int:page>.xml", machines.sitemap, name="sitemap_section"),
    path("publish/agents/@<str:scope>/<str:name>/numbers", own_numbers, name="own_numbers"),
    path("@<str:login>", views.person, name="person"),
    path("@<str:login>/reviews", views.person_reviews, name="person_reviews"),
    # Guessing user codes is counted, looking one up included.
    path("device", limited("auth", methods=("GET", "POST"))(device), name="device"),
    *([path("gallery", gallery, name="gallery")] if settings.IN_DEVELOPMENT else []),
]
