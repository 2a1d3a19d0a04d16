from django.urls import path

from clawstore.author_stats.views import own_numbers

urlpatterns = [
    path("publish/agents/@<str:scope>/<str:name>/numbers", own_numbers, name="own_numbers"),
]
