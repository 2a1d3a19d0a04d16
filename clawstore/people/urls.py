from django.urls import path

from clawstore.people import views

urlpatterns = [
    path("@<str:login>", views.person, name="person"),
    path("@<str:login>/reviews", views.person_reviews, name="person_reviews"),
]
