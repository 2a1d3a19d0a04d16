from django.urls import path

from reviews import views

REVIEWS = "agents/@<str:scope>/<str:name>/reviews"

urlpatterns = [
    path(REVIEWS, views.reviews, name="reviews"),
    path(f"{REVIEWS}/write", views.write, name="write_review"),
    path(f"{REVIEWS}/<str:review_id>", views.review_permalink, name="review"),
    path(f"{REVIEWS}/<str:review_id>/edit", views.edit, name="edit_review"),
    path(f"{REVIEWS}/<str:review_id>/delete", views.delete, name="delete_review"),
    path(f"{REVIEWS}/<str:review_id>/reply", views.reply, name="reply_to_review"),
    path(f"{REVIEWS}/<str:review_id>/reply/delete", views.remove_reply, name="delete_reply"),
]
