"""URL patterns of following."""

from django.urls import path

from clawstore.following import views

urlpatterns = [
    path("account/following", views.following, name="following"),
    path("account/follow", views.follow_one, name="follow"),
    path("feeds/following/<str:token>.atom", views.following_feed, name="feed_following"),
]
